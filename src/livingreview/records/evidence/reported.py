"""What a source reports about an effect: a model for each kind of evidence.

A validator beside a model says what its fields may not say together. It reads the fields that
are valid (`ValidationInfo.data`), so that one broken field hides no other mistake.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from livingreview.base.types import Identifier, Source, Text
from livingreview.base.validation import Strict, field_error, refuse, repeated

# Reported numbers lie between these; so do ratios, above the second. Arithmetic keeps its
# digits between them.
LARGEST_AMOUNT = 1e9
LEAST_AMOUNT = 1e-9
LEAST_P = 1e-300

Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
Size = Annotated[int, Field(ge=1, le=1_000_000_000)]
Amount = Annotated[float, Field(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT)]
Positive = Annotated[float, Field(ge=LEAST_AMOUNT, le=LARGEST_AMOUNT)]
Direction = Literal["increase", "decrease", "none", "unclear"]
Significance = Literal["significant", "not_significant", "not_stated"]


class Sizes(Strict):
    """Group sizes as one source gives them: both groups, or their total."""

    name: Identifier = Field(description="Name of this alternative, used in stage 6.")
    basis: Literal["reported", "planned", "derived"] = Field(
        description="Whether the source states the sizes, plans them, or they were worked out."
    )
    treated: Size | None = None
    control: Size | None = None
    total: Size | None = Field(default=None, validate_default=True)
    source: Source
    note: Text | None = None

    @field_validator("total")
    @classmethod
    def _agrees_with_groups(cls, total: int | None, info: ValidationInfo) -> int | None:
        groups = {role: info.data[role] for role in ("treated", "control") if role in info.data}
        if len(groups) < 2:
            return total
        known = [size for size in groups.values() if size is not None]
        if total is None and len(known) < 2:
            allowed = "`treated` and `control`, or `total`"
            raise field_error((), "neither", allowed, beside=True)
        if total is not None and len(known) == 2 and total != sum(known):
            raise field_error((), total, f"{sum(known)}, the sum of the two groups")
        if total is not None and len(known) == 1 and known[0] >= total:
            role = next(role for role, size in groups.items() if size is not None)
            raise field_error((role,), known[0], f"below the total, {total}", beside=True)
        return total

    @property
    def groups(self) -> tuple[int, int] | None:
        """Treated and control, one of them from the total where need be; None when not known."""
        treated, control = self.treated, self.control
        if self.total is not None and treated is not None:
            control = self.total - treated
        elif self.total is not None and control is not None:
            treated = self.total - control
        return None if treated is None or control is None else (treated, control)

    @property
    def people(self) -> int:
        """Both groups together."""
        if self.total is not None:
            return self.total
        assert self.groups is not None
        return sum(self.groups)


def _names_differ(alternatives: list[Sizes]) -> list[Sizes]:
    refuse(repeated(alternatives, "name"))
    return alternatives


Alternatives = Annotated[list[Sizes], AfterValidator(_names_differ)]


class ArmCounts(Strict):
    """People in one arm with the outcome, out of those observed."""

    arm: Identifier
    events: Count
    total: Size

    @model_validator(mode="after")
    def _no_more_events_than_people(self) -> Self:
        if self.events > self.total:
            raise field_error(("events",), self.events, f"at most the total, {self.total}")
        return self


class ArmPercent(Strict):
    """Rounded percentage of one arm with the outcome."""

    arm: Identifier
    percent: Annotated[float, Field(ge=0, le=100)]
    decimals: Annotated[int, Field(ge=0, le=6)] = Field(description="Decimals as printed.")
    total: Size | None = Field(default=None, description="Left out when it could not be read.")

    @field_validator("decimals")
    @classmethod
    def _as_many_as_shown(cls, decimals: int, info: ValidationInfo) -> int:
        percent = info.data.get("percent", 0.0)
        least = -int(Decimal(repr(percent)).normalize().as_tuple().exponent)
        if decimals < least:
            raise field_error((), decimals, f"at least {least}, the decimals of {percent}")
        return decimals


class ArmMean(Strict):
    """Mean and standard deviation of a score in one arm."""

    arm: Identifier
    mean: Amount
    sd: Positive
    total: Annotated[int, Field(ge=2, le=1_000_000_000)]


class Clusters(Strict):
    """Groups of people assigned together: how many, and how alike they are."""

    icc: Annotated[float, Field(ge=0, le=1)] = Field(description="Intracluster correlation.")
    average_size: Annotated[float, Field(ge=1, le=1_000_000_000)]
    source: Source | None = Field(
        default=None, description="Of the intracluster correlation; left out when it is assumed."
    )
    note: Text | None = Field(
        default=None,
        validate_default=True,
        description="Required when the correlation is assumed.",
    )

    @field_validator("note")
    @classmethod
    def _has_a_note_or_a_source(cls, note: str | None, info: ValidationInfo) -> str | None:
        if note is None and info.data.get("source", "broken") is None:
            raise field_error((), "nothing", "a note on why `icc` is assumed, or its source")
        return note


class _Reported(Strict):
    source: Source
    note: Text | None = None
    clusters: Clusters | None = Field(
        default=None, description="Only when groups of people were assigned, not people."
    )


class _Tested(_Reported):
    adjusted_for_clusters: bool = Field(
        default=False, description="The uncertainty or test reported allows for clusters."
    )


class Counts(_Reported):
    """Events and totals by arm."""

    kind: Literal["counts"]
    arms: Annotated[list[ArmCounts], Field(min_length=2)]


class Percentages(_Reported):
    """Percentages and group sizes by arm."""

    kind: Literal["percentages"]
    arms: Annotated[list[ArmPercent], Field(min_length=2)]


class Estimate(_Tested):
    """A relative effect with its uncertainty, on its natural (not log) scale."""

    kind: Literal["estimate"]
    measure: Literal["odds_ratio", "risk_ratio", "hazard_ratio", "smd"]
    value: Amount
    standard_error: Positive | None = Field(
        default=None, description="Of the log for a ratio, of the value itself for an SMD."
    )
    interval: Annotated[list[Amount], Field(min_length=2, max_length=2)] | None = None
    interval_percent: Annotated[float, Field(gt=50, le=99.9999)] = 95
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


class Means(_Reported):
    """Means and standard deviations by arm of a score that rises with the outcome."""

    kind: Literal["means"]
    arms: Annotated[list[ArmMean], Field(min_length=2)]


class Test(_Tested):
    """A test statistic with group sizes and a direction."""

    kind: Literal["test"]
    statistic: Literal["chi_squared", "z", "t", "f", "p"]
    value: Annotated[float, Field(ge=0, le=LARGEST_AMOUNT)] = Field(
        description="Absolute value, or the exact p."
    )
    direction: Literal["increase", "decrease"]
    sizes: Annotated[Alternatives, Field(min_length=1)]

    @field_validator("value")
    @classmethod
    def _p_is_a_probability(cls, value: float, info: ValidationInfo) -> float:
        if info.data.get("statistic") == "p" and not LEAST_P <= value < 1:
            allowed = f"{LEAST_P:g} or more" if 0 < value < 1 else "a p value between 0 and 1"
            raise field_error((), None, allowed)
        return value


class Finding(_Tested):
    """Only a direction and a statement of significance."""

    kind: Literal["finding"]
    direction: Direction
    significance: Significance
    sizes: Alternatives = Field(
        default=[], description="One entry per source of sizes, the one to analyse first."
    )

    @field_validator("significance")
    @classmethod
    def _significant_has_a_direction(cls, significance: str, info: ValidationInfo) -> str:
        if significance == "significant" and info.data.get("direction") == "none":
            allowed = "increase, decrease or unclear when the statement is `significant`"
            raise field_error(("direction",), "none", allowed, beside=True)
        return significance


Evidence = Annotated[
    Counts | Percentages | Estimate | Means | Test | Finding, Field(discriminator="kind")
]
