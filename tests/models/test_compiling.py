"""The functions of C that nutpie calls, against PyMC's own compilation of the same model."""

import ctypes

import numpy as np
import pymc as pm
import pytest

from livingreview.models.nuts.compiling import compile_model
from livingreview.models.nuts.packing import NUMBERS

VECTOR = ctypes.POINTER(ctypes.c_double)
SIZE = ctypes.c_uint64
# Deviations of four effects, and the numbers that are swapped afterwards.
FIRST, OTHER = np.array([0.3, -1.2, 0.8]), np.array([2.0, 0.1, -0.4])


def graph_of(error=0.7):
    """A model with a vector, a transformed scale and a density that can fail."""
    with pm.Model(coords={"effect": ["a", "b", "c"]}) as graph:
        numbers = pm.Data(NUMBERS, FIRST)
        mu, tau = pm.Normal("mu", 0, 2), pm.HalfNormal("tau", 0.5)
        theta = pm.Deterministic("theta", mu + tau * pm.Normal("u", dims="effect"), dims="effect")
        pm.Potential("terms", pm.logp(pm.Normal.dist(theta, error), numbers).sum())
        # A square root has no slope at 0, and is no number below.
        pm.Potential("edge", pm.math.sqrt(mu + 3.0))
    return graph


@pytest.fixture(scope="module")
def model():
    return graph_of()


@pytest.fixture(scope="module")
def compiled(model):
    return compile_model(model, ["mu", "tau", "theta"])


def density(compiled, point):
    """Status, value and slopes."""
    function = ctypes.CFUNCTYPE(ctypes.c_int64, SIZE, *[VECTOR] * 4)(
        compiled.compiled_logp_func.address
    )
    value, slopes = np.zeros(1), np.zeros(point.size)
    arrays = [array.ctypes.data_as(VECTOR) for array in (point, slopes, value, compiled.user_data)]
    return function(point.size, *arrays), value[0], slopes


def at(model, point):
    names = [variable.name for variable in model.value_vars]
    assert names == ["mu", "tau_log__", "u"]
    return {"mu": point[0], "tau_log__": point[1], "u": point[2:]}


@pytest.mark.long
@pytest.mark.parametrize("numbers", [FIRST, OTHER], ids=["as compiled", "swapped"])
def test_value_and_slopes_are_those_of_pymc(model, compiled, numbers):
    point = np.array([0.4, -0.7, 0.5, -1.1, 2.0])
    status, value, slopes = density(compiled.with_data(numbers=numbers), point)
    with model:
        pm.set_data({NUMBERS: numbers})
        expected = model.compile_logp()(at(model, point)), model.compile_dlogp()(at(model, point))
        pm.set_data({NUMBERS: FIRST})
    assert status == 0
    assert value == pytest.approx(float(expected[0]), rel=1e-12)
    np.testing.assert_allclose(slopes, expected[1], rtol=1e-11)


@pytest.mark.long
@pytest.mark.parametrize("mu", [-3.0, -4.0], ids=["no slope", "no value"])
def test_the_sampler_is_asked_to_turn_back_where_the_density_is_no_number(compiled, mu):
    status, *_ = density(compiled, np.array([mu, 0.0, 0.0, 0.0, 0.0]))
    assert status > 0


@pytest.mark.long
def test_draws_hold_the_variables_that_were_asked_for(model, compiled):
    function = ctypes.CFUNCTYPE(ctypes.c_int64, SIZE, SIZE, *[VECTOR] * 3)(
        compiled.compiled_expand_func.address
    )
    point, out = np.array([0.4, -0.7, 0.5, -1.1, 2.0]), np.zeros(compiled.n_expanded)
    arrays = [array.ctypes.data_as(VECTOR) for array in (point, out, compiled.user_data)]
    assert function(point.size, out.size, *arrays) == 0
    values = dict(zip(compiled.shape_info[0], compiled.shape_info[2], strict=True))
    assert values == {"mu": (), "tau": (), "theta": (3,)}
    tau = np.exp(-0.7)
    np.testing.assert_allclose(out, [0.4, tau, *(0.4 + tau * point[2:])], rtol=1e-14)


@pytest.mark.long
def test_what_is_on_disk_is_not_compiled_again(compiled, monkeypatch):
    """Nor is it taken for another model, which may differ in a constant only."""
    monkeypatch.setattr(pm, "compile", lambda *_, **__: pytest.fail("compiled"))
    again = compile_model(graph_of(), ["mu", "tau", "theta"])
    point = np.array([0.4, -0.7, 0.5, -1.1, 2.0])
    assert density(again, point)[1] == density(compiled, point)[1]
    monkeypatch.undo()
    other = compile_model(graph_of(error=0.8), ["mu", "tau", "theta"])
    assert density(other, point)[1] != density(compiled, point)[1]
