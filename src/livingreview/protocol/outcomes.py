"""Outcomes of a review, and what is assumed of their frequency in the control arm."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from livingreview.base.errors import one_of
from livingreview.base.labels import ALONE, BEFORE_PHRASE
from livingreview.base.measures import MEASURES, MeasureName
from livingreview.base.types import Identifier, Source, Text
from livingreview.base.validation import Strict, field_error
from livingreview.protocol.names import reserved_name
from livingreview.protocol.priors import Prior

# Names of measures are alike: one less like another than this is not just misspelt.
LIKENESS_OF_MEASURES = 0.85
Better = Literal["lower", "higher"]
Less = Literal["less", "fewer", "lower"]
# Ratings of an outcome's importance (Guyatt and others 2011, Journal of Clinical Epidemiology 64,
# 395-400).
CRITICAL, MOST_CRITICAL = 7, 9
# Name of the protocol's own assumption, beside those of `settings`.
AS_PLANNED = "as_planned"
# Of control logits behind ratios: the odds of the middle 95% of studies span a factor of 7.
DEFAULT_SPREAD = 0.5


class CitedBaseline(Strict):
    """Share of people with the outcome under the control condition, with its source."""

    probability: Annotated[float, Field(gt=0, lt=1)]
    months: Annotated[float, Field(gt=0)]
    source: Source
    note: Text


class Shares(Strict):
    """Control shares of the studies of an outcome, where a ratio needs one that is not known."""

    location: Prior = Field(description="Prior of their location, on the logit scale.")
    spread: Annotated[float, Field(gt=0, le=5)] = Field(
        description="Standard deviation of the logits around it."
    )
    reason: Text

    @model_validator(mode="after")
    def _normal(self) -> Self:
        if self.location.family != "normal":
            raise field_error(("location",), self.location, "normal(…)")
        return self


class SizePrior(Strict):
    """Size of one arm of a study whose sizes no source gives."""

    prior: Prior = Field(description="Prior of the people in one arm.")
    reason: Text

    @model_validator(mode="after")
    def _log_normal(self) -> Self:
        if self.prior.family != "log_normal":
            raise field_error(("prior",), self.prior, "log_normal(…)")
        return self


class _ControlLevels(Strict):
    """Priors of the outcome's frequency in the control arm, on the logit scale."""

    findings: Prior = Field(description="Prior of the control logit behind a finding.")
    counts: Prior = Field(description="Prior of the control logit where counts inform it.")
    shares: Shares | None = Field(
        default=None,
        description="Control shares behind risk and hazard ratios; by default around the prior"
        " behind a finding, with a spread of 0.5.",
    )

    @model_validator(mode="after")
    def _normal(self) -> Self:
        for field in ("findings", "counts"):
            if (prior := getattr(self, field)).family != "normal":
                raise field_error((field,), prior, "normal(…)")
        return self


class BaselinePriors(_ControlLevels):
    """What is assumed of a study's arms: frequency in the control arm, and size."""

    sizes: Prior | None = Field(default=None, description="Of an arm whose size is not known.")

    @property
    def share_location(self) -> Prior:
        """Prior of the location of control logits behind ratios."""
        return self.shares.location if self.shares else self.findings

    @property
    def share_spread(self) -> float:
        """Standard deviation of control logits around that location."""
        return self.shares.spread if self.shares else DEFAULT_SPREAD


class Baseline(_ControlLevels):
    """What is assumed of the outcome's frequency in the control arm, and why."""

    reason: Text
    settings: dict[Identifier, Prior] = Field(
        default={},
        description="Other priors of the control logit behind a finding, for the sensitivity"
        " analyses, by name.",
    )
    settings_reason: Text | None = Field(default=None, description="Why these; with `settings`.")
    cited: CitedBaseline | None = Field(description="Null when no readable source gives one.")

    @model_validator(mode="after")
    def _settings_have_a_reason(self) -> Self:
        if AS_PLANNED in self.settings:
            raise reserved_name(("settings", AS_PLANNED), AS_PLANNED)
        if self.settings and self.settings_reason is None:
            raise field_error(("settings_reason",), "nothing", "a reason, as there are `settings`")
        return self

    @property
    def probability(self) -> float:
        """Control probability at the centre of the prior behind a finding."""
        return 1 / (1 + math.exp(-self.findings.arguments[0]))

    @property
    def expected(self) -> float:
        """Control probability to expect in a new trial: the cited one, else the above."""
        return self.cited.probability if self.cited else self.probability


NO_BASELINE = Baseline(
    findings=Prior.parse("normal(0, 1)"),
    counts=Prior.parse("normal(0, 1)"),
    reason="Means have no frequency.",
    cited=None,
)


