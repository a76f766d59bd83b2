"""What a statement of direction and significance says on the odds ratio scale.

Used to draw a finding; the likelihood of a finding works on z itself.
"""

from __future__ import annotations

import math

from scipy.optimize import brentq, minimize_scalar
from scipy.special import logit

# Far beyond the log odds ratio at which z peaks, for any baseline and group sizes.
LARGEST_LOG_ODDS_RATIO = 40.0


def z_at(log_odds_ratio: float, n_treated: float, n_control: float, baseline: float) -> float:
    """Wald z of a log odds ratio θ in a study of given size.

    z = θ / SE(θ), with SE² = 1 / (n₁ p₁ (1 - p₁)) + 1 / (n₀ p₀ (1 - p₀)) and
    logit p₁ = logit p₀ + θ (Woolf 1955, Annals of Human Genetics 19, 251-253).
    """
    control = logit(baseline)
    # 1 / (p (1 - p)) = 2 + 2 cosh(logit p), which keeps its digits when p is near 0 or 1.
    squared = (2 + 2 * math.cosh(control + log_odds_ratio)) / n_treated
    squared += (2 + 2 * math.cosh(control)) / n_control
    return log_odds_ratio / math.sqrt(squared)


def log_odds_ratio_at(z: float, n_treated: float, n_control: float, baseline: float) -> float:
    """Log odds ratio at which a study of given size reports a given z.

    Parameters
    ----------
    z : float
        Bound that a statement names; may be infinite.
    n_treated, n_control : float
        People in the two groups.
    baseline : float
        Probability of the outcome under the control condition.

    Returns
    -------
    float
        The root nearest to 0; infinite, with the sign of `z`, when `z` is, or
        when no odds ratio reaches it in groups of this size.

    Notes
    -----
    The control probability is held at the centre of its prior, so the result is
    a picture of the statement and not what the model uses: there the baseline is
    uncertain, and z varies around its expectation. A study that reported means,
    times to an event or adjusted effects had another standard error altogether.
    With growing θ the Wald z rises to a peak and falls again, as p₁ nears 0 or 1
    (Hauck and Donner 1977, JASA 72, 851-853); only the rising part is meant.

    Examples
    --------
    >>> round(math.exp(log_odds_ratio_at(1.96, 100, 100, 0.5)), 2)
    1.76
    """
    if z == 0 or math.isinf(z):
        return z
    sign = math.copysign(1.0, z)

    def size_of_z(distance: float) -> float:
        return sign * z_at(sign * distance, n_treated, n_control, baseline)

    peak = minimize_scalar(
        lambda distance: -size_of_z(distance), bounds=(0, LARGEST_LOG_ODDS_RATIO), method="bounded"
    ).x
    if size_of_z(peak) < abs(z):
        return math.copysign(math.inf, z)
    return sign * float(brentq(lambda distance: size_of_z(distance) - abs(z), 0.0, peak))
