"""When and where the review last looked for studies, and when it will again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from livingreview.base.types import Text
from livingreview.base.validation import Strict, field_error, refuse


class Search(Strict):
    """The last search for studies, as far as it is on record."""

    last: date | None = Field(
        default=None, strict=False, description="Day of the last search; null when not recorded."
    )
    next: Text | None = Field(
        default=None, description="Rule or day of the next one; null when there is none."
    )
    sources: list[Text] = Field(default=[], description="Databases and pages that were searched.")
    terms: list[Text] = Field(default=[], description="What was searched for in them.")
    note: Text | None = Field(default=None, description="What is known of how studies were found.")

    @model_validator(mode="after")
    def _follow_one_another(self) -> Self:
        refuse(self._impossible_days())
        return self

    def _impossible_days(self) -> Iterator[PydanticCustomError]:
        """A search that is still to come, and a next one that is not after the last."""
        if self.last is None:
            return
        if is_to_come(self.last):
            yield field_error(("last",), self.last, "a day that has been")
        following = _day(self.next)
        if following is not None and following <= self.last:
            yield field_error(("next",), following, f"a day after `last`, {self.last}, or a rule")


def is_to_come(day: date) -> bool:
    """Whether a day is neither today nor before, in any time zone."""
    return day > date.today() + timedelta(days=1)


def _day(text: str | None) -> date | None:
    """The day that a text is; None for other words."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        return None
