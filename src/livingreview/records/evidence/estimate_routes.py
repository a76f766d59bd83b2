"""Routes of an estimate, by each reported measure of its uncertainty or by group sizes."""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING, Literal

from livingreview.records.evidence.baselines import ControlRisk
from livingreview.records.evidence.comparison import Comparison
from livingreview.records.evidence.groups import Groups, groups_of
from livingreview.records.evidence.imprecise import Imprecise, routes_of_value
from livingreview.records.evidence.measures import OF_SHARES, natural, to_line, to_outcome
from livingreview.records.evidence.p_values import width_of_interval, z_from_p
from livingreview.records.evidence.ranges import Range, rounding
from livingreview.records.evidence.route import AS_REPORTED, Route, Term, join_assumptions
from livingreview.records.evidence.smd import LOGISTIC

if TYPE_CHECKING:
    from livingreview.records.evidence.estimates import Estimate

_SCALES: dict[str, Literal["smd", "rate", "difference"]] = {
    "smd": "smd",
    "rate_ratio": "rate",
    "mean_difference": "difference",
}


def routes_by_uncertainty(i: int, piece: Estimate, comparison: Comparison) -> list[Route]:
    """Routes by standard error, variance, interval and exact p value, as far as reported."""
    risk, clusters = comparison.risk, comparison.clusters
    measure = natural(piece.measure)
    value = rounding(piece.value)
    centre = to_line(piece.measure, piece.value)
    of_shares = measure in OF_SHARES
    y, slope = to_outcome(measure, centre, risk.probability)
    possible_at_all = math.isfinite(y)
    assumption = LOGISTIC if measure == "smd" else ""
    if of_shares and not risk.own:
        assumption = f"a control probability around {risk.probability:.3g}"
    routes = []
    for name, (error, possible) in standard_errors(piece).items():
        own = error * clusters.inflation
        factor = slope * clusters.inflation
        routes.append(
            Route(
                piece=i,
                kind=piece.kind,
                alternative=name,
                terms=(
                    _ratio_term(measure, centre, own, risk)
                    if of_shares
                    else Term("normal", value=y, standard_error=error * factor),
                ),
                assumption=join_assumptions(assumption, clusters.assumption),
                formula=f"estimate from {piece.measure} and {name}"
                + (risk.formula if of_shares else ""),
                value=y if possible_at_all else None,
                error=error * factor if possible_at_all else None,
                possible=_possible_values(piece, value, risk),
                standard_error=possible.times(factor) if possible_at_all else None,
                z=_possible_z(piece, name, value, possible).times(1 / clusters.inflation),
                z_printed=centre / error / clusters.inflation,
                scale=_SCALES.get(measure, "odds"),
                converted=of_shares,
                clustering=clusters.state,
            )
        )
    return routes


def _ratio_term(measure: str, centre: float, error: float, risk: ControlRisk) -> Term:
    """Ratio of risks or hazards on its own log, with the effect's own control share if known."""
    return Term(
        "ratio",
        value=centre,
        standard_error=error,
        measure="risk_ratio" if measure == "risk_ratio" else "hazard_ratio",
        share_logit=risk.logit if risk.own else math.nan,
        share_error=risk.logit_error if risk.own else math.nan,
    )


def routes_without_uncertainty(i: int, piece: Estimate, comparison: Comparison) -> list[Route]:
    """An odds ratio between the ends of its rounding, in groups of known or unknown size."""
    every = groups_of(piece.sizes, comparison.assumed.sizes, comparison.clusters)
    if natural(piece.measure) != "odds_ratio" or not every:
        return [Route(i, piece.kind, AS_REPORTED, reason=_why_none(piece))]
    low, high = _ends(piece, rounding(piece.value))

    def term(_: Groups) -> Term:
        return Term("interval", value_low=low, value_high=high)

    value = Imprecise(
        centre=to_line(piece.measure, piece.value),
        possible=Range(low, high),
        term=term,
        # Woolf's error is least where half of each arm has the event.
        error=lambda _, *n: 2 * math.sqrt(1 / n[0] + 1 / n[1]),
        exact=False,
    )
    formula = f"{piece.measure} without uncertainty"
    return routes_of_value(i, piece.kind, value, every, comparison, formula)


