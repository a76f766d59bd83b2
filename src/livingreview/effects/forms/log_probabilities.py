"""Logs of probabilities in NumPy that keep their digits in the tails."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln, log_ndtr

from livingreview.effects.forms.form import Floats

# log(1 + e^x) is x to the last digit far below this, and e^x is still a number.
LARGE = 300.0


def log_interval_probability(low: float, high: float, centre: Floats) -> Floats:
    """Log P(low < z < high) for z ~ normal(centre, 1), of scalar bounds of which one is finite."""
    if np.isinf(low):
        return log_ndtr(high - centre)
    if np.isinf(high):
        return log_ndtr(centre - low)
    below, above = low - centre, high - centre
    # From the side on which both tails are small.
    mirror = below > 0
    near, far = np.where(mirror, -above, below), np.where(mirror, -below, above)
    log_far, log_near = log_ndtr(far), log_ndtr(near)
    return log_far + np.log1p(-np.exp(np.minimum(log_near - log_far, -1e-300)))


def log_bounded_probability(low: Floats, high: Floats, centre: Floats) -> Floats:
    """The same of finite bounds in arrays; -inf where they hold nothing between them."""
    low, high = low - centre, high - centre
    mirror = low > 0
    a, b = np.where(mirror, -high, low), np.where(mirror, -low, high)
    log_b, log_a = log_ndtr(b), log_ndtr(a)
    with np.errstate(divide="ignore"):
        inside = log_b + np.log1p(-np.exp(np.minimum(log_a - log_b, -1e-300)))
    return np.where(low < high, inside, -np.inf)


def softplus(x: Floats) -> Floats:
    """log(1 + e^x), from functions that numpy has much faster than its `logaddexp`."""
    bounded = np.minimum(x, LARGE)
    return np.log1p(np.exp(bounded)) + (x - bounded)


def log_choose(n: float, k: Floats) -> Floats:
    """Log of the number of ways to choose k of n."""
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
