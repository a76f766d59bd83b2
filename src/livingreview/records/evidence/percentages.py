"""Percentages and group sizes by arm: the counts that the rounding leaves possible."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from livingreview.base.types import Identifier
from livingreview.base.validation import Strict, field_error
from livingreview.records.evidence.amounts import Size
from livingreview.records.evidence.baselines import ControlRisk, observed_share
from livingreview.records.evidence.columns import DecimalsOf, InPercent
from livingreview.records.evidence.comparison import Comparison
from livingreview.records.evidence.counts import binomial_terms
from livingreview.records.evidence.ranges import Range
from livingreview.records.evidence.reported import Reported
from livingreview.records.evidence.rounded_counts import Possible, possible_events
from livingreview.records.evidence.route import AS_REPORTED, Route, join_assumptions
from livingreview.records.evidence.two_by_two import log_odds_ratio, z_of_usual_tests


class ArmPercent(Strict):
    """Rounded percentage of one arm with the outcome."""

    arm: Identifier
    percent: Annotated[float, Field(ge=0, le=100), InPercent()]
    decimals: Annotated[int, Field(ge=0, le=6), DecimalsOf("percent")] = Field(
        description="Decimals as printed."
    )
    total: Size | None = Field(default=None, description="Left out when it could not be read.")

    @field_validator("decimals")
    @classmethod
    def _as_many_as_shown(cls, decimals: int, info: ValidationInfo) -> int:
        percent = info.data.get("percent", 0.0)
        least = -int(Decimal(repr(percent)).normalize().as_tuple().exponent)
        if decimals < least:
            raise field_error((), decimals, f"at least {least}, the decimals of {percent}")
        return decimals

    @property
    def possible(self) -> Possible | None:
        """Counts that fit; None when the total is not known or none fits."""
        if self.total is None:
            return None
        return possible_events(self.percent, self.decimals, self.total)


class Percentages(Reported):
    """Percentages and group sizes by arm."""

    decisive: ClassVar[tuple[str, ...]] = ("percent",)
    example: ClassVar[str] = """\
# A list of 2 or more.
arms:
  # A name (a to z, 0 to 9 and _, a letter first, at most 60).
  - arm: treated
    # A number from 0 to 100.
    percent: 10.0
    # Decimals as printed. A whole number from 0 to 6.
    decimals: 1
    # Left out when it could not be read. A whole number from 1, may be left out.
    total: 120
  - arm: control
    percent: 12.7
    decimals: 1
    total: 118
"""

    kind: Literal["percentages"]
    arms: Annotated[list[ArmPercent], Field(min_length=2)]

    def control_risk(self, control: str) -> ControlRisk | None:
        """Percentage of the control arm, or the share of the count that fits best."""
        arm = next(arm for arm in self.arms if arm.arm == control)
        if (possible := arm.possible) is not None:
            nearest, *ends = (
                observed_share(events, possible.total)
                for events in (possible.nearest, possible.lowest, possible.highest)
            )
            return ControlRisk(nearest, Range.spanning(ends), self.kind)
        half = 0.5 * 10.0**-arm.decimals
        # A rounded 0% or 100% of an unknown number of people leaves the odds unbounded.
        if arm.total is not None or not half < arm.percent < 100 - half:
            return None
        ends = [(arm.percent - half) / 100, (arm.percent + half) / 100]
        return ControlRisk(arm.percent / 100, Range.spanning(ends), self.kind)

    def routes(self, i: int, comparison: Comparison) -> list[Route]:
        """Exact counts where one fits in each arm; else the nearest, the lowest, the highest."""
        arms, clusters = comparison.pair(self.arms), comparison.clusters
        possible: list[Possible] = []
        for arm in arms:
            if arm.possible is None:
                return [Route(i, self.kind, AS_REPORTED, reason=_why_none(arm))]
            possible.append(arm.possible)
        treated, control = possible
        tables = [
            (a, treated.total, c, control.total)
            for a, c in product(treated.turning, control.turning)
        ]
        values, errors = zip(*(log_odds_ratio(*table) for table in tables), strict=True)
        z = Range.spanning(x for table in tables for x in z_of_usual_tests(*table))
        routes = []
        for name, (a, c) in _alternatives(treated, control).items():
            table = (a, treated.total, c, control.total)
            value, error = log_odds_ratio(*table)
            error *= clusters.inflation
            rounded = [
                f"{events} events in {arm.arm} ({p.lowest} to {p.highest} fit the percentage)"
                for arm, p, events in zip(arms, possible, (a, c), strict=True)
                if p.lowest < p.highest
            ]
            routes.append(
                Route(
                    piece=i,
                    kind=self.kind,
                    alternative=name,
                    terms=binomial_terms(comparison, table),
                    assumption=join_assumptions(*rounded, clusters.assumption),
                    formula="binomial, events from percentages",
                    value=value,
                    error=error,
                    log_odds_ratio=Range.spanning(values),
                    standard_error=Range.spanning(errors).times(clusters.inflation),
                    z=z.times(1 / clusters.inflation),
                    z_printed=value / error,
                    clustering=clusters.state,
                )
            )
        return routes


def _alternatives(treated: Possible, control: Possible) -> dict[str, tuple[int, int]]:
    """Events of both arms: the likeliest, and those of the lowest and highest odds ratio."""
    # ASSUME: of the counts that fit a rounded percentage, the nearest was observed.
    events = {
        "nearest": (treated.nearest, control.nearest),
        "lowest": (treated.lowest, control.highest),
        "highest": (treated.highest, control.lowest),
    }
    return events if len(set(events.values())) > 1 else {AS_REPORTED: events["nearest"]}


def _why_none(arm: ArmPercent) -> str:
    percent = f"{arm.percent:.{arm.decimals}f}%"
    if arm.total is None:
        return f"a percentage without its total ({percent} in {arm.arm})"
    return f"no whole number of {arm.total} people is {percent} ({arm.arm})"
