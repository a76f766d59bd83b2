"""Compile a PyMC model for nutpie, so that a later process finds all of it on disk.

PyTensor keeps a compiled density on disk. nutpie calls it through a function of C, for which its
own `compile_pymc_model` has numba link and optimise the whole density anew in each process: 5
seconds for each graph. Here that function is kept on disk beside the density.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from math import prod
from threading import Lock
from typing import Any, Self

import numba
import numpy as np
import pandas as pd
import pymc as pm
import pytensor
import pytensor.tensor as pt
from numba.core.ccallback import CFunc
from numba.extending import overload
from nutpie.compile_pymc import CompiledPyMCModel
from pymc.initial_point import make_initial_point_fn
from pymc.pytensorf import gradient, join_nonshared_inputs, rewrite_pregrad
from pytensor.graph import Constant, FunctionGraph
from pytensor.link.numba.cache import compile_numba_function_src
from pytensor.link.numba.dispatch.basic import numba_funcify_and_cache_key

from livingreview.effects.data_set import Floats
from livingreview.models.nuts.packing import NUMBERS

_VECTOR = numba.types.CPointer(numba.types.double)
_SIZE = numba.types.uint64
# What nutpie is answered: 0; above it, that it should turn back; below it, that it should stop.
_DENSITY = """
def callback(size, point, slopes, value, numbers):
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
def callback(size, length, point, out, numbers):
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
    log_p = model.logp()
    variables = model.replace_rvs_by_values([model[name] for name in names])
    start = model.initial_point()
    values, numbers = model[NUMBERS].get_value(), model[NUMBERS].type(NUMBERS)

    def compiled(outputs: Sequence[pt.TensorVariable]) -> Any:
        graphs, point = join_nonshared_inputs(start, outputs, model.value_vars)
        givens = {model[NUMBERS]: numbers}
        inputs = [point, numbers]
        function = pm.compile(inputs, graphs, givens=givens, mode="NUMBA", on_unused_input="ignore")
        return function.vm.jit_fn

    def density() -> Any:
        value = rewrite_pregrad(log_p)
        return compiled([value, gradient(value, model.value_vars)])

    def draws() -> Any:
        return compiled([pt.concatenate([variable.ravel() for variable in variables])])

    draw_start = make_initial_point_fn(
        model=model, jitter_rvs={*model.free_RVs}, return_transformed=True
    )

    # Chains that run side by side ask at once, and the function works on memory of its own.
    one_at_a_time = Lock()

    def initial_point(seed: int) -> Floats:
        with one_at_a_time:
            drawn = draw_start(seed)
        return np.concatenate([np.ravel(drawn[name]) for name in start])

    dimensions = {name: model.named_vars_to_dims.get(name, ()) for name in names}
    shapes = [tuple(len(model.coords[d]) for d in dimensions[name]) for name in names]
    sizes = {
        "point": sum(np.size(part) for part in start.values()),
        "numbers": values.size,
        "length": sum(map(prod, shapes)),
    }
    identity = _identity(model, [log_p, *variables])
    of_density, of_variables = _DENSITY.format(**sizes), _VARIABLES.format(**sizes)
    return CompiledModel(
        dims=dict(model.named_vars_to_dims),
        compiled_logp_func=_callback(of_density, identity, density, (_SIZE, *[_VECTOR] * 4)),
        compiled_expand_func=_callback(
            of_variables, identity, draws, (_SIZE, _SIZE, *[_VECTOR] * 3)
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


def _identity(model: pm.Model, outputs: Sequence[pt.TensorVariable]) -> str:
    """All that compiled functions hang on: the graph as PyTensor identifies it, and versions.

    The graph is that before PyTensor works it out: slopes and rewriting take most of the time.
    """
    lengths = [*model.dim_lengths.values()]
    shared = [length for length in lengths if not isinstance(length, Constant)]
    graph = FunctionGraph([*model.value_vars, model[NUMBERS], *shared], outputs, clone=True)
    _, key = numba_funcify_and_cache_key(graph)
    if key is None:
        raise TypeError("the model has an operation that PyTensor cannot keep on disk")
    sizes = [int(length.eval()) for length in lengths]
    return f"{key} {sizes} {[module.__version__ for module in (pytensor, pm, numba)]}"


def _callback(
    source: str, identity: str, make: Callable[[], Any], arguments: tuple[Any, ...]
) -> CFunc:
    """A function of C around what `make` compiles, from disk where it was made before."""

    def compiled(point: Floats, numbers: Floats) -> Any:
        """What `make` compiles: numba asks for it where the function of C is not on disk."""

    def implementation() -> Callable[[Any, Any], Any]:
        made = make()
        return lambda point, numbers: made(point, numbers)

    overload(compiled)(lambda point, numbers: implementation())
    names = {"compiled": compiled, "carray": numba.carray, "isfinite": np.isfinite}
    names["__name__"] = __name__
    key = sha256(f"{identity}{source}".encode()).hexdigest()
    outer = compile_numba_function_src(source, "callback", names, cache_key=key)
    return numba.cfunc(numba.types.int64(*arguments), cache=True)(outer)
