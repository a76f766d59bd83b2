"""What the page says beyond numbers, and the published conclusions to compare with."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from livingreview.documents import Strict
from livingreview.records import Address, Identifier, Source, Text

Paragraph = Annotated[str, Field(min_length=1, max_length=4000)]


class Section(Strict):
    """One section of the page in our own words, without any result."""

    paragraphs: Annotated[list[Paragraph], Field(min_length=1)]
    points: list[Paragraph] = []
    sources: Annotated[list[Source], Field(min_length=1)]


class Reference(Strict):
    """A work that the page refers to, other than a primary study."""

    text: Text
    url: Address


class Narrative(Strict):
    """The content of `narrative.yaml`."""

    focus: Section
    research: Section
    soundness: Section
    mechanism: Section
    moderators: Section
    implementation: Section
    economics: Section
    general_considerations: Section
    completeness: Section = Field(description="What could not be read, and what that means.")
    references: list[Reference]


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


class Published(Strict):
    """The content of `published.yaml`."""

    conclusions: list[Conclusion]
