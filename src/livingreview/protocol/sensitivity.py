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


class NextTrial(Strict):
    """Which trials are imagined, and how often one must move the verdict."""

    people_per_arm: Annotated[list[Annotated[int, Field(ge=10, le=1_000_000)]], Field(min_length=1)]
    true_effects: Annotated[list[float], Field(min_length=1)] = Field(
        description="Assumed pooled effects: ratios, or differences."
    )
    power: Probability = Field(description="Least probability of moving the verdict.")
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
    next_trial: NextTrial
    reason: Text
