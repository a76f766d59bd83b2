"""Changes of a score by arm, from means before and after and how these are correlated."""

from __future__ import annotations

import math
from itertools import product
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from livingreview.base.measures import MeasureName
from livingreview.base.types import Identifier, Source, Text
from livingreview.base.validation import Strict
from livingreview.records.evidence.amounts import Amount, Positive
from livingreview.records.evidence.comparison import Comparison
from livingreview.records.evidence.ranges import Range, rounding
from livingreview.records.evidence.reported import Reported, note_or_source
from livingreview.records.evidence.route import AS_REPORTED, Route
from livingreview.records.evidence.scores import Score, Spread, route_of_scores

# Closer, and rounding alone says how a change is spread.
CLOSEST = 0.999


class ArmChange(Strict):
    """Mean and standard deviation of a score in one arm, before and after."""

    arm: Identifier
    mean_before: Amount
    sd_before: Positive
    mean_after: Amount
    sd_after: Positive
    total: Annotated[int, Field(ge=2, le=1_000_000_000)]

    def score(self, r: float) -> Score:
        """The change, at a correlation of before and after."""
        before, after = rounding(self.mean_before), rounding(self.mean_after)
        ends = product(_ends(self.sd_before), _ends(self.sd_after))
        return Score(
            mean=self.mean_after - self.mean_before,
            possible=Range(after.low - before.high, after.high - before.low),
            of_people=Spread(self.sd_before, rounding(self.sd_before)),
            of_mean=Spread(
                sd_of_change(self.sd_before, self.sd_after, r),
                Range.spanning(sd_of_change(*sds, r) for sds in ends),
            ),
            total=self.total,
        )


def _ends(sd: float) -> tuple[float, float]:
    possible = rounding(sd)
    return max(possible.low, 0.0), possible.high


def sd_of_change(before: float, after: float, r: float) -> float:
    """Standard deviation of a change among people, from those of before and after.

    Examples
    --------
    >>> sd_of_change(3.0, 4.0, 0.0)
    5.0
    """
    return math.sqrt(before**2 + after**2 - 2 * r * before * after)


class Correlation(Strict):
    """How a score before and the same score after are correlated among people."""

    r: Annotated[float, Field(ge=-CLOSEST, le=CLOSEST)]
    source: Source | None = Field(default=None, description="Left out when it is assumed.")
    note: Text | None = Field(
        default=None,
        validate_default=True,
        description="Required when the correlation is assumed.",
    )

    @field_validator("note")
    @classmethod
    def _has_a_note_or_a_source(cls, note: str | None, info: ValidationInfo) -> str | None:
        return note_or_source(note, info, "r")


class Changes(Reported):
    """Means before and after by arm of a score that rises with the outcome."""

    decisive: ClassVar[tuple[str, ...]] = ("mean_before", "mean_after")
    dependent: ClassVar[tuple[str, ...]] = ("sd_before", "sd_after")
    measures: ClassVar[tuple[MeasureName, ...]] = ("odds_ratio", "mean_difference")
    quantity: ClassVar[str] = "changes of a score"
    example: ClassVar[str] = """\
# How before and after are correlated among people.
correlation:
  # A number from -0.999 to 0.999.
  r: 0.6
  # Left out when it is assumed. May be left out.
  # source:
  #   url: https://example.org/to-fill-in
  #   locator: table 2, page 7
  #   kind: full text
  # Required when the correlation is assumed. Text, may be left out.
  note: 'Assumed: the paper gives no correlation.'
# A list of 2 or more.
arms:
  # A name (a to z, 0 to 9 and _, a letter first, at most 60).
  - arm: treated
    # A number from -1000000000.0.
    mean_before: 4.0
    # A number from 1e-09.
    sd_before: 2.1
    # A number from -1000000000.0.
    mean_after: 3.1
    # A number from 1e-09.
    sd_after: 1.9
    # A whole number from 2.
    total: 120
  - arm: control
    mean_before: 4.1
    sd_before: 2.2
    mean_after: 3.6
    sd_after: 2.0
    total: 118
"""

    kind: Literal["changes"]
    correlation: Correlation
    arms: Annotated[list[ArmChange], Field(min_length=2)]

    def routes(self, i: int, comparison: Comparison) -> list[Route]:
        """The one route."""
        treated, control = comparison.pair(self.arms)
        r = self.correlation.r
        assumed = "" if self.correlation.source else f"a correlation of {r:g} of before and after"
        arms = treated.score(r), control.score(r)
        return [route_of_scores(i, self.kind, AS_REPORTED, arms, comparison, "changes", assumed)]
