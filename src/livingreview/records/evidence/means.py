"""Means by arm of a score, with a measure of how they are spread."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from livingreview.base.measures import MeasureName
from livingreview.base.types import Identifier
from livingreview.base.validation import Strict, field_error
from livingreview.records.evidence.amounts import LEAST_AMOUNT, Amount, Pair, Positive
from livingreview.records.evidence.columns import Ends, OnlyWith
from livingreview.records.evidence.comparison import Comparison
from livingreview.records.evidence.p_values import width_of_interval
from livingreview.records.evidence.ranges import Range, rounding
from livingreview.records.evidence.reported import Reported
from livingreview.records.evidence.route import AS_REPORTED, Route
from livingreview.records.evidence.scores import Score, Spread, route_of_scores


class ArmMean(Strict):
    """Mean of a score in one arm, with one measure of spread or several."""

    arm: Identifier
    mean: Amount
    sd: Positive | None = Field(default=None, description="Standard deviation among people.")
    standard_error: Positive | None = Field(default=None, description="Of the mean.")
    interval: Annotated[Pair | None, Ends("low", "high")] = Field(
        default=None, validate_default=True, description="Confidence interval of the mean."
    )
    interval_percent: Annotated[float, Field(gt=50, le=99.9999), OnlyWith("interval")] = 95
    total: Annotated[int, Field(ge=2, le=1_000_000_000)]

    @field_validator("interval")
    @classmethod
    def _is_spread(cls, interval: list[float] | None, info: ValidationInfo) -> list[float] | None:
        others = [info.data.get(name, "broken") for name in ("sd", "standard_error")]
        if interval is None:
            if others == [None, None]:
                allowed = "`sd`, `standard_error` or `interval` beside the mean"
                raise field_error(("sd",), "nothing", allowed, beside=True)
            return None
        low, high = interval
        mean = info.data.get("mean", (low + high) / 2)
        if high - low < LEAST_AMOUNT * max(abs(low), abs(high), 1.0):
            raise field_error((), None, "[low, high] with low below high, further apart")
        if not low <= mean <= high:
            raise field_error((), None, f"an interval around the mean {mean:g}")
        return interval

    @property
    def spreads(self) -> dict[str, Spread]:
        """Standard deviation by each measure that is given, the preferred one first."""
        spreads = {}
        root = math.sqrt(self.total)
        if self.sd is not None:
            spreads[AS_REPORTED] = Spread(self.sd, rounding(self.sd))
        if (error := self.standard_error) is not None:
            spreads["standard_error"] = Spread(error * root, rounding(error).times(root))
        if self.interval is not None:
            low, high = (rounding(end) for end in self.interval)
            factor = root / width_of_interval(self.interval_percent, self.total - 1)
            sd = (self.interval[1] - self.interval[0]) * factor
            shortest = max(high.low - low.high, 0.0)
            spreads["interval"] = Spread(sd, Range(shortest, high.high - low.low).times(factor))
        return spreads

    def score(self, spread: Spread) -> Score:
        """The score with one of its spreads."""
        return Score(self.mean, rounding(self.mean), spread, spread, self.total)


class Means(Reported):
    """Means by arm of a score that rises with the outcome, and how they are spread."""

    decisive: ClassVar[tuple[str, ...]] = ("mean", "sd", "standard_error", "low", "high")
    measures: ClassVar[tuple[MeasureName, ...]] = ("odds_ratio", "mean_difference")
    quantity: ClassVar[str] = "means of a score"
    example: ClassVar[str] = """\
# A list of 2 or more.
arms:
  # A name (a to z, 0 to 9 and _, a letter first, at most 60).
  - arm: treated
    # A number from -1000000000.0.
    mean: 3.1
    # Standard deviation among people. A number from 1e-09, may be left out.
    sd: 1.9
    # Of the mean. A number from 1e-09, may be left out.
    # standard_error: 0.17
    # Confidence interval of the mean. A list of 2, may be left out.
    # interval: [2.76, 3.44]
    # A number above 50 and at most 99.9999, may be left out.
    # interval_percent: 95
    # A whole number from 2.
    total: 120
  - arm: control
    mean: 3.6
    sd: 2.0
    # standard_error: 0.18
    # interval: [3.24, 3.96]
    # interval_percent: 95
    total: 118
"""

    kind: Literal["means"]
    arms: Annotated[list[ArmMean], Field(min_length=2)]

    def routes(self, i: int, comparison: Comparison) -> list[Route]:
        """A route by each measure of spread that both arms have, or by the first of each."""
        arms = comparison.pair(self.arms)
        treated, control = (arm.spreads for arm in arms)
        pairs = {name: (treated[name], control[name]) for name in treated if name in control}
        first = {AS_REPORTED: (next(iter(treated.values())), next(iter(control.values())))}
        return [
            route_of_scores(
                i,
                self.kind,
                name,
                (arms[0].score(spreads[0]), arms[1].score(spreads[1])),
                comparison,
                "means" if name == AS_REPORTED else f"means and {name}",
            )
            for name, spreads in (pairs or first).items()
        ]
