"""When and where the review last looked for studies, and when it will again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from livingreview.base.types import Text
from livingreview.base.validation import Strict, field_error


def _has_been(day: date) -> date:
    """Refuse a day that is neither today nor before, in any time zone."""
    if day > date.today() + timedelta(days=1):
        raise field_error((), day, "a day that has been")
    return day


PastDay = Annotated[date, Field(strict=False), AfterValidator(_has_been)]


class Search(Strict):
    """The last search for studies, as far as it is on record."""

    last: PastDay | None = Field(
        default=None, description="Day of the last search; null when not recorded."
    )
    next: Text | None = Field(
        default=None, description="Rule or day of the next one; null when there is none."
    )
    sources: list[Text] = Field(default=[], description="Databases and pages that were searched.")
    terms: list[Text] = Field(default=[], description="What was searched for in them.")
    note: Text | None = Field(default=None, description="What is known of how studies were found.")

    @model_validator(mode="after")
    def _follow_one_another(self) -> Self:
        following = _day(self.next)
        if self.last and following and following <= self.last:
            raise field_error(("next",), following, f"a day after `last`, {self.last}, or a rule")
        return self


def _day(text: str | None) -> date | None:
    """The day that a text is; None for other words."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        return None
