"""An effect that a source reports as such, with its uncertainty or without."""

from __future__ import annotations

import math
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from livingreview.base.errors import one_of
from livingreview.base.measures import MeasureName
from livingreview.base.validation import field_error
from livingreview.protocol.outcomes import LIKENESS_OF_MEASURES
from livingreview.records.evidence.amounts import (
    LARGEST_AMOUNT,
    LEAST_AMOUNT,
    LEAST_P,
    Amount,
    Pair,
    Positive,
)
from livingreview.records.evidence.columns import Ends, OnlyWith
from livingreview.records.evidence.comparison import Comparison
from livingreview.records.evidence.estimate_routes import (
    routes_by_uncertainty,
    routes_without_uncertainty,
)
from livingreview.records.evidence.measures import (
    REPORTED,
    Reported,
    is_ratio,
    outcome_measure,
)
from livingreview.records.evidence.reported import Tested
from livingreview.records.evidence.route import Route
from livingreview.records.evidence.sizes import Alternatives

# Logarithm of the largest ratio.
LARGEST_LOG = math.log(LARGEST_AMOUNT)


class Estimate(Tested):
    """An effect that a source reports as such, with its uncertainty."""

    decisive: ClassVar[tuple[str, ...]] = ("value", "standard_error", "variance", "low", "high")
    dependent: ClassVar[tuple[str, ...]] = ("p_value",)
    example: ClassVar[str] = """\
# One of odds_ratio, risk_ratio, hazard_ratio, rate_ratio, log_odds_ratio, log_risk_ratio,
# log_hazard_ratio, log_rate_ratio, smd, mean_difference.
measure: odds_ratio
# A number from -1000000000.0.
value: 0.76
# A list of 2, may be left out.
interval: [0.34, 1.71]
# A number above 50 and at most 99.9999, may be left out.
interval_percent: 95
# Of the log for a ratio, of the value itself for other measures. A number from 1e-09, may
# be left out.
# standard_error: 0.41
# The square of the standard error. A number from 1e-18, may be left out.
# variance: 0.168
# Exact two-sided p value; a bound such as `< 0.05` is a finding. A number above 0 and
# below 1, may be left out.
# p_value: 0.51
# True or false, may be left out.
adjusted: false
# The source says `about`. True or false, may be left out.
# approximate: true
# Only used where nothing tells the uncertainty. A list, may be left out.
# sizes:
#   - name: reported
#     basis: reported
#     treated: 120
#     control: 118
#     # total: 238
#     source:
#       url: https://example.org/to-fill-in
#       locator: table 2, page 7
#       kind: full text
#     # note: What is special about these sizes.
"""

    kind: Literal["estimate"]
    measure: Reported
    value: Amount
    standard_error: Positive | None = Field(
        default=None, description="Of the log for a ratio, of the value itself for other measures."
    )
    variance: Annotated[float, Field(ge=LEAST_AMOUNT**2, le=LARGEST_AMOUNT**2)] | None = Field(
        default=None, description="The square of the standard error."
    )
    interval: Annotated[Pair | None, Ends("low", "high")] = None
    interval_percent: Annotated[float, Field(gt=50, le=99.9999), OnlyWith("interval")] = 95
    p_value: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        default=None, description="Exact two-sided p value; a bound such as `< 0.05` is a finding."
    )
    adjusted: bool = False
    approximate: bool = Field(default=False, description="The source says `about`.")
    sizes: Alternatives = Field(
        default=[], description="Only used where nothing tells the uncertainty."
    )

    @field_validator("measure", mode="before")
    @classmethod
    def _measure_is_known(cls, measure: Any) -> Any:
        if isinstance(measure, str) and measure not in REPORTED:
            raise field_error((), None, one_of(measure, REPORTED, LIKENESS_OF_MEASURES))
        return measure

    @field_validator("value")
    @classmethod
    def _ratio_is_positive(cls, value: float, info: ValidationInfo) -> float:
        measure = info.data.get("measure", "smd")
        if is_ratio(measure) and value < LEAST_AMOUNT:
            allowed = "a ratio above 0" if value <= 0 else f"{LEAST_AMOUNT:g} or more"
            raise field_error((), None, allowed)
        if measure.startswith("log_") and abs(value) > LARGEST_LOG:
            raise field_error(
                (), None, f"a logarithm between -{LARGEST_LOG:.1f} and {LARGEST_LOG:.1f}"
            )
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
        ratio = is_ratio(info.data.get("measure", "smd"))
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

    def serves(self, measure: MeasureName) -> bool:
        """Whether the measure can be turned into an outcome's."""
        return outcome_measure(self.measure) == measure

    @property
    def reports(self) -> str:
        """The measure in words."""
        words = "standardised mean difference" if self.measure == "smd" else self.measure
        return f"{'an' if words[0] in 'aeiou' else 'a'} {words.replace('_', ' ')}"

    @property
    def is_adjusted(self) -> bool:
        """As the source says."""
        return self.adjusted

    def routes(self, i: int, comparison: Comparison) -> list[Route]:
        """Routes by each measure of uncertainty; without one, by group sizes."""
        ways = routes_by_uncertainty(i, self, comparison)
        return ways or routes_without_uncertainty(i, self, comparison)
