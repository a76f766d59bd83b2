"""Study characteristics that may change the effect."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from livingreview.base.labels import in_sentence
from livingreview.base.types import Identifier, Text
from livingreview.base.validation import Strict, field_error
from livingreview.protocol.names import reserved_name

# Name of the level of studies whose value is not known.
NOT_KNOWN = "not_known"
# Moderator whose value is the follow-up of each effect, in months; no other field has it.
FOLLOW_UP = "follow_up"


class Coding(Strict):
    """How a moderator enters a model; no words, so that an edited label refits nothing."""

    kind: Literal["categorical", "numeric"]
    levels: list[Identifier] | None = None
    centre: float | None = None
    per: float | None = None
    unknown: Literal["leave_out", "own_level"] = "leave_out"

    def names(self, moderator: str) -> tuple[list[str], list[str]]:
        """Settings and coefficients that models with a moderator of this coding may have."""
        if self.kind == "numeric":
            return [f"{moderator}={self.centre:g}"], [moderator]
        unknown = [NOT_KNOWN] if self.unknown == "own_level" else []
        settings = [f"{moderator}={level}" for level in (*(self.levels or ()), *unknown)]
        return settings, settings[1:]


class Moderator(Strict):
    """A study characteristic that may change the effect."""

    label: Text
    kind: Literal["categorical", "numeric"]
    levels: dict[Identifier, Text] | None = Field(
        default=None, description="Level and its label; the first is the reference."
    )
    centre: float | None = Field(default=None, description="Value at which mu is reported.")
    per: Annotated[float, Field(gt=0)] | None = Field(default=None, description="Unit of beta.")
    unit: Text | None = Field(default=None, description="Of several, such as `sessions`.")
    unit_one: Text | None = Field(
        default=None,
        description="Of one, such as `session`; needed where `per` or `centre` is 1.",
    )
    unknown: Literal["leave_out", "own_level"] = Field(
        default="leave_out",
        description="What a model does with a study whose value is not known: leave it out, or"
        " give it a level `not_known` of its own (categorical only).",
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if NOT_KNOWN in (self.levels or {}):
            raise reserved_name(("levels", NOT_KNOWN), NOT_KNOWN)
        if self.kind == "categorical" and len(self.levels or {}) < 2:
            raise field_error(("levels",), "fewer than 2", "2 or more levels")
        if self.kind == "numeric" and (self.centre is None or self.per is None):
            raise field_error((), "no centre or per", "both `centre`, `per`")
        if self.kind == "numeric" and self.unknown == "own_level":
            raise field_error(("unknown",), "own_level", "leave_out")
        if self.unit and self.unit_one is None and 1 in (self.per, self.centre):
            allowed = (
                f"the unit of one, as `session` beside `sessions`: a sentence has 1 {self.unit}"
            )
            raise field_error(("unit_one",), "nothing", allowed)
        if self.unit_one and self.unit is None:
            raise field_error(("unit",), "nothing", "the unit of several, beside `unit_one`")
        others = ("levels",) if self.kind == "numeric" else ("centre", "per", "unit", "unit_one")
        for field in others:
            if (value := getattr(self, field)) is not None:
                found = ", ".join(value) if isinstance(value, dict) else value
                raise field_error((field,), found, f"nothing, as the kind is `{self.kind}`")
        return self

    def amount(self, value: float, digits: str = "g") -> str:
        """A value with its unit: ``33 degrees``, ``1 session``."""
        unit = self.unit or ""
        if value == 1 and unit:
            # A value of one in a record may come without the form of one in the protocol.
            unit = self.unit_one or f"({unit})"
        return f"{value:{digits}} {unit}".strip()

    @property
    def step(self) -> str:
        """What an effect changes by, in a sentence: ``latitude, per 10 degrees``."""
        per = self.unit_one if self.per == 1 and self.unit_one else self.amount(self.per or 1)
        return f"{in_sentence(self.label)}, per {per}"

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
