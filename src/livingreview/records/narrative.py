"""What the page says beyond numbers, and the published conclusions to compare with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from livingreview.base.documents import Location, read_document
from livingreview.base.errors import Problem, ReviewError, one_of, value_text
from livingreview.base.placeholders import unfilled
from livingreview.base.types import Address, Identifier, Source, Text
from livingreview.base.validation import (
    Strict,
    field_error,
    refuse,
    repeated,
    repeated_positions,
    validated,
)
from livingreview.protocol.vocabulary import Vocabulary
from livingreview.records.sections import ChainLink, Economics, Harms, Mechanism, NextSteps, Section

# Dimensions of EMMIE (Johnson, Tilley and Bowers 2015, J. Experimental Criminology 11, 459-473).
DIMENSIONS = ("effect", "mechanism", "moderators", "implementation", "economics")


class Reference(Strict):
    """A work that the page refers to, other than a primary study."""

    text: Text
    url: Address


class Fact(Strict):
    """A checkable item of the quality of evidence that a source answers."""

    id: Identifier
    question: Text = Field(description="Such that yes is better.")
    met: bool
    words: Text = Field(description="What the source says of it, in our words.")
    source: Source


class Rating(Strict):
    """Who rated the evidence by dimension in public, and on which scale."""

    citation: Text
    source: Source
    scale_checked: bool = Field(
        description="Whether the wording of its levels was compared with the scale's own text."
    )
    scale_note: Text = Field(description="What of the scale could be read.")


class Dimension(Strict):
    """What was read of one EMMIE dimension, beside what the results tell of it."""

    rated: Text | None = Field(default=None, description="Level in `rating`, as published.")
    facts: list[Fact] = []

    @field_validator("facts")
    @classmethod
    def _facts_have_names_of_their_own(cls, facts: list[Fact]) -> list[Fact]:
        ids = [fact.id for fact in facts]
        allowed = "a name that no other fact of the dimension has"
        refuse(field_error((i, "id"), ids[i], allowed) for i in repeated_positions(ids))
        return facts


class Emmie(Strict):
    """What was read for the EMMIE card."""

    rating: Rating | None = Field(default=None, description="Null when nobody rated it.")
    effect: Dimension = Dimension()
    mechanism: Dimension = Dimension()
    moderators: Dimension = Dimension()
    implementation: Dimension = Dimension()
    economics: Dimension = Dimension()

    def dimension(self, name: str) -> Dimension:
        """One of the five, by its name."""
        dimension: Dimension = getattr(self, name)
        return dimension

    @model_validator(mode="after")
    def _rated_by_someone(self) -> Self:
        rated = [name for name in DIMENSIONS if self.dimension(name).rated is not None]
        if rated and self.rating is None:
            raise field_error(("rating",), "nothing", f"who rated it, as {rated[0]} is `rated`")
        return self


class Admission(Strict):
    """What was read on whether a toolkit for police would admit the review."""

    one_intervention: Fact
    crime_outcomes: Annotated[list[Identifier], Field(min_length=1)] = Field(
        description="Outcomes that the toolkit counts as measures of crime."
    )
    source: Source = Field(description="Where the criteria were read.")


class SetCertainty(Strict):
    """Certainty of an outcome's evidence that a person set, beside the one by the rules."""

    level: Literal["high", "moderate", "low", "very_low"]
    by: Text = Field(description="Who set it.")
    reason: Text


class Narrative(Strict):
    """The content of `narrative.yaml`."""

    review: Identifier = Field(description="The review that these words are about.")
    focus: Section = Field(description="What is done, to whom, and what for.")
    research: Section = Field(description="Where the studies come from, and how they were found.")
    completeness: Section = Field(description="What could not be read, and what that means.")
    soundness: Section | None = Field(
        default=None, description="How far the studies, or a review of them, can be trusted."
    )
    mechanism: Mechanism | None = Field(default=None, description="How it could work.")
    moderators: Section | None = Field(
        default=None, description="Where and for whom it may work better or worse."
    )
    implementation: Section | None = Field(default=None, description="What it takes to do it.")
    economics: Economics | None = Field(default=None, description="What it costs.")
    general_considerations: Section | None = Field(
        default=None, description="What to bear in mind before results are carried elsewhere."
    )
    harms: Harms | None = Field(default=None, description="Null where nothing is to be added.")
    next_steps: NextSteps | None = Field(default=None, description="Null where none is given.")
    references: list[Reference]
    emmie: Emmie = Field(
        default=Emmie(), description="Read facts and ratings; the card has computed items as well."
    )
    certainty: dict[Identifier, SetCertainty] = Field(
        default={}, description="By outcome, where a person sets the certainty of its evidence."
    )
    admission: Admission | None = Field(
        default=None, description="Null where no toolkit for police would take the review."
    )

    @property
    def chain(self) -> list[ChainLink]:
        """Steps from the programme to what it is for; none where nothing is written on them."""
        return self.mechanism.chain if self.mechanism else []

    @field_validator("review")
    @classmethod
    def _of_this_review(cls, review: str, info: ValidationInfo) -> str:
        vocabulary = info.context
        if isinstance(vocabulary, Vocabulary) and vocabulary.review not in ("", review):
            allowed = f"`{vocabulary.review}`, in a narrative written for this review"
            raise field_error((), None, allowed)
        return review

    @field_validator("admission")
    @classmethod
    def _crime_outcomes_are_known(
        cls, admission: Admission | None, info: ValidationInfo
    ) -> Admission | None:
        if admission is not None and isinstance(vocabulary := info.context, Vocabulary):
            refuse(
                field_error(("crime_outcomes", i), name, one_of(name, vocabulary.outcomes))
                for i, name in enumerate(admission.crime_outcomes)
                if name not in vocabulary.outcomes
            )
        return admission

    @field_validator("certainty")
    @classmethod
    def _outcomes_are_known(
        cls, certainty: dict[str, SetCertainty], info: ValidationInfo
    ) -> dict[str, SetCertainty]:
        if isinstance(vocabulary := info.context, Vocabulary):
            refuse(
                field_error((outcome,), outcome, one_of(outcome, vocabulary.outcomes))
                for outcome in certainty
                if outcome not in vocabulary.outcomes
            )
        return certainty