class Adjustment(Strict):
    """Which of two quantities is wanted where a study gives both."""

    wanted: Literal["adjusted", "unadjusted"] = Field(
        description="For other characteristics of the groups; counts and means are unadjusted."
    )
    reason: Text


class Assumed(Strict):
    """What the protocol says of an outcome's studies where a record does not."""

    probability: float = Field(description="Of the outcome in the control arm.")
    measure: MeasureName = "odds_ratio"
    sizes: Prior | None = Field(default=None, description="Of an arm whose size is not known.")
    adjusted: bool | None = Field(
        default=None, description="Whether adjusted effects are wanted; null for no preference."
    )


class Outcome(Strict):
    """An outcome of the review and how to speak of it."""

    label: Text = Field(description="Heading, such as `Repeat abuse recorded by the police`.")
    phrase: Text = Field(description="As it stands inside a sentence.")
    short_label: Text | None = Field(
        default=None, description="Heading of a few words for the first screen; else the label."
    )
    people: Text = Field(description="Whom the rate is counted over, such as `households`.")
    better: Better
    less: Less | None = Field(
        default=None,
        description="Word before the phrase where there is less of it: `less` abuse, `fewer`"
        " arrests, `lower` blood pressure; by default `lower` for a mean, and else `less`.",
    )
    one_meaning: bool = Field(
        default=True,
        description="False where more of the outcome may be good or bad. Nothing then calls a"
        " direction better or worse, in words or colours.",
    )
    importance: Annotated[int, Field(ge=1, le=9)] = Field(
        default=MOST_CRITICAL,
        description="For a decision, as GRADE rates it: from 7 on critical. Outcomes are printed"
        " in this order.",
    )
    measure: MeasureName = Field(
        default="odds_ratio",
        description="Of its effects, the same for all outcomes: models see the log of an odds or"
        " rate ratio, or the difference of means.",
    )
    unit: Text | None = Field(
        default=None,
        description="Of the score, such as `mmHg`; for a mean difference, and needed there.",
    )
    caution: Text = Field(description="What a reader must bear in mind about this outcome.")
    baseline: Baseline | None = Field(
        default=None, description="Needed unless the outcome is measured by a mean difference."
    )
    sizes: SizePrior | None = Field(
        default=None,
        description="Needed to use evidence from studies whose group sizes are not known.",
    )
    adjustment: Adjustment | None = Field(
        default=None,
        description="Where a study gives adjusted and unadjusted effects; else their kind decides.",
    )

    @field_validator("measure", mode="before")
    @classmethod
    def _measure_is_known(cls, measure: Any) -> Any:
        if isinstance(measure, str) and measure not in MEASURES:
            raise field_error((), None, one_of(measure, MEASURES, LIKENESS_OF_MEASURES))
        return measure

    @model_validator(mode="after")
    def _complete(self) -> Self:
        means = self.measure == "mean_difference"
        allowed = f"{'a unit' if means else 'nothing'}, as the measure is `{self.measure}`"
        if means == (self.unit is None):
            raise field_error(("unit",), self.unit or "nothing", allowed)
        if means == (self.baseline is not None):
            found = "nothing" if self.baseline is None else "a baseline"
            allowed = f"{'nothing' if means else 'a baseline'}, as the measure is `{self.measure}`"
            raise field_error(("baseline",), found, allowed)
        return self

    @property
    def heading(self) -> str:
        """Label of a few words."""
        return self.short_label or self.label

    @property
    def word_for_less(self) -> Less:
        """Word for the lower side, before the phrase."""
        return self.less or ("lower" if self.measure == "mean_difference" else "less")

    @property
    def sides(self) -> dict[str, str]:
        """Words for ``less`` and ``more`` of it before its phrase."""
        return BEFORE_PHRASE[self.word_for_less]

    @property
    def sides_alone(self) -> dict[str, str]:
        """The same where the phrase does not follow."""
        return ALONE[self.word_for_less]

    @property
    def is_critical(self) -> bool:
        """Whether a decision hangs on it."""
        return self.importance >= CRITICAL

    @property
    def control(self) -> Baseline:
        """What is assumed of the control arm; of means nothing is, and no term asks."""
        return self.baseline or NO_BASELINE

    @property
    def assumed(self) -> Assumed:
        """What the routes of an effect need to know of the protocol."""
        sizes = self.sizes.prior if self.sizes else None
        return Assumed(
            probability=self.control.probability,
            measure=self.measure,
            sizes=sizes,
            adjusted=self.adjustment.wanted == "adjusted" if self.adjustment else None,
        )

    @property
    def priors(self) -> BaselinePriors:
        """What is assumed of a study's arms."""
        levels = {name: getattr(self.control, name) for name in _ControlLevels.model_fields}
        return BaselinePriors(**levels, sizes=self.sizes.prior if self.sizes else None)
