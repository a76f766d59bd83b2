"""Standardised mean differences: Hedges' g, and its way to a log odds ratio."""

from __future__ import annotations

import math

# Factor from an SMD to a log odds ratio: the standard deviation of the logistic distribution.
# Chinn 2000, Statistics in Medicine 19, 3127-3131.
SMD_TO_LOG_ODDS = math.pi / math.sqrt(3)
LOGISTIC = "logistic distribution behind the SMD"


def small_sample_correction(degrees: float) -> float:
    """J that turns d into the unbiased g, exact (Hedges 1981, J. Educ. Stat. 6, 107-128).

    The degrees of freedom are those of the pooled standard deviation, and above 1.
    """
    from numpy import exp  # slow to import, and a check of records needs none of it
    from scipy.special import gammaln

    ratio = gammaln(degrees / 2) - gammaln((degrees - 1) / 2)
    return float(exp(ratio) / math.sqrt(degrees / 2))


def hedges_g(
    d: float, n_treated: float, n_control: float, ratio: float = 1.0
) -> tuple[float, float]:
    """Hedges' g of a standardised mean difference, and its standard error.

    The variance 1/n₁ + 1/n₀ + g²/(2(n₁ + n₀)) is the large-sample one at g (Hedges
    1982, Psychological Bulletin 92, 490-499), metafor's default for `SMD`. Where what is
    averaged varies less than the score among people, such as its change, its first two terms
    are multiplied by the ratio of variances.
    """
    people = n_treated + n_control
    g = small_sample_correction(people - 2) * d
    return g, math.sqrt((1 / n_treated + 1 / n_control) * ratio + g**2 / (2 * people))


def z_from_t(t: float, degrees: float) -> float:
    """Normal deviate with the p value of a t statistic."""
    from scipy.special import ndtri, stdtr  # as above

    p = float(stdtr(degrees, -abs(t)))
    # Beyond the smallest float p says no more; either is then far past any bound.
    return math.copysign(-float(ndtri(p)) if p > 0 else abs(t), t)
