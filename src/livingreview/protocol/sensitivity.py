"""How far the sensitivity analyses go."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from livingreview.documents import Strict
from livingreview.records import Text


class Sensitivity(Strict):
    """How far the sensitivity analyses go, and when a specification counts as pointing one way."""

    decisive_probability: Annotated[float, Field(gt=0.5, lt=1)]
    most_specifications: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        description="Of the multiverse; a larger product is sampled at random."
    )
    most_subsets: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        description="Of the studies; more are sampled at random."
    )
    reason: Text
