"""Medians by arm with quartiles, a range or both: a normal sample that would have them."""

from __future__ import annotations

from itertools import product
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from livingreview.base.measures import MeasureName
from livingreview.base.types import Identifier
from livingreview.base.validation import Strict, field_error
from livingreview.records.evidence.amounts import Amount, Pair
from livingreview.records.evidence.columns import Ends
from livingreview.records.evidence.comparison import Comparison
from livingreview.records.evidence.five_numbers import mean_and_sd
from livingreview.records.evidence.ranges import Range, rounding
from livingreview.records.evidence.reported import Reported
from livingreview.records.evidence.route import AS_REPORTED, Route
from livingreview.records.evidence.scores import Score, Spread, route_of_scores

# Fewest people whose quartiles and range can be told apart.
FEWEST = 4


class ArmMedian(Strict):
    """Median of a score in one arm, with its quartiles, its range, or both."""

    arm: Identifier
    median: Amount
    quartiles: Annotated[Pair | None, Ends("lower_quartile", "upper_quartile")] = Field(
        default=None, description="First and third."
    )
    range: Annotated[Pair | None, Ends("least", "greatest")] = Field(
        default=None, validate_default=True, description="Least and greatest value."
    )
    total: Annotated[int, Field(ge=FEWEST, le=1_000_000_000)]

    @field_validator("quartiles")
    @classmethod
    def _hold_the_median(cls, pair: list[float] | None, info: ValidationInfo) -> list[float] | None:
        return _around(pair, [("median", info.data.get("median"))])

    @field_validator("range")
    @classmethod
    def _holds_all(cls, pair: list[float] | None, info: ValidationInfo) -> list[float] | None:
        quartiles = info.data.get("quartiles")
        if pair is None and quartiles is None and "quartiles" in info.data:
            raise field_error(
                ("median",), "only a median", "`quartiles` or `range` beside it", beside=True
            )
        inner = [("median", info.data.get("median"))]
        inner += [("quartile", quartile) for quartile in quartiles or ()]
        return _around(pair, inner)

    @property
    def score(self) -> Score:
        """Mean and standard deviation of a normal sample with these numbers."""
        mean, sd = self._mean_and_sd(self.median, self.quartiles, self.range)
        corners = [
            self._mean_and_sd(median, quartiles, extremes)
            for median in _ends(self.median)
            for quartiles in _corners(self.quartiles)
            for extremes in _corners(self.range)
        ]
        means, sds = zip(*corners, strict=True)
        spread = Spread(sd, Range.spanning(max(possible, 0.0) for possible in sds))
        return Score(mean, Range.spanning(means), spread, spread, self.total)

    def _mean_and_sd(
        self, median: float, quartiles: list[float] | None, extremes: list[float] | None
    ) -> tuple[float, float]:
        return mean_and_sd(self.total, median, quartiles, extremes)


def _around(pair: list[float] | None, inner: list[tuple[str, float | None]]) -> list[float] | None:
    """Check that a pair rises, and that it holds what lies inside."""
    if pair is None:
        return None
    if pair[0] >= pair[1]:
        raise field_error((), None, "[low, high] with low below high")
    for name, value in inner:
        if value is not None and not pair[0] <= value <= pair[1]:
            raise field_error((), None, f"two numbers around the {name} {value:g}")
    return pair


def _ends(number: float) -> tuple[float, float]:
    possible = rounding(number)
    return possible.low, possible.high


def _corners(pair: list[float] | None) -> list[list[float] | None]:
    """A pair at the ends of its rounding; nothing where there is none."""
    return [None] if pair is None else [list(ends) for ends in product(*map(_ends, pair))]


class Medians(Reported):
    """Medians by arm of a score that rises with the outcome, and how they are spread."""

    decisive: ClassVar[tuple[str, ...]] = ("median",)
    dependent: ClassVar[tuple[str, ...]] = ("lower_quartile", "upper_quartile", "least", "greatest")
    measures: ClassVar[tuple[MeasureName, ...]] = ("odds_ratio", "mean_difference")
    quantity: ClassVar[str] = "medians of a score"
    example: ClassVar[str] = """\
# A list of 2 or more.
arms:
  # A name (a to z, 0 to 9 and _, a letter first, at most 60).
  - arm: treated
    # A number from -1000000000.0.
    median: 5
    # First and third. A list of 2, may be left out.
    quartiles: [3, 9]
    # Least and greatest value. A list of 2, may be left out.
    # range: [0, 21]
    # A whole number from 4.
    total: 120
  - arm: control
    median: 7
    quartiles: [4, 12]
    # range: [0, 25]
    total: 118
"""

    kind: Literal["medians"]
    arms: Annotated[list[ArmMedian], Field(min_length=2)]

    def routes(self, i: int, comparison: Comparison) -> list[Route]:
        """The one route."""
        treated, control = comparison.pair(self.arms)
        return [
            route_of_scores(
                i,
                self.kind,
                AS_REPORTED,
                (treated.score, control.score),
                comparison,
                "medians",
                # ASSUME: a score reported as a median is normal among people.
                "a normal distribution behind the median",
            )
        ]
