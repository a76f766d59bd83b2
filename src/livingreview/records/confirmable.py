"""What a record says to a question about it: that a value is right all the same, and why."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from livingreview.base.types import Text
from livingreview.base.validation import Strict, field_error


class Confirmable(Strict):
    """Part of a record that can confirm what looks odd in it."""

    confirmed: dict[Text, Text] = Field(
        default={},
        description="What looks odd here and is right: the name of each question that"
        " `livingreview check` asks, and the reason.",
    )

    @field_validator("confirmed", mode="before")
    @classmethod
    def _names_its_question(cls, confirmed: Any) -> Any:
        if not isinstance(confirmed, dict):
            allowed = "`{<name of the question>: <reason>}`, as `livingreview check` names it"
            raise field_error((), None if isinstance(confirmed, str) else "no mapping", allowed)
        return confirmed