def _why_none(piece: Estimate) -> str:
    """Why an estimate cannot be used."""
    if piece.p_value is not None:
        return f"{piece.reports} of no difference, of which a p value tells no standard error"
    reason = f"{piece.reports} without standard error, variance, interval or exact p value"
    if natural(piece.measure) == "odds_ratio":
        return f"{reason}, and without group sizes"
    return f"{reason} (group sizes stand in for these of odds ratios only)"


def standard_errors(piece: Estimate) -> dict[str, tuple[float, Range]]:
    """Standard error by each measure of uncertainty, and what rounding leaves for it."""
    errors: dict[str, tuple[float, Range]] = {}
    if (se := piece.standard_error) is not None:
        errors["standard_error"] = (se, rounding(se))
    if (variance := piece.variance) is not None:
        possible = rounding(variance)
        ends = Range(math.sqrt(max(possible.low, 0.0)), math.sqrt(possible.high))
        errors["variance"] = (math.sqrt(variance), ends)
    if piece.interval is not None:
        errors["interval"] = _error_from_interval(piece)
    if piece.p_value is not None and to_line(piece.measure, piece.value) != 0:
        errors["p_value"] = _error_from_p(piece)
    return errors


def _ends(piece: Estimate, value: Range) -> tuple[float, float]:
    """Both ends on that scale; rounding never reaches a ratio of 0 nor passes a ratio of 1."""
    return to_line(piece.measure, value.low), to_line(piece.measure, value.high)


def _possible_values(piece: Estimate, value: Range, control: ControlRisk) -> Range:
    """What rounding leaves; one-sided where the control probability is assumed."""
    if natural(piece.measure) in OF_SHARES and not control.own:
        # A ratio of risks or hazards bounds the odds ratio at any control probability: it is
        # further from 1, and goes to infinity or 0 as the control probability goes to 1.
        return Range.spanning(_ends(piece, value)).outward()
    corners = [
        to_outcome(natural(piece.measure), end, p)[0]
        for end, p in product(_ends(piece, value), (control.possible.low, control.possible.high))
    ]
    # A risk ratio that passes certainty at the far end of its rounding has odds without bound.
    return Range.spanning(math.inf if math.isnan(y) else y for y in corners)


def _error_from_interval(piece: Estimate) -> tuple[float, Range]:
    """Standard error from a confidence interval that is symmetric on the analysis scale."""
    assert piece.interval is not None
    width = width_of_interval(piece.interval_percent)
    low, high = (_ends(piece, rounding(bound)) for bound in piece.interval)
    error = (
        to_line(piece.measure, piece.interval[1]) - to_line(piece.measure, piece.interval[0])
    ) / width
    shortest, longest = (high[0] - low[1]) / width, (high[1] - low[0]) / width
    # Bounds printed alike but for the last digit may even have been equal.
    return error, Range(max(shortest, 0.0), longest)


def _error_from_p(piece: Estimate) -> tuple[float, Range]:
    """Standard error from an exact two-sided p value."""
    assert piece.p_value is not None
    low, high = sorted(map(abs, _ends(piece, rounding(piece.value))))
    z = z_from_p(piece.p_value)
    error = abs(to_line(piece.measure, piece.value)) / z_from_p(piece.p_value, exactly=True).low
    return error, Range(low / z.high, high / z.low)


def _possible_z(piece: Estimate, name: str, value: Range, error: Range) -> Range:
    """What the study's own z may be: from p itself, or from the value and its standard error."""
    bounds = _ends(piece, value)
    if name == "p_value":
        assert piece.p_value is not None
        z = z_from_p(piece.p_value)
        return z if bounds[0] > 0 else z.times(-1)
    return Range.spanning(
        bound / e if e > 0 else math.copysign(math.inf, bound)
        for bound in bounds
        for e in (error.low, error.high)
    )
