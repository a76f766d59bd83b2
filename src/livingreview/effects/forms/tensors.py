"""Logs of probabilities in PyTensor that keep their digits in the tails.

The interval probability is written so that neither value nor gradient is lost in either tail
(docs/methods.md, "The interval likelihood").
"""

from __future__ import annotations

import numpy as np
import pytensor.tensor as pt

from livingreview.effects.forms.form import Indices, Tensor

_SQRT_2 = float(np.sqrt(2.0))


def elements(values: Tensor, index: Indices, length: int) -> Tensor:
    """Elements at `index`; a run of neighbours is sliced, which compiles ten times faster."""
    if not index.size:
        return values[:0]
    first, last = int(index[0]), int(index[-1])
    if np.array_equal(index, np.arange(first, last + 1)):
        return values if index.size == length else values[first : last + 1]
    return values[index]


def log_normal_cdf(x: Tensor) -> Tensor:
    """Log of the standard normal distribution function, stable for any x.

    Each branch sees only arguments from its own side, so that the branch not
    taken cannot put a NaN into the gradient.
    """
    right = pt.log1p(-0.5 * pt.erfc(pt.maximum(x, 0.0) / _SQRT_2))
    return pt.switch(pt.lt(x, 0.0), _log_lower_half(x), right)


def _log_lower_half(x: Tensor) -> Tensor:
    """As `log_normal_cdf` for x below 0, and log(1/2) from there."""
    below = pt.minimum(x, 0.0)
    return pt.log(0.5 * pt.erfcx(-below / _SQRT_2)) - 0.5 * below**2


def log_interval_probability(low: Tensor, high: Tensor, centre: Tensor) -> Tensor:
    """Log P(low < z < high) for z ~ normal(centre, 1).

    `low`, `high`: bounds with low < high; either may be infinite. `centre`: expected z.
    """
    open_below, open_above = pt.isinf(low), pt.isinf(high)
    a = pt.switch(open_below, 0.0, low) - centre
    b = pt.switch(open_above, 0.0, high) - centre
    # Mirror an interval in the upper tail into the lower one, where log Phi keeps its digits.
    mirror = pt.gt(a, 0.0)
    a_low, b_low = pt.switch(mirror, -b, a), pt.switch(mirror, -a, b)
    # Of an open interval this one probability is all.
    log_b = log_normal_cdf(pt.switch(open_below, b, pt.switch(open_above, -a, b_low)))
    # The step below 0 only guards the branch that is not taken (there a may exceed b).
    gap = pt.minimum(_log_lower_half(a_low) - log_b, -1e-15)
    closed = log_b + pt.log1mexp(gap)
    return pt.switch(open_below | open_above, log_b, closed)


def log_normal_density(value: Tensor, error: Tensor, centre: Tensor) -> Tensor:
    """Normal log density of an estimate with known standard error."""
    return -0.5 * ((value - centre) / error) ** 2 - pt.log(error) - 0.5 * np.log(2 * np.pi)
