"""Events and totals by arm: one exact binomial row per arm."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from livingreview.base.types import Identifier
from livingreview.base.validation import Strict, field_error
from livingreview.records.evidence.amounts import Count, Size
from livingreview.records.evidence.baselines import ControlRisk, logit_error, observed_share
from livingreview.records.evidence.columns import OrWithout
from livingreview.records.evidence.comparison import Comparison
from livingreview.records.evidence.ranges import Range
from livingreview.records.evidence.reported import Reported
from livingreview.records.evidence.route import AS_REPORTED, Route, Term
from livingreview.records.evidence.two_by_two import log_odds_ratio, z_of_usual_tests


class ArmCounts(Strict):
    """People in one arm with the outcome, out of those observed."""

    arm: Identifier
    events: Count
    total: Annotated[Size, OrWithout("events", "non_events")]

    @model_validator(mode="after")
    def _no_more_events_than_people(self) -> Self:
        if self.events > self.total:
            allowed = (
                f"at most the total, {self.total} (events that one person can have again: `rates`)"
            )
            raise field_error(("events",), self.events, allowed)
        return self


class Counts(Reported):
    """Events and totals by arm."""

    decisive: ClassVar[tuple[str, ...]] = ("events",)
    quantity: ClassVar[str] = "counts of people with the outcome"
    example: ClassVar[str] = """\
# A list of 2 or more.
arms:
  # A name (a to z, 0 to 9 and _, a letter first, at most 60).
  - arm: treated
    # A whole number from 0.
    events: 12
    # A whole number from 1.
    total: 120
  - arm: control
    events: 15
    total: 118
"""

    kind: Literal["counts"]
    arms: Annotated[list[ArmCounts], Field(min_length=2)]

    def control_risk(self, control: str) -> ControlRisk:
        """Share of the control arm with the event."""
        arm = next(arm for arm in self.arms if arm.arm == control)
        p = observed_share(arm.events, arm.total)
        error = logit_error(arm.events, arm.total) * self.inflation
        return ControlRisk(p, Range(p, p), self.kind, error)

    def routes(self, i: int, comparison: Comparison) -> list[Route]:
        """The one route from exact counts."""
        treated, control = comparison.pair(self.arms)
        clusters = comparison.clusters
        table = (treated.events, treated.total, control.events, control.total)
        value, error = log_odds_ratio(*table)
        error *= clusters.inflation
        return [
            Route(
                piece=i,
                kind=self.kind,
                alternative=AS_REPORTED,
                terms=binomial_terms(comparison, table),
                assumption=clusters.assumption,
                formula="binomial",
                value=value,
                error=error,
                possible=Range(value, value),
                standard_error=Range(error, error),
                z=Range.spanning(z_of_usual_tests(*table)).times(1 / clusters.inflation),
                z_printed=value / error,
                clustering=clusters.state,
            )
        ]


def binomial_terms(
    comparison: Comparison, table: tuple[float, float, float, float]
) -> tuple[Term, Term]:
    """Rows of both arms from events and people, treated first; effective where clustered."""
    factor = comparison.clusters.design_effect
    a, n_treated, c, n_control = (x / factor for x in table)
    return (
        Term("binomial", arm=comparison.control, events=c, total=n_control),
        Term("binomial", arm=comparison.treated, events=a, total=n_treated),
    )
