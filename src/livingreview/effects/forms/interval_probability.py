r"""The log probability that a normal number lies between two bounds, as one PyTensor operation.

Neither value nor slope is lost in either tail (docs/methods.md, "The interval likelihood"). As one
operation it takes the branch that its arguments need: written in PyTensor's own operations, all
branches and their derivatives are computed each time, which takes three times as long.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import numba
import numpy as np
import pytensor.scalar as ps
from pytensor.link.numba.dispatch.basic import register_funcify_and_cache_key
from pytensor.scalar.basic import ScalarOp, upgrade_to_float
from pytensor.tensor.elemwise import Elemwise

HALF_LOG_2_PI = 0.5 * math.log(2 * math.pi)
# Below it the asymptotic series is exact to the last digits.
FAR = -20.0


@numba.njit
def log_scaled_cdf(x: float) -> float:
    """Log of the standard normal distribution function over exp(-x^2 / 2), x below 0."""
    if x >= FAR:
        return np.log(0.5 * math.erfc(-x * math.sqrt(0.5))) + 0.5 * x**2
    # Abramowitz and Stegun 1964, 26.2.12.
    y, series = x**-2, 0.0
    for factor in (13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0):
        series = -y * factor * (1.0 + series)
    return np.log1p(series) - np.log(-x) - HALF_LOG_2_PI


@numba.njit
def log_cdf(x: float) -> float:
    """Log of the standard normal distribution function."""
    if x >= 0:
        return np.log1p(-0.5 * math.erfc(x * math.sqrt(0.5)))
    return log_scaled_cdf(x) - 0.5 * x**2


@numba.njit
def log_interval(low: float, high: float, centre: float) -> float:
    """Log P(low < z < high) for z ~ normal(centre, 1)."""
    a, b = low - centre, high - centre
    # An interval in the upper tail is mirrored into the lower one, where log Phi keeps its digits.
    if a > 0:
        a, b = -b, -a
    if np.isinf(a):
        return log_cdf(b)
    if np.isinf(b):
        return log_cdf(-a)
    log_b = log_cdf(b)
    # Of a narrow interval the squares in the logs would leave few digits of their difference.
    gap = (
        log_scaled_cdf(a) - log_scaled_cdf(b) + 0.5 * (high - low) * (a + b)
        if b < 0
        else log_cdf(a) - log_b
    )
    gap = min(gap, -1e-15)
    # Maechler 2012, Accurately computing log(1 - exp(-|a|)), vignette of R's package Rmpfr.
    return log_b + (np.log(-np.expm1(gap)) if gap > -math.log(2) else np.log1p(-np.exp(gap)))


class LogIntervalProbability(ScalarOp):
    """`log_interval` as an operation on scalars of PyTensor."""

    nin = 3

    def __init__(self) -> None:
        super().__init__(upgrade_to_float, name="log_interval_probability")

    def impl(self, low: float, high: float, centre: float) -> float:
        """Value."""
        return log_interval(low, high, centre)

    def c_code(self, *arguments: Any) -> str:
        """None: numba compiles it."""
        raise NotImplementedError

    def pullback(
        self, inputs: Sequence[Any], outputs: Sequence[Any], grads: Sequence[Any]
    ) -> list[Any]:
        r"""Slopes: :math:`-\phi(a) / P`, :math:`\phi(b) / P` and minus their sum.

        The last is the larger density times :math:`1 - e^{-(b - a) |a + b| / 2}`, so that it keeps
        its digits where the interval is narrow.
        """
        (low, high, centre), (log_p,), (slope,) = inputs, outputs, grads
        a, b = low - centre, high - centre

        def over_p(x: Any) -> Any:
            return ps.exp(-0.5 * x**2 - HALF_LOG_2_PI - log_p)

        sign: Any = ps.switch(ps.gt(a + b, 0), -1.0, 1.0)
        lost: Any = ps.expm1(-0.5 * (high - low) * abs(a + b))
        nearest = over_p(ps.minimum(abs(a), abs(b)))
        return [-slope * over_p(a), slope * over_p(b), slope * sign * lost * nearest]


# What numba compiles, in the order in which one calls another.
PARTS = (log_scaled_cdf, log_cdf, log_interval)
log_interval_probability = Elemwise(LogIntervalProbability())


@register_funcify_and_cache_key(LogIntervalProbability)
def compiled_by_numba(op: ScalarOp, node: Any, **kwargs: Any) -> tuple[Any, str]:
    """The function, and what it is kept on disk by: its text, and that of its slopes."""
    parts = [*(part.py_func for part in PARTS), LogIntervalProbability.pullback]
    text = "".join(map(inspect.getsource, parts))
    return log_interval, sha256(text.encode()).hexdigest()
