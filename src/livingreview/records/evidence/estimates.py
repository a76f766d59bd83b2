"""A relative effect: one route for each reported measure of its uncertainty."""

from __future__ import annotations

import math
from itertools import product
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from livingreview.base.validation import field_error
from livingreview.records.evidence.amounts import LEAST_AMOUNT, LEAST_P, Amount, Positive
from livingreview.records.evidence.baselines import ControlRisk
from livingreview.records.evidence.columns import Ends, OnlyWith
from livingreview.records.evidence.comparison import Comparison
from livingreview.records.evidence.p_values import width_of_interval, z_from_p
from livingreview.records.evidence.ranges import Range, rounding
from livingreview.records.evidence.ratios import to_log_odds
from livingreview.records.evidence.reported import Tested
from livingreview.records.evidence.route import AS_REPORTED, Route, Term, join_assumptions
from livingreview.records.evidence.smd import LOGISTIC

CONVERTED = ("risk_ratio", "hazard_ratio")


class Estimate(Tested):
    """A relative effect with its uncertainty, on its natural (not log) scale."""

    decisive: ClassVar[tuple[str, ...]] = ("value", "standard_error", "low", "high")
    dependent: ClassVar[tuple[str, ...]] = ("p_value",)
    example: ClassVar[str] = """\
# One of odds_ratio, risk_ratio, hazard_ratio, smd.
measure: odds_ratio
# A number from -1000000000.0.
value: 0.76
# A list of 2, may be left out.
interval: [0.34, 1.71]
# A number above 50 and at most 99.9999, may be left out.
interval_percent: 95
# Of the log for a ratio, of the value itself for an SMD. A number from 1e-09, may be
# left out.
# standard_error: 0.41
# Exact two-sided p value; a bound such as `< 0.05` is a finding. A number above 0 and
# below 1, may be left out.
# p_value: 0.51
# True or false, may be left out.
adjusted: false
# The source says `about`. True or false, may be left out.
# approximate: true
"""

    kind: Literal["estimate"]
    measure: Literal["odds_ratio", "risk_ratio", "hazard_ratio", "smd"]
    value: Amount
    standard_error: Positive | None = Field(
        default=None, description="Of the log for a ratio, of the value itself for an SMD."
    )
    interval: Annotated[
        Annotated[list[Amount], Field(min_length=2, max_length=2)] | None, Ends("low", "high")
    ] = None
    interval_percent: Annotated[float, Field(gt=50, le=99.9999), OnlyWith("interval")] = 95
    p_value: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        default=None, description="Exact two-sided p value; a bound such as `< 0.05` is a finding."
    )
    adjusted: bool = False
    approximate: bool = Field(default=False, description="The source says `about`.")

    @field_validator("value")
    @classmethod
    def _ratio_is_positive(cls, value: float, info: ValidationInfo) -> float:
        if info.data.get("measure", "smd") != "smd" and value < LEAST_AMOUNT:
            allowed = "a ratio above 0" if value <= 0 else f"{LEAST_AMOUNT:g} or more"
            raise field_error((), None, allowed)
        return value

    @field_validator("interval")
    @classmethod
    def _interval_holds_value(
        cls, interval: list[float] | None, info: ValidationInfo
    ) -> list[float] | None:
        if interval is None:
            return None
        low, high = interval
        value = info.data.get("value", low)
        ratio = info.data.get("measure", "smd") != "smd"
        allowed = ""
        if low >= high:
            allowed = "[low, high] with low below high"
        elif ratio and low < LEAST_AMOUNT:
            allowed = "bounds above 0" if low <= 0 else f"bounds of {LEAST_AMOUNT:g} or more"
        elif high - low < LEAST_AMOUNT * max(abs(low), abs(high)):
            allowed = "[low, high] further apart"
        elif not low <= value <= high:
            allowed = f"an interval around the value {value}"
        if allowed:
            raise field_error((), None, allowed)
        return interval

    @field_validator("p_value")
    @classmethod
    def _p_value_is_not_zero(cls, p_value: float | None) -> float | None:
        if p_value is not None and p_value < LEAST_P:
            raise field_error((), None, f"{LEAST_P:g} or more")
        return p_value

    def routes(self, i: int, comparison: Comparison) -> list[Route]:
        """Routes by standard error, interval and exact p value, as far as they are reported."""
        risk, clusters = comparison.risk, comparison.clusters
        value = rounding(self.value)
        centre = _to_log(self, self.value)
        errors: dict[str, tuple[float, Range]] = {}
        if (se := self.standard_error) is not None:
            errors["standard_error"] = (se, rounding(se))
        if self.interval is not None:
            errors["interval"] = _error_from_interval(self)
        if self.p_value is not None and centre != 0:
            errors["p_value"] = _error_from_p(self)
        if not errors:
            reason = "an estimate without standard error, interval or exact p value"
            return [Route(i, self.kind, AS_REPORTED, reason=reason)]
        y, slope = to_log_odds(self.measure, centre, risk.probability)
        if not math.isfinite(y):
            what = f"a {self.measure.replace('_', ' ')} of {self.value:g}"
            reason = f"{what} is impossible at a baseline of {risk.probability:g}"
            return [Route(i, self.kind, name, reason=reason) for name in errors]
        converted = self.measure in CONVERTED
        assumption = risk.assumption if converted else LOGISTIC if self.measure == "smd" else ""
        factor = slope * clusters.inflation
        return [
            Route(
                piece=i,
                kind=self.kind,
                alternative=name,
                terms=(Term("normal", value=y, standard_error=error * factor),),
                assumption=join_assumptions(assumption, clusters.assumption),
                formula=f"estimate from {self.measure} and {name}"
                + (risk.formula if converted else ""),
                value=y,
                error=error * factor,
                log_odds_ratio=_possible_log_odds(self, value, risk),
                standard_error=possible.times(factor),
                z=_possible_z(self, name, value, possible).times(1 / clusters.inflation),
                z_printed=centre / error / clusters.inflation,
                scale="smd" if self.measure == "smd" else "odds",
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
    width = width_of_interval(piece.interval_percent)
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
