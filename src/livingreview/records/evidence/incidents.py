"""Mean numbers of incidents by arm: the whole numbers that rounding leaves, one row per arm."""

from __future__ import annotations

import math
from itertools import product
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from livingreview.base.measures import MeasureName
from livingreview.base.types import Identifier
from livingreview.base.validation import Strict, field_error, refuse
from livingreview.records.evidence.amounts import LARGEST_AMOUNT, Positive, Size
from livingreview.records.evidence.columns import DecimalsOf
from livingreview.records.evidence.comparison import Comparison
from livingreview.records.evidence.poisson import (
    Rate,
    log_rate_ratio,
    poisson_terms,
    reported_ranges,
)
from livingreview.records.evidence.reported import Reported
from livingreview.records.evidence.rounded_counts import (
    Decimals,
    Possible,
    alternatives,
    as_many_as_shown,
    chosen_in_words,
    possible_counts,
)
from livingreview.records.evidence.route import AS_REPORTED, Route, join_assumptions


class ArmIncidents(Strict):
    """Mean number of incidents of a person in one arm, and its spread among people."""

    arm: Identifier
    mean: Annotated[float, Field(ge=0, le=LARGEST_AMOUNT)]
    decimals: Annotated[Decimals, DecimalsOf("mean")]
    sd: Positive | None = Field(default=None, description="Standard deviation among people.")
    total: Size

    @field_validator("decimals")
    @classmethod
    def _as_many_as_shown(cls, decimals: int, info: ValidationInfo) -> int:
        return as_many_as_shown(decimals, "mean", info.data.get("mean", 0.0))

    @field_validator("sd")
    @classmethod
    def _none_has_no_spread(cls, sd: float | None, info: ValidationInfo) -> float | None:
        if sd is not None and info.data.get("mean") == 0:
            raise field_error((), None, "left out, as a mean of 0 has no spread")
        return sd

    @property
    def possible(self) -> Possible | None:
        """Whole numbers of incidents that fit the mean; None when none does."""
        return possible_counts(self.mean, self.decimals, self.total)

    def rate(self, incidents: int) -> Rate:
        """So many incidents; negative binomial where the spread is above that of Poisson.

        A mean m with variance v has size k = m² / (v - m) for one person, and the sum over n
        people who are alike has size n k.
        """
        mean = incidents / self.total
        beyond = 0.0 if self.sd is None or mean == 0 else self.sd**2 - mean
        shape = self.total * mean**2 / beyond if beyond > 0 else math.inf
        return Rate(incidents, self.total, shape)


class IncidentMeans(Reported):
    """Mean numbers of incidents and people by arm, where one person can have several."""

    decisive: ClassVar[tuple[str, ...]] = ("mean",)
    dependent: ClassVar[tuple[str, ...]] = ("sd",)
    measures: ClassVar[tuple[MeasureName, ...]] = ("rate_ratio",)
    quantity: ClassVar[str] = "mean numbers of incidents"
    example: ClassVar[str] = """\
# A list of 2 or more.
arms:
  # A name (a to z, 0 to 9 and _, a letter first, at most 60).
  - arm: treated
    # A number from 0.
    mean: 0.46
    # Decimals as printed. A whole number from 0 to 6.
    decimals: 2
    # Standard deviation among people. A number from 1e-09, may be left out.
    # sd: 1.1
    # A whole number from 1.
    total: 120
  - arm: control
    mean: 0.62
    decimals: 2
    # sd: 1.3
    total: 118
"""

    kind: Literal["incidents"]
    arms: Annotated[list[ArmIncidents], Field(min_length=2)]

    @field_validator("arms")
    @classmethod
    def _totals_fit(cls, arms: list[ArmIncidents], info: ValidationInfo) -> list[ArmIncidents]:
        unexplained = "note" in info.data and info.data["note"] is None
        refuse(
            field_error(
                (k, "total"),
                arm.total,
                f"a total that has a mean of {_printed(arm)} with some whole number of incidents,"
                " or a `note` beside `arms` on why it has none",
            )
            for k, arm in enumerate(arms)
            if unexplained and arm.possible is None
        )
        return arms

    def routes(self, i: int, comparison: Comparison) -> list[Route]:
        """The nearest whole numbers, the lowest and the highest rate ratio."""
        arms, clusters = comparison.pair(self.arms), comparison.clusters
        possible: list[Possible] = []
        for arm in arms:
            if arm.possible is None:
                reason = f"no whole number of incidents among {arm.total} people has the mean"
                reason = f"{reason} {_printed(arm)} ({arm.arm})"
                return [Route(i, self.kind, AS_REPORTED, reason=reason)]
            possible.append(arm.possible)
        treated, control = possible
        ends = product({treated.lowest, treated.highest}, {control.lowest, control.highest})
        values, errors, z = reported_ranges([(arms[0].rate(a), arms[1].rate(c)) for a, c in ends])
        spread = [
            f"Poisson counts in {arm.arm}"
            for arm, of_arm in zip(arms, possible, strict=True)
            if math.isinf(arm.rate(of_arm.nearest).shape)
        ]
        routes = []
        for name, events in alternatives(treated, control).items():
            rates = arms[0].rate(events[0]), arms[1].rate(events[1])
            value, error = log_rate_ratio(*rates)
            error *= clusters.inflation
            names = [arm.arm for arm in arms]
            rounded = chosen_in_words(names, possible, events, "incidents", "mean")
            routes.append(
                Route(
                    piece=i,
                    kind=self.kind,
                    alternative=name,
                    terms=poisson_terms(comparison, *rates),
                    assumption=join_assumptions(*rounded, *spread, clusters.assumption),
                    formula="Poisson or negative binomial, incidents from means",
                    value=value,
                    error=error,
                    possible=values,
                    standard_error=errors.times(clusters.inflation),
                    z=z.times(1 / clusters.inflation),
                    z_printed=value / error,
                    scale="rate",
                    clustering=clusters.state,
                )
            )
        return routes


def _printed(arm: ArmIncidents) -> str:
    return f"{arm.mean:.{arm.decimals}f}"
