"""Measures of an effect that sources report, and their way to an outcome's measure."""

from __future__ import annotations

import math
from typing import Literal, get_args

from livingreview.base.measures import MeasureName
from livingreview.records.evidence.smd import SMD_TO_LOG_ODDS

Reported = Literal[
    "odds_ratio",
    "risk_ratio",
    "hazard_ratio",
    "rate_ratio",
    "log_odds_ratio",
    "log_risk_ratio",
    "log_hazard_ratio",
    "log_rate_ratio",
    "smd",
    "mean_difference",
]
REPORTED: tuple[Reported, ...] = get_args(Reported)
# Measures whose way to an odds ratio needs the control share.
OF_SHARES = ("risk_ratio", "hazard_ratio")


def is_ratio(measure: str) -> bool:
    """Whether a measure is a ratio, and not its logarithm or a difference."""
    return measure.endswith("_ratio") and not measure.startswith("log_")


def natural(measure: str) -> str:
    """The measure, or of a logarithm the ratio."""
    return measure.removeprefix("log_")


def outcome_measure(measure: str) -> MeasureName:
    """MeasureName of an outcome that a reported one can be turned into."""
    match natural(measure):
        case "rate_ratio":
            return "rate_ratio"
        case "mean_difference":
            return "mean_difference"
        case _:
            return "odds_ratio"


def to_line(measure: str, value: float) -> float:
    """Value on the scale on which it is roughly normal: the logarithm of a ratio."""
    return math.log(value) if is_ratio(measure) else value


def to_outcome(measure: str, centre: float, p0: float) -> tuple[float, float]:
    """Value on the scale of the outcome, and the factor for its standard error (delta method).

    That is the log odds ratio, unless the measure is a rate ratio or a difference of means.

    Parameters
    ----------
    measure
        Not a logarithm: `natural`.
    centre
        Log of a ratio, or a difference itself.
    p0
        Control probability: a risk or hazard ratio says nothing of odds without one.

    Returns
    -------
    tuple of float
        Not a number where the treated probability would reach 1.
    """
    match measure:
        case "odds_ratio" | "rate_ratio" | "mean_difference":
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
