"""When and where the review last looked for studies, and when it will again."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from livingreview.base.types import Text
from livingreview.base.validation import Strict


class Search(Strict):
    """The last search for studies, as far as it is on record."""

    last: date | None = Field(
        default=None, strict=False, description="Day of the last search; null when not recorded."
    )
    next: Text | None = Field(
        default=None, description="Rule for the next one; null when there is none."
    )
    sources: list[Text] = Field(default=[], description="Databases and pages that were searched.")
    terms: list[Text] = Field(default=[], description="What was searched for in them.")
    note: Text | None = Field(default=None, description="What is known of how studies were found.")
