"""Events and person-time by arm: one Poisson row per arm."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from livingreview.base.measures import MeasureName
from livingreview.base.types import Identifier
from livingreview.base.validation import Strict
from livingreview.records.evidence.amounts import Count, Positive
from livingreview.records.evidence.comparison import Comparison
from livingreview.records.evidence.poisson import (
    Rate,
    log_rate_ratio,
    poisson_terms,
    reported_ranges,
)
from livingreview.records.evidence.reported import Reported
from livingreview.records.evidence.route import AS_REPORTED, Route


class ArmRate(Strict):
    """Events in one arm, and the time over which they were counted."""

    arm: Identifier
    events: Count = Field(description="Of all people, repeated ones included.")
    person_time: Positive = Field(description="All people's time together, one unit in all arms.")


class Rates(Reported):
    """Events and person-time by arm, where one person can have several events."""

    decisive: ClassVar[tuple[str, ...]] = ("person_time",)
    dependent: ClassVar[tuple[str, ...]] = ("events",)
    measures: ClassVar[tuple[MeasureName, ...]] = ("rate_ratio",)
    quantity: ClassVar[str] = "events over person-time"
    example: ClassVar[str] = """\
# A list of 2 or more.
arms:
  # A name (a to z, 0 to 9 and _, a letter first, at most 60).
  - arm: treated
    # Of all people, repeated ones included. A whole number from 0.
    events: 31
    # All people's time together, one unit in all arms. A number from 1e-09.
    person_time: 118.5
  - arm: control
    events: 42
    person_time: 115.0
"""

    kind: Literal["rates"]
    arms: Annotated[list[ArmRate], Field(min_length=2)]

    def routes(self, i: int, comparison: Comparison) -> list[Route]:
        """The one route."""
        clusters = comparison.clusters
        treated, control = (Rate(arm.events, arm.person_time) for arm in comparison.pair(self.arms))
        value, error = log_rate_ratio(treated, control)
        error *= clusters.inflation
        possible, errors, z = reported_ranges([(treated, control)])
        return [
            Route(
                piece=i,
                kind=self.kind,
                alternative=AS_REPORTED,
                terms=poisson_terms(comparison, treated, control),
                assumption=clusters.assumption,
                formula="Poisson",
                value=value,
                error=error,
                possible=possible,
                standard_error=errors.times(clusters.inflation),
                z=z.times(1 / clusters.inflation),
                z_printed=value / error,
                scale="rate",
                clustering=clusters.state,
            )
        ]
