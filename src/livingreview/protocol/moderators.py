"""Study characteristics that may change the effect."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from livingreview.documents import Strict
from livingreview.records import Identifier, Text


class Coding(Strict):
    """How a moderator enters a model; no words, so that an edited label refits nothing."""

    kind: Literal["categorical", "numeric"]
    levels: list[Identifier] | None = None
    centre: float | None = None
    per: float | None = None
    unknown: Literal["leave_out", "own_level"] = "leave_out"


class Moderator(Strict):
    """A study characteristic that may change the effect."""

    label: Text
    kind: Literal["categorical", "numeric"]
    levels: dict[Identifier, Text] | None = Field(
        default=None, description="Level and its label; the first is the reference."
    )
    centre: float | None = Field(default=None, description="Value at which mu is reported.")
    per: Annotated[float, Field(gt=0)] | None = Field(default=None, description="Unit of beta.")
    unit: Text | None = None
    unknown: Literal["leave_out", "own_level"] = Field(
        default="leave_out",
        description="What a model does with a study whose value is not known: leave it out, or"
        " give it a level `not_known` of its own (categorical only).",
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.kind == "categorical" and len(self.levels or {}) < 2:
            context = {"field": ("levels",), "found": "fewer than 2", "allowed": "2 or more levels"}
            raise PydanticCustomError("levels", "{allowed}", context)
        if self.kind == "numeric" and (self.centre is None or self.per is None):
            context = {"field": (), "found": "no centre or per", "allowed": "both `centre`, `per`"}
            raise PydanticCustomError("scale", "{allowed}", context)
        if self.kind == "numeric" and self.unknown == "own_level":
            context = {"field": ("unknown",), "found": "own_level", "allowed": "leave_out"}
            raise PydanticCustomError("unknown", "{allowed}", context)
        return self

    @property
    def coding(self) -> Coding:
        """What a fit needs to know of it."""
        levels = list(self.levels) if self.levels is not None else None
        return Coding(
            kind=self.kind,
            levels=levels,
            centre=self.centre,
            per=self.per,
            unknown=self.unknown,
        )