class ComparedWith(Strict):
    """The result of this review that a published conclusion stands against.

    A pooled effect (`model`, and `setting` where the model has several), a difference between
    studies (`model` and `coefficient`), or a `contrast` of two outcomes.
    """

    model: Identifier | None = None
    setting: Text | None = None
    coefficient: Text | None = None
    contrast: Identifier | None = None

    @model_validator(mode="after")
    def _one_result(self) -> Self:
        named = [name for name, value in self if value is not None]
        if named not in (["model"], ["model", "setting"], ["model", "coefficient"], ["contrast"]):
            allowed = "model alone, model with setting or coefficient, or contrast alone"
            raise field_error((), ", ".join(named) or "nothing", allowed)
        return self

    @property
    def name(self) -> str:
        """The result in few words."""
        return ", ".join(value for _, value in self if value is not None)

    @property
    def in_file(self) -> str:
        """The result as the file gives it; different results may have one `name`."""
        fields = [f"{field}: {value}" for field, value in self if value is not None]
        return f"{{{', '.join(fields)}}}"


class Conclusion(Strict):
    """One published conclusion, in our words."""

    id: Identifier
    source: Source
    citation: Text
    outcome: Identifier | None = Field(description="Null when it is about no single outcome.")
    contrast: Text
    words: Text
    direction: Literal["increase", "decrease", "none", "both", "open"] | None
    significance: Literal["significant", "not_significant", "not_stated"] | None
    compared_with: ComparedWith | None = Field(
        default=None, description="Null when no result of this review answers to it."
    )
    contradicts: Identifier | None = Field(
        default=None, description="Conclusion of the same source that says otherwise."
    )

    @field_validator("outcome")
    @classmethod
    def _outcome_is_known(cls, outcome: str | None, info: ValidationInfo) -> str | None:
        vocabulary = info.context
        if isinstance(vocabulary, Vocabulary) and outcome not in (None, *vocabulary.outcomes):
            raise field_error((), None, one_of(outcome, vocabulary.outcomes))
        return outcome

    @field_validator("compared_with")
    @classmethod
    def _result_is_known(
        cls, compared: ComparedWith | None, info: ValidationInfo
    ) -> ComparedWith | None:
        if compared is None:
            return None
        if compared.model is not None and info.data.get("outcome", "broken") is None:
            allowed = "an outcome, as it is compared with a model of one"
            raise field_error(("outcome",), "nothing", allowed, beside=True)
        vocabulary, result = info.context, compared.in_file
        if isinstance(vocabulary, Vocabulary) and result not in vocabulary.results:
            raise field_error((), value_text(result), one_of(result, vocabulary.results))
        return compared


class Published(Strict):
    """The content of `published.yaml`."""

    conclusions: list[Conclusion]

    @field_validator("conclusions")
    @classmethod
    def _ids_are_known(cls, conclusions: list[Conclusion]) -> list[Conclusion]:
        refuse(repeated(conclusions, "id"))
        known = [conclusion.id for conclusion in conclusions]
        for i, conclusion in enumerate(conclusions):
            other = conclusion.contradicts
            if other is not None and (other not in known or other == conclusion.id):
                allowed = one_of(other, [name for name in known if name != conclusion.id])
                raise field_error((i, "contradicts"), other, allowed)
        return conclusions


def checked_texts(
    narrative: Path, published: Path, vocabulary: Vocabulary | None = None
) -> list[Problem]:
    """All mistakes in the narrative and the published conclusions of a review.

    Without the names of the protocol, what conclusions are about and compared with goes unchecked.
    """
    problems: list[Problem] = []
    for path, model in ((narrative, Narrative), (published, Published)):
        try:
            document = read_document(path)
            problems += unfilled(document, _wanted)
            validated(document, model, vocabulary)
        except ReviewError as error:
            problems += error.problems
    return problems


def _wanted(at: Location) -> str:
    """What a place that waits for a person is to hold."""
    section = Narrative.model_fields.get(str(at[0]))
    words = "what you read, in your words"
    return words if section is None or section.is_required() else f"{words}, or no `{at[0]}` at all"
