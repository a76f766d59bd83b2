"""How far the sensitivity analyses go."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from livingreview.base.types import Text
from livingreview.base.validation import Strict, field_error

Probability = Annotated[float, Field(gt=0.5, lt=1)]


class SmallStudies(Strict):
    """When and how the effects are regressed on their standard errors."""

    fewest_effects: Annotated[int, Field(ge=3)] = Field(
        description="Numeric effects below which the regression is refused."
    )
    standard_error_per: Annotated[float, Field(gt=0)] = Field(
        description="Difference in standard error (of the log of a ratio) that the slope is for,"
        " and that its prior, the `beta` of the planned prior set, speaks of."
    )
    reason: Text


class SelectivePrinting(Strict):
    """How often results that are not significant are taken to be printed, beside the others."""

    weights: Annotated[list[Annotated[float, Field(ge=0.01, le=1)]], Field(min_length=1)] = Field(
        description="Relative probabilities of printing, from 1, which is the planned analysis."
    )
    reason: Text

    @model_validator(mode="after")
    def _falling_from_one(self) -> Self:
        if self.weights != sorted({1.0, *self.weights}, reverse=True):
            raise field_error(("weights",), self.weights, "falling values, the first of them 1")
        return self


class Unreported(Strict):
    """How many studies without effect are thought of as unreported."""

    most: Annotated[int, Field(ge=1, le=1000)] = Field(
        description="Studies of the outcome's median size; more are not tried."
    )
    reason: Text


class LargestBias(Strict):
    """How large a common bias of the studies at high risk is asked for."""

    largest: Annotated[float, Field(gt=0, le=100)] = Field(
        description="By which their effects are too high, or too low: a factor of a ratio, above"
        " 1, or a difference."
    )
    reason: Text


class NextTrial(Strict):
    """Which trials are imagined, and how often one must move the verdict towards the truth."""

    people_per_arm: Annotated[list[Annotated[int, Field(ge=10, le=1_000_000)]], Field(min_length=1)]
    true_effects: Annotated[list[float], Field(min_length=1)] = Field(
        description="Assumed pooled effects: ratios, or differences."
    )
    power: Probability = Field(
        description="Least probability of moving the verdict towards the truth."
    )
    simulations: Annotated[int, Field(ge=100, le=1_000_000)] = Field(
        description="Trials drawn for each size and effect."
    )
    reason: Text

    @model_validator(mode="after")
    def _rising(self) -> Self:
        for field in ("people_per_arm", "true_effects"):
            values = getattr(self, field)
            if values != sorted(set(values)):
                raise field_error((field,), values, "rising values")
        return self


class ReadingList(Strict):
    """How the full texts worth ordering are ranked."""

    simulations: Annotated[int, Field(ge=100, le=10_000)] = Field(
        description="Tables of counts drawn for each effect that a full text would give."
    )
    most_effects: Annotated[int, Field(ge=1, le=1_000)] = Field(
        description="Effects of an outcome that wait for a full text; with more, none is ranked."
    )
    reason: Text


class Sensitivity(Strict):
    """How far the sensitivity analyses go, and when a specification counts as pointing one way."""

    decisive_probability: Probability
    most_specifications: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        description="Of the multiverse; a larger product is sampled at random."
    )
    most_subsets: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        description="Of the studies; more are sampled at random."
    )
    fewest_studies_for_clusters: Annotated[int, Field(ge=3)] = Field(
        description="Studies below which no clusters of subsets are looked for."
    )
    small_studies: SmallStudies
    selective_printing: SelectivePrinting = SelectivePrinting(
        weights=[1.0, 0.5, 0.2, 0.1],
        reason="From everything in print to one in ten of the results that are not significant.",
    )
    unreported: Unreported = Unreported(
        most=100,
        reason="More unreported studies than that are hardly to be thought of in any field.",
    )
    bias: LargestBias = LargestBias(
        largest=10,
        reason="A factor beyond what poor allocation or loss to follow-up has been seen to bring.",
    )
    next_trial: NextTrial
    reading_list: ReadingList = ReadingList(
        simulations=1000,
        most_effects=40,
        reason="A Monte Carlo standard error of at most 0.016 of a probability. Where more effects"
        " wait for their full texts, no single one moves an answer much.",
    )
    reason: Text
