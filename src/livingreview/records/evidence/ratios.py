"""Relative effects on the log odds ratio scale."""

from __future__ import annotations

import math

from livingreview.records.evidence.smd import SMD_TO_LOG_ODDS


def to_log_odds(measure: str, centre: float, p0: float) -> tuple[float, float]:
    """Log odds ratio, and the factor for its standard error (delta method).

    Parameters
    ----------
    centre
        Log of a ratio, or the SMD itself.
    p0
        Control probability: a risk or hazard ratio says nothing of odds without one.

    Returns
    -------
    tuple of float
        Not a number where the treated probability would reach 1.
    """
    match measure:
        case "odds_ratio":
            return centre, 1.0
        case "smd":
            return centre * SMD_TO_LOG_ODDS, SMD_TO_LOG_ODDS
        case "risk_ratio":
            p1 = math.exp(centre) * p0
            # d log OR / d log RR = 1 / (1 - p1)
            factor = 1 / (1 - p1) if p1 < 1 else math.nan
        case _:
            # Proportional hazards: survival under treatment is S0 ** HR.
            p1 = -math.expm1(math.exp(centre) * math.log1p(-p0))
            # d log OR / d log HR = -log(1 - p0) HR / p1
            factor = -math.log1p(-p0) * math.exp(centre) / p1
    if p1 >= 1:
        return math.nan, math.nan
    return math.log(p1 / (1 - p1)) - math.log(p0 / (1 - p0)), factor
