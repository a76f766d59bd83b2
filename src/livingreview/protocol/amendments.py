"""Changes of the protocol after records were read."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from livingreview.base.types import Text
from livingreview.base.validation import Strict
from livingreview.protocol.search import PastDay


class Amendment(Strict):
    """A change of a rule, and whether results were known when it was made."""

    date: PastDay
    rule: Text = Field(description="What was changed.")
    before: Text
    after: Text
    reason: Text
    results_known: Literal["yes", "no", "in_part"] = Field(
        description="Whether those who changed it knew what it would do to the results."
    )
