"""A relative effect: one route for each reported measure of its uncertainty."""

from __future__ import annotations

import math
from itertools import product

from scipy.special import ndtri

from livingreview.records.evidence.baselines import ControlRisk
from livingreview.records.evidence.clusters import Clustering
from livingreview.records.evidence.ranges import Range, rounding
from livingreview.records.evidence.reported import Estimate
from livingreview.records.evidence.route import AS_REPORTED, Route, Term, join_assumptions
from livingreview.records.evidence.smd import LOGISTIC, SMD_TO_LOG_ODDS

CONVERTED = ("risk_ratio", "hazard_ratio")


def routes_of_estimate(
    i: int, piece: Estimate, control: ControlRisk, clusters: Clustering
) -> list[Route]:
    """Routes by standard error, interval and exact p value, as far as they are reported."""
    value = rounding(piece.value)
    centre = _to_log(piece, piece.value)
    errors: dict[str, tuple[float, Range]] = {}
    if (se := piece.standard_error) is not None:
        errors["standard_error"] = (se, rounding(se))
    if piece.interval is not None:
        errors["interval"] = _error_from_interval(piece)
    if piece.p_value is not None and centre != 0:
        errors["p_value"] = _error_from_p(piece)
    if not errors:
        reason = "an estimate without standard error, interval or exact p value"
        return [Route(i, "estimate", AS_REPORTED, reason=reason)]
    y, slope = to_log_odds(piece.measure, centre, control.probability)
    if not math.isfinite(y):
        what = f"a {piece.measure.replace('_', ' ')} of {piece.value:g}"
        reason = f"{what} is impossible at a baseline of {control.probability:g}"
        return [Route(i, "estimate", name, reason=reason) for name in errors]
    converted = piece.measure in CONVERTED
    assumption = control.assumption if converted else LOGISTIC if piece.measure == "smd" else ""
    factor = slope * clusters.inflation
    return [
        Route(
            piece=i,
            kind="estimate",
            alternative=name,
            terms=(Term("normal", value=y, standard_error=error * factor),),
            assumption=join_assumptions(assumption, clusters.assumption),
            formula=f"estimate from {piece.measure} and {name}"
            + (control.formula if converted else ""),
            value=y,
            error=error * factor,
            log_odds_ratio=_possible_log_odds(piece, value, control),
            standard_error=possible.times(factor),
            z=_possible_z(piece, name, value, possible).times(1 / clusters.inflation),
            z_printed=centre / error / clusters.inflation,
            scale="smd" if piece.measure == "smd" else "odds",
            converted=converted,
            clustering=clusters.state,
        )
        for name, (error, possible) in errors.items()
    ]


def _to_log(piece: Estimate, value: float) -> float:
    """Value on the scale on which it is roughly normal."""
    return value if piece.measure == "smd" else math.log(value)


def _logs(piece: Estimate, value: Range) -> tuple[float, float]:
    """Both ends on that scale; rounding never reaches a ratio of 0 nor passes a ratio of 1."""
    return _to_log(piece, value.low), _to_log(piece, value.high)


def _possible_log_odds(piece: Estimate, value: Range, control: ControlRisk) -> Range:
    """What rounding leaves; one-sided where the control probability is assumed."""
    if piece.measure in CONVERTED and not control.own:
        # A ratio of risks or hazards bounds the odds ratio at any control probability: it is
        # further from 1, and goes to infinity or 0 as the control probability goes to 1.
        return Range.spanning(_logs(piece, value)).outward()
    corners = [
        to_log_odds(piece.measure, end, p)[0]
        for end, p in product(_logs(piece, value), (control.possible.low, control.possible.high))
    ]
    # A risk ratio that passes certainty at the far end of its rounding has odds without bound.
    return Range.spanning(math.inf if math.isnan(y) else y for y in corners)


def _error_from_interval(piece: Estimate) -> tuple[float, Range]:
    """Standard error from a confidence interval that is symmetric on the analysis scale."""
    assert piece.interval is not None
    width = 2 * ndtri(0.5 + piece.interval_percent / 200)
    low, high = (_logs(piece, rounding(bound)) for bound in piece.interval)
    error = (_to_log(piece, piece.interval[1]) - _to_log(piece, piece.interval[0])) / width
    shortest, longest = (high[0] - low[1]) / width, (high[1] - low[0]) / width
    # Bounds printed alike but for the last digit may even have been equal.
    return error, Range(max(shortest, 0.0), longest)


def _error_from_p(piece: Estimate) -> tuple[float, Range]:
    """Standard error from an exact two-sided p value."""
    assert piece.p_value is not None
    low, high = sorted(map(abs, _logs(piece, rounding(piece.value))))
    z = z_from_p(piece.p_value)
    error = abs(_to_log(piece, piece.value)) / z_from_p(piece.p_value, exactly=True).low
    return error, Range(low / z.high, high / z.low)


def z_from_p(p_value: float, exactly: bool = False) -> Range:
    """Absolute z that a two-sided p value leaves possible, its rounding allowed for or not."""
    p = Range(p_value, p_value) if exactly else rounding(p_value)
    low, high = (-float(ndtri(bound / 2)) for bound in (min(p.high, 1 - 1e-12), p.low))
    return Range(low, high)


def _possible_z(piece: Estimate, name: str, value: Range, error: Range) -> Range:
    """What the study's own z may be: from p itself, or from the value and its standard error."""
    bounds = _logs(piece, value)
    if name == "p_value":
        assert piece.p_value is not None
        z = z_from_p(piece.p_value)
        return z if bounds[0] > 0 else z.times(-1)
    return Range.spanning(
        bound / e if e > 0 else math.copysign(math.inf, bound)
        for bound in bounds
        for e in (error.low, error.high)
    )


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
