"""Compile a PyMC model for nutpie, so that a later process finds all of it on disk.

PyTensor keeps a compiled density on disk. nutpie calls it through a function of C, for which its
own `compile_pymc_model` has numba link and optimise the whole density anew in each process: 5
seconds for each graph. Here that function is kept on disk beside the density.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from hashlib import sha256
from math import prod
from typing import Any, Self

import numba
import numpy as np
import pandas as pd
import pymc as pm
import pytensor.tensor as pt
from numba.core.ccallback import CFunc
from nutpie.compile_pymc import CompiledPyMCModel
from pymc.initial_point import make_initial_point_fn
from pymc.pytensorf import gradient, join_nonshared_inputs, rewrite_pregrad
from pytensor.link.numba.cache import CACHED_SRC_FUNCTIONS, compile_numba_function_src

from livingreview.effects.data_set import Floats
from livingreview.models.nuts.packing import NUMBERS

_VECTOR = numba.types.CPointer(numba.types.double)
_SIZE = numba.types.uint64
# What nutpie is answered: 0; above it, that it should turn back; below it, that it should stop.
_DENSITY = """
def density(size, point, slopes, value, numbers):
    try:
        of_point, of_slopes = compiled(carray(point, ({point},)), carray(numbers, ({numbers},)))
        value[0] = of_point.item()
        for i in range({point}):
            slopes[i] = of_slopes[i]
            if not isfinite(of_slopes[i]):
                return 3
        if not isfinite(value[0]):
            return 4
    except Exception:
        return 1
    return 0
"""
_VARIABLES = """
def variables(size, length, point, out, numbers):
    try:
        (values,) = compiled(carray(point, ({point},)), carray(numbers, ({numbers},)))
        for i in range({length}):
            out[i] = values[i]
    except Exception:
        return -2
    return 0
"""


@dataclass(frozen=True)
class CompiledModel(CompiledPyMCModel):
    """A model whose only data is the vector `NUMBERS`.

    Attributes
    ----------
    user_data : ndarray
        That vector, to which the functions of C are given a pointer.
    """

    user_data: Floats

    def with_data(self, **updates: Floats) -> Self:
        """The same with other numbers."""
        return replace(self, user_data=np.array(updates[NUMBERS]))


def compile_model(model: pm.Model, stored: Collection[str] | None = None) -> CompiledModel:
    """Compile a model whose only data is the vector `NUMBERS`.

    Parameters
    ----------
    model : pymc.Model
    stored : collection of str, optional
        Names of variables that draws hold, where the model has them; all by default.
    """
    every = [variable.name for variable in model.unobserved_RVs]
    names = [name for name in every if stored is None or name in stored]
    value = rewrite_pregrad(model.logp())
    slopes = gradient(value, model.value_vars)
    variables = model.replace_rvs_by_values([model[name] for name in names])
    start = model.initial_point()
    graphs, point = join_nonshared_inputs(start, [value, slopes, *variables], model.value_vars)
    numbers = model[NUMBERS].type(NUMBERS)

    def compiled(outputs: list[pt.TensorVariable], mode: str = "NUMBA") -> Any:
        givens = {model[NUMBERS]: numbers}
        return pm.compile(
            [point, numbers], outputs, givens=givens, mode=mode, on_unused_input="ignore"
        )

    values = model[NUMBERS].get_value()
    draw_start = make_initial_point_fn(
        model=model, jitter_rvs={*model.free_RVs}, return_transformed=True
    )

    def initial_point(seed: int) -> Floats:
        drawn = draw_start(seed)
        return np.concatenate([np.ravel(drawn[name]) for name in start])

    shape_of = compiled([variable.shape for variable in graphs[2:]], "FAST_COMPILE")
    shapes = [tuple(map(int, shape)) for shape in shape_of(initial_point(0), values)]
    sizes = {
        "point": sum(np.size(part) for part in start.values()),
        "numbers": values.size,
        "length": sum(map(prod, shapes)),
    }
    joined = pt.concatenate([variable.ravel() for variable in graphs[2:]])
    return CompiledModel(
        dims=dict(model.named_vars_to_dims),
        compiled_logp_func=_callback(
            _DENSITY.format(**sizes), compiled(graphs[:2]), (_SIZE, *[_VECTOR] * 4)
        ),
        compiled_expand_func=_callback(
            _VARIABLES.format(**sizes), compiled([joined]), (_SIZE, _SIZE, *[_VECTOR] * 3)
        ),
        initial_point_func=initial_point,
        shared_data={},
        shared_var_keys={},
        user_data=values,
        n_expanded=sizes["length"],
        shape_info=(names, None, shapes),
        logp_func=None,
        expand_func=None,
        _n_dim=sizes["point"],
        _shapes=dict(zip(names, shapes, strict=True)),
        _coords={name: pd.Index(values) for name, values in model.coords.items()},
    )


def _callback(source: str, function: Any, arguments: tuple[Any, ...]) -> CFunc:
    """A function of C around what PyTensor compiled, from disk where it was made before."""
    inner = function.vm.jit_fn
    key = sha256(f"{CACHED_SRC_FUNCTIONS[inner.py_func]}{source}".encode()).hexdigest()
    names = {"compiled": inner, "carray": numba.carray, "isfinite": np.isfinite}
    name = source.split("(")[0].removeprefix("\ndef ")
    outer = compile_numba_function_src(source, name, names | {"__name__": __name__}, cache_key=key)
    return numba.cfunc(numba.types.int64(*arguments), cache=True)(outer)
