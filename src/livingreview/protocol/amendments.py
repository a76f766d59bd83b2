"""Changes of the protocol after records were read."""

from __future__ import annotations

from datetime import date as Date  # noqa: N812 - a field has its name
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from livingreview.base.types import Text
from livingreview.base.validation import Strict, field_error
from livingreview.protocol.search import is_to_come


def _has_been(day: Date) -> Date:
    if is_to_come(day):
        raise field_error((), day, "a day that has been")
    return day


class Amendment(Strict):
    """A change of a rule, and whether results were known when it was made."""

    date: Annotated[Date, Field(strict=False), AfterValidator(_has_been)]
    rule: Text = Field(description="What was changed.")
    before: Text
    after: Text
    reason: Text
    results_known: Literal["yes", "no", "in_part"] = Field(
        description="Whether those who changed it knew what it would do to the results."
    )
