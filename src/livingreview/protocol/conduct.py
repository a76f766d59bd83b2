"""Who makes the review, with what money and interests, and of which day this version is."""

from __future__ import annotations

from pydantic import Field

from livingreview.base.types import Text
from livingreview.base.validation import Strict
from livingreview.protocol.search import PastDay


class Conduct(Strict):
    """What a reader must know to judge who speaks; what is null is said to be missing."""

    authors: Text | None = Field(default=None, description="Who answers for the review.")
    funding: Text | None = Field(default=None, description="Who paid for it.")
    interests: Text | None = Field(
        default=None, description="What its authors could gain or lose by an answer."
    )
    registration: Text | None = Field(
        default=None, description="Where the protocol was registered, and when."
    )
    version: PastDay | None = Field(default=None, description="Day of this version.")
