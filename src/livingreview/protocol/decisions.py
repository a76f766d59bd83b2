"""Rules that turn posteriors into words."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from livingreview.documents import Strict
from livingreview.records import Identifier, Text

Probability = Annotated[float, Field(ge=0, le=1)]


class Verdict(Strict):
    """Words that a posterior earns."""

    id: Identifier
    probability: Probability = Field(description="Least posterior probability of the direction.")
    words: Text = Field(description="With {direction} for `more` or `less`.")


class Decisions(Strict):
    """Rules that turn posteriors into words."""

    practically_none_odds_ratio: Annotated[float, Field(gt=1)]
    practically_none_probability: Probability
    verdicts: Annotated[list[Verdict], Field(min_length=1)] = Field(
        description="From the most to the least demanding."
    )
    no_verdict: Text
    practically_none: Text
    fewest_studies_for_a_verdict: Annotated[int, Field(ge=1)]
    few_studies: Text = Field(description="Used when fewer studies than that carry the outcome.")
    reason: Text

    @model_validator(mode="after")
    def _falling(self) -> Self:
        steps = [verdict.probability for verdict in self.verdicts]
        if steps != sorted(steps, reverse=True):
            allowed = "falling probabilities"
            context = {"field": ("verdicts",), "found": str(steps), "allowed": allowed}
            raise PydanticCustomError("order", "{allowed}", context)
        return self
