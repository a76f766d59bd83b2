"""Rules that turn posteriors into words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Self

from pydantic import AfterValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from livingreview.base.errors import value_text
from livingreview.base.types import Identifier, Text
from livingreview.base.validation import Strict, field_error, refuse, repeated
from livingreview.protocol.names import reserved_name, unknown_name

# No posterior is sure of anything, and one of two directions has a half at least.
Probability = Annotated[float, Field(gt=0, lt=1)]
ProbabilityOfDirection = Annotated[float, Field(ge=0.5, lt=1)]
# Names of rules that stand in fields of their own; no verdict may have one of them as its id.
_OTHER_RULES = ("few_studies", "no_verdict", "practically_none")
Studies = Annotated[int, Field(ge=1)]


def _with_direction(words: str) -> str:
    """Refuse words that would hold whichever way the effect goes."""
    if "{direction}" not in words:
        raise field_error((), value_text(words), "words with `{direction}`: more, or less")
    return words


Directed = Annotated[Text, AfterValidator(_with_direction)]


class Verdict(Strict):
    """Words that a posterior earns."""

    id: Identifier
    probability: ProbabilityOfDirection = Field(
        description="Least posterior probability of the direction."
    )
    words: Directed = Field(description="With {direction} for `more` or `less`.")


class SizeRule(Strict):
    """When the size of a pooled effect is learnt from the studies, and not from a prior."""

    people_with_numbers: Annotated[float, Field(gt=0, le=1)] = Field(
        description="Least share of all people analysed that is in effects with a number."
    )
    prior_sets: Annotated[list[Identifier], Field(min_length=2, max_length=2)] = Field(
        description="Between these two the pooled effect must hardly differ."
    )
    factor: Annotated[float, Field(gt=1, le=1.5)] = Field(
        description="By less than this must the medians of a ratio differ; those of a difference"
        " by less than what is practically none."
    )
    not_learnt: Text = Field(description="Said where a size would stand, inside a sentence.")
    reason: Text

    @field_validator("prior_sets")
    @classmethod
    def _two_sets(cls, names: list[str]) -> list[str]:
        if len(set(names)) < len(names):
            raise field_error((), ", ".join(names), "two prior sets that differ")
        return names


class ModeratorStep(Strict):
    """What a difference between studies must have to earn a verdict."""

    probability: ProbabilityOfDirection = Field(
        description="Least posterior probability of its direction: that of one of the `verdicts`."
    )
    fewest_studies: Studies = Field(description="On each side of the difference.")


class ModeratorWords(Strict):
    """Words of each verdict on a moderator."""

    supported: Text
    suggested: Text
    no_clear_difference: Text
    not_learnable: Text


class ModeratorDecisions(Strict):
    """When a difference between studies is supported, suggested, or not learnable."""

    supported: ModeratorStep
    suggested: ModeratorStep
    learnable_standard_error: Annotated[float, Field(gt=0, lt=5)] = Field(
        description="Largest standard error of the likelihood, on the scale of θ, with"
        " which anything can be learned of a difference."
    )
    learnable_studies: Studies = Field(
        description="With fewer on a side, a study cannot be told apart from its side."
    )
    condition_index_at_most: Annotated[float, Field(gt=1)] = Field(
        description="Beyond it, moderators cannot be told apart."
    )
    told_apart_by: Studies = Field(
        description="Two moderators that fewer studies tell apart cannot be told apart."
    )
    words: ModeratorWords
    reason: Text

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        strict, mild = self.supported, self.suggested
        floors = {
            "probability": 0.5,
            "fewest_studies": self.learnable_studies,
        }
        allowed = "at least what is learnable, and at most what `supported` asks"
        refuse(
            field_error(("suggested", field), f"{getattr(mild, field):g}", allowed)
            for field, least in floors.items()
            if not getattr(strict, field) >= getattr(mild, field) >= least
        )
        return self


class PublishedWords(Strict):
    """Words for how a published conclusion stands against this review's evidence."""

    agrees: Text
    differs: Text
    cannot_tell: Text
    not_compared: Text


class PublishedDecisions(Strict):
    """When the evidence at hand bears a published conclusion out, or not."""

    agrees: Identifier = Field(
        description="Mildest of the `verdicts` by which these studies agree with a direction, and"
        " by which they differ when it is the other direction that earns it."
    )
    agrees_with_significant: Identifier = Field(
        description="The same where the published direction was called significant."
    )
    open_within_effect: Annotated[float, Field(gt=0)] = Field(
        description="A question that was left open is open here as well only if the 95% interval"
        " excludes comparisons beyond it, either way: a ratio above 1, or a difference above 0."
    )
    words: PublishedWords
    reason: Text


class Decisions(Strict):
    """Rules that turn posteriors into words."""

    practically_none_effect: Annotated[float, Field(gt=0)] = Field(
        description="Beyond it, either way, an effect is not practically none: a ratio above 1, or"
        " a difference above 0."
    )
    practically_none_probability: Probability
    verdicts: Annotated[list[Verdict], Field(min_length=1)] = Field(
        description="From the most to the least demanding."
    )
    no_verdict: Text
    practically_none: Text
    fewest_studies_for_a_verdict: Studies
    few_studies: Directed = Field(
        description="Used when fewer studies than that carry the outcome; with {direction}."
    )
    size: SizeRule
    moderators: ModeratorDecisions
    published: PublishedDecisions
    reason: Text

    @field_validator("verdicts")
    @classmethod
    def _verdicts_fall_and_differ(cls, verdicts: list[Verdict]) -> list[Verdict]:
        steps = [verdict.probability for verdict in verdicts]
        if steps != sorted(steps, reverse=True):
            raise field_error((), steps, "falling probabilities")
        ids = [verdict.id for verdict in verdicts]
        refuse(reserved_name((i, "id"), name) for i, name in enumerate(ids) if name in _OTHER_RULES)
        refuse(repeated(verdicts, "id"))
        return verdicts

    @model_validator(mode="after")
    def _one_probability_has_one_verdict(self) -> Self:
        refuse(chain(self._other_probabilities(), self._unknown_verdicts()))
        return self

    def _other_probabilities(self) -> Iterator[PydanticCustomError]:
        """A step of moderators that is none of effects would give one probability two names."""
        steps = [verdict.probability for verdict in self.verdicts]
        allowed = f"a probability of `verdicts`: {', '.join(f'{step:g}' for step in steps)}"
        for name in ("supported", "suggested"):
            found = getattr(self.moderators, name).probability
            if found not in steps:
                yield field_error(("moderators", name, "probability"), f"{found:g}", allowed)

    def _unknown_verdicts(self) -> Iterator[PydanticCustomError]:
        ids = [verdict.id for verdict in self.verdicts]
        mild, strict = self.published.agrees, self.published.agrees_with_significant
        named = {"agrees": mild, "agrees_with_significant": strict}
        for field, name in named.items():
            if name not in ids:
                yield unknown_name(("published", field), name, ids)
        if {mild, strict} <= {*ids} and ids.index(strict) > ids.index(mild):
            allowed = f"`{mild}`, or a more demanding verdict"
            yield field_error(("published", "agrees_with_significant"), strict, allowed)
