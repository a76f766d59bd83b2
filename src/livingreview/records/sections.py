"""Sections of the page that the narrative gives in words, some with parts to fill or to compare."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from livingreview.base.errors import one_of
from livingreview.base.types import Identifier, Source, Text
from livingreview.base.validation import Strict, field_error, refuse
from livingreview.protocol.vocabulary import Vocabulary

Paragraph = Annotated[str, Field(min_length=1, max_length=4000)]
# A sentence that stands alone.
Headline = Annotated[str, Field(min_length=1, max_length=160)]


class Section(Strict):
    """One section of the page in our own words, without any result."""

    headline: Headline | None = Field(
        default=None, description="The section in a sentence, for the first screen and the brief."
    )
    paragraphs: Annotated[list[Paragraph], Field(min_length=1)]
    points: list[Paragraph] = []
    sources: Annotated[list[Source], Field(min_length=1)]


class ChainLink(Strict):
    """A step on the way from the programme to what it is for."""

    link: Headline = Field(description="What happens at this step.")
    measured_by: list[Identifier] = Field(
        default=[], description="Outcomes of the protocol that measure it; none where none does."
    )

    @field_validator("measured_by")
    @classmethod
    def _outcomes_are_known(cls, names: list[str], info: ValidationInfo) -> list[str]:
        if isinstance(vocabulary := info.context, Vocabulary):
            refuse(
                field_error((i,), name, one_of(name, vocabulary.outcomes))
                for i, name in enumerate(names)
                if name not in vocabulary.outcomes
            )
        return names


class Mechanism(Section):
    """How it could work."""

    chain: list[ChainLink] = Field(
        default=[], description="Steps in their order, the programme first; empty where none."
    )


class CostLine(Strict):
    """A line of the worksheet of costs, for the reader to fill in."""

    line: Headline = Field(description="What is counted, such as `Hours of officers`.")
    unit: Text = Field(description="In what, such as `hours per visit`.")


class Economics(Section):
    """What it costs."""

    worksheet: list[CostLine] = Field(
        default=[], description="Lines of a cost worksheet without figures; empty where none."
    )


class Harms(Strict):
    """What is not known of harm, beside what the studies on record found."""

    not_on_record: Annotated[list[Text], Field(min_length=1)] = Field(
        description="Harms that nothing on record tells of, each inside a sentence."
    )


class NextSteps(Strict):
    """What a reader who must decide is advised to do."""

    headline: Headline
    points: list[Paragraph] = []
