"""Stage 8: reporting checklists, item by item with where each is reported, or why it is not.

The items and answers stand in `workflow/report/checklists/`, and are the same for every review:
what differs between reviews is in the places that they link to.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from livingreview.base.types import Text
from livingreview.base.validation import Strict

ANSWERS = {
    "yes": "Reported",
    "partly": "Partly",
    "no": "Not reported",
    "not_applicable": "Does not apply",
}


class ChecklistItem(Strict):
    """One item of a checklist."""

    number: Text = Field(description="As in the checklist.")
    topic: Text
    asks: Text = Field(description="What it asks for, in our words.")
    answer: Literal["yes", "partly", "no", "not_applicable"]
    where: dict[Text, Text] = Field(
        default_factory=dict,
        description="Label of each place with its link, from the folder of the report.",
    )
    note: Text | None = Field(default=None, description="What is missing, and why.")


class ChecklistSection(Strict):
    """Items under one heading."""

    heading: Text
    checked: bool = Field(description="Whether the items could be read in a source.")
    items: Annotated[list[ChecklistItem], Field(min_length=1)]


class Checklist(Strict):
    """The content of a file in workflow/report/checklists/."""

    title: Text
    citation: Text
    read_at: Text = Field(description="From where the items are known, and from where not.")
    sections: Annotated[list[ChecklistSection], Field(min_length=1)]


def counts(checklist: Checklist) -> dict[str, int]:
    """How many items have each answer, in words."""
    answers: list[str] = [item.answer for section in checklist.sections for item in section.items]
    return {words: answers.count(name) for name, words in ANSWERS.items()}
