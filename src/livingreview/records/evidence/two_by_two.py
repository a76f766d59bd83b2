"""Two arms and an event: the log odds ratio, and the z of the usual tests.

Arms are given as events and people, or as people and the probability of the
event; neither events nor people need be whole (effective sizes of clusters).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

# Limit of the search, far beyond the log odds ratio at which z peaks at any baseline and sizes.
LARGEST_LOG_ODDS_RATIO = 40.0


def log_odds_ratio(
    events_treated: float, n_treated: float, events_control: float, n_control: float
) -> tuple[float, float]:
    """Log odds ratio and its standard error from a 2x2 table.

    Half an event is added to each cell when one of them is empty (Haldane 1956,
    Annals of Human Genetics 20, 309-311). Used where one normal number is
    needed; the likelihood of counts is exact and needs no correction.
    """
    a, b, c, d = _cells(events_treated, n_treated, events_control, n_control)
    return math.log(a * d / (b * c)), math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)


def z_of_usual_tests(
    events_treated: float, n_treated: float, events_control: float, n_control: float
) -> tuple[float, ...]:
    """Z by every test that a study may have made of its 2x2 table.

    Of the log odds ratio and the log risk ratio (Wald, half an event added where a cell is
    empty), and of the difference of proportions, without and with Yates' correction (the roots
    of Pearson's chi-squared).
    """
    value, error = log_odds_ratio(events_treated, n_treated, events_control, n_control)
    a, b, c, d = _cells(events_treated, n_treated, events_control, n_control)
    risk_ratio = math.log(a / (a + b) / (c / (c + d)))
    risk_error = math.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))
    p_treated, p_control = events_treated / n_treated, events_control / n_control
    pooled = (pooled_z(p_treated, p_control, n_treated, n_control, y) for y in (False, True))
    return value / error, risk_ratio / risk_error, *pooled


def _cells(
    events_treated: float, n_treated: float, events_control: float, n_control: float
) -> tuple[float, ...]:
    cells = (events_treated, n_treated - events_treated, events_control, n_control - events_control)
    return tuple(x + 0.5 for x in cells) if 0 in cells else cells


def pooled_z(
    p_treated: float, p_control: float, n_treated: float, n_control: float, yates: bool = False
) -> float:
    """Z of a difference of proportions, its variance from both arms together.

    Its square is Pearson's chi-squared of the 2x2 table; with `yates`, the one
    with Yates' continuity correction.
    """
    p = (n_treated * p_treated + n_control * p_control) / (n_treated + n_control)
    inverse = 1 / n_treated + 1 / n_control
    difference = p_treated - p_control
    size = max(abs(difference) - (inverse / 2 if yates else 0.0), 0.0)
    if size == 0 or not 0 < p < 1:
        return 0.0
    return math.copysign(size / math.sqrt(p * (1 - p) * inverse), difference)


def woolf_error(
    control_logit: Any, theta: Any, n_treated: Any, n_control: Any, library: Any = math
) -> Any:
    """Large-sample standard error of a log odds ratio θ at given event probabilities.

    SE² = 1 / (n₁ p₁ (1 - p₁)) + 1 / (n₀ p₀ (1 - p₀)) with logit p₁ = logit p₀ + θ
    (Woolf 1955, Annals of Human Genetics 19, 251-253). For numbers, arrays or tensors, by the
    `cosh` and `sqrt` of their library: `math`, `numpy` or `pytensor.tensor`.
    """
    # 1 / (p (1 - p)) = 2 + 2 cosh(logit p), which keeps its digits when p is near 0 or 1.
    treated = (2.0 + 2.0 * library.cosh(control_logit + theta)) / n_treated
    return library.sqrt(treated + (2.0 + 2.0 * library.cosh(control_logit)) / n_control)


def standard_error_at(
    log_odds_ratio: float, n_treated: float, n_control: float, baseline: float
) -> float:
    """Standard error of a log odds ratio in a study of given size and control probability."""
    from scipy.special import logit  # slow to import, and a check of records needs none of it

    return float(woolf_error(logit(baseline), log_odds_ratio, n_treated, n_control))


def z_at(log_odds_ratio: float, n_treated: float, n_control: float, baseline: float) -> float:
    """Wald z of a log odds ratio θ in a study of given size: θ / SE(θ)."""
    return log_odds_ratio / standard_error_at(log_odds_ratio, n_treated, n_control, baseline)


def log_odds_ratio_at(z: float, n_treated: float, n_control: float, baseline: float) -> float:
    """Log odds ratio at which a study of given size reports a given z.

    The root nearest to 0; infinite, with the sign of `z`, when `z` is, or when no odds ratio
    reaches it in groups of this size.

    Notes
    -----
    For a finding this is a picture of the statement and not what the model uses:
    there the baseline is uncertain, and z varies around its expectation. A study
    that reported means, times to an event or adjusted effects had another
    standard error altogether. With growing θ the Wald z rises to a peak and falls
    again, as p₁ nears 0 or 1 (Hauck and Donner 1977, JASA 72, 851-853); only the
    rising part is meant.

    Examples
    --------
    >>> round(math.exp(log_odds_ratio_at(1.96, 100, 100, 0.5)), 2)
    1.76
    """
    sign = math.copysign(1.0, z)

    def size_of_z(distance: float) -> float:
        return sign * z_at(sign * distance, n_treated, n_control, baseline)

    from scipy.optimize import minimize_scalar  # slow to import, and few records need it

    peak = minimize_scalar(
        lambda distance: -size_of_z(distance), bounds=(0, LARGEST_LOG_ODDS_RATIO), method="bounded"
    ).x
    return _root(z, size_of_z, float(peak))


def log_odds_ratio_at_pooled_z(
    z: float, n_treated: float, n_control: float, baseline: float, yates: bool = False
) -> float:
    """Log odds ratio at which `pooled_z` is `z`; parameters and result as `log_odds_ratio_at`."""
    from scipy.special import expit, logit  # as above

    sign = math.copysign(1.0, z)

    def size_of_z(distance: float) -> float:
        p_treated = float(expit(logit(baseline) + sign * distance))
        return sign * pooled_z(p_treated, baseline, n_treated, n_control, yates)

    return _root(z, size_of_z, LARGEST_LOG_ODDS_RATIO)


def _root(z: float, size_of_z: Callable[[float], float], furthest: float) -> float:
    """Signed distance at which a rising function reaches |z|; infinite where it never does."""
    # No further from 0 than rounding leaves the z of no difference.
    if abs(z) <= abs(size_of_z(0.0)):
        return math.copysign(0.0, z)
    if math.isinf(z):
        return z
    if size_of_z(furthest) < abs(z):
        return math.copysign(math.inf, z)
    from scipy.optimize import brentq  # as above

    distance = float(brentq(lambda distance: size_of_z(distance) - abs(z), 0.0, furthest))
    return math.copysign(distance, z)
