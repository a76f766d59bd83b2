"""Limits beyond which a value on record is asked about."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from livingreview.base.types import Identifier, Text
from livingreview.base.validation import Strict, field_error

Limit = Annotated[float, Field(gt=0, le=1e9)]
Bounds = Annotated[list[float], Field(min_length=2, max_length=2)]


class Plausibility(Strict):
    """Limits of the questions that records are asked (docs/records.md has the rules behind them).

    They are wide: a value within them may still be wrong, one beyond them is seldom right.
    """

    lopsided_at_most: Limit = Field(
        default=0.33,
        description="How far an estimate is from the middle of its interval, as a share of half"
        " its width, on the log scale of a ratio. Exact intervals of the smallest counts reach"
        " about 0.25.",
    )
    lopsided_logarithm_at_most: Limit = Field(
        default=0.1,
        description="The same of a ratio that is just in the middle of its interval as it stands,"
        " as a logarithm would be.",
    )
    lower_end_at_most: Limit = Field(
        default=10,
        description="Of a ratio's interval. Hardly any treatment has a ratio surely above ten;"
        " percentages do.",
    )
    standard_error_at_most: Limit = Field(
        default=2.5,
        description="Of the log of a ratio, and of a standardised mean difference. A single event"
        " in each group gives 1.4, and none in either gives 2, at any size.",
    )
    standard_error_at_least: Limit = Field(
        default=0.5,
        description="Of a log odds ratio or a standardised mean difference, as a share of the least"
        " that groups of this size have. Adjustment for a score that is correlated 0.87 with the"
        " outcome halves it.",
    )
    chi_squared_at_most: Limit = Field(
        default=1,
        description="Chi-squared, for each person: of two proportions it is the number of people"
        " times a squared correlation.",
    )
    observed_at_most: Limit = Field(
        default=1, description="People observed in an arm, for each that was assigned to it."
    )
    cluster_at_most: Limit = Field(
        default=1,
        description="Average size of a cluster, for each person of the larger group: a cluster"
        " belongs to one group.",
    )
    share_at_most: Limit = Field(
        default=3,
        description="Logits between a share in the control arm and that which the protocol expects:"
        " 20 times its odds, either way.",
    )
    year_at_least: Annotated[int, Field(ge=1900, le=2100)] = Field(
        default=1900, description="Of a citation; the latest is next year."
    )
    follow_up_months_at_most: Limit = Field(
        default=240, description="Few trials are followed longer; 365 are days."
    )
    moderator_units_at_most: Limit = Field(
        default=100,
        description="Distance of a moderator from its `centre`, in units of `per`: the smallest"
        " coefficient would be an absurd effect there.",
    )
    moderators: dict[Identifier, Bounds] = Field(
        default={}, description="Least and greatest value of a numeric moderator, instead."
    )
    copied_digits_at_most: Limit = Field(
        default=2,
        description="Digits in which the results of two effects of a study agree: two rare events"
        " may be as frequent, but seldom more.",
    )
    reason: Text | None = Field(
        default=None, description="Why limits were moved; required where one is."
    )

    @model_validator(mode="after")
    def _moved_for_a_reason(self) -> Self:
        fields = type(self).model_fields.items()
        if self.reason is None and any(getattr(self, n) != f.default for n, f in fields):
            raise field_error(("reason",), "nothing", "why these limits were moved")
        for name, (low, high) in self.moderators.items():
            if low >= high:
                raise field_error(("moderators", name), None, "[least, greatest], rising")
        return self
