"""Moderators of a record: plain values, and values that sources contradict.

A moderator is given by its value, or by `DisputedValue`: the value to analyse, and those that
other sources give, each with its source.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from livingreview.base.documents import Location
from livingreview.base.errors import nearest, one_of
from livingreview.base.slips import number_in_yaml, text_in_yaml
from livingreview.base.types import Source, Text
from livingreview.base.validation import Strict, field_error, refuse
from livingreview.records.evidence.amounts import LARGEST_AMOUNT


class OtherValue(Strict):
    """A value that another source gives."""

    value: str | float
    source: Source
    note: Text | None = None


class DisputedValue(Strict):
    """A value that sources contradict: the one to analyse, and the others."""

    value: str | float | None = Field(description="The value to analyse; null leaves it open.")
    source: Source | None = None
    note: Text | None = None
    alternatives: Annotated[list[OtherValue], Field(min_length=1)] = Field(
        description="What other sources say; stage 6 makes each moderator model again with it."
    )

    @field_validator("alternatives")
    @classmethod
    def _values_differ(cls, others: list[OtherValue], info: ValidationInfo) -> list[OtherValue]:
        values = [info.data.get("value"), *(other.value for other in others)]
        refuse(
            field_error((i, "value"), value, "a value not given before")
            for i, value in enumerate(values[1:])
            if value in values[: i + 1]
        )
        return others


def _shape(value: Any) -> str:
    return "disputed" if isinstance(value, dict | DisputedValue) else "plain"


# A tag by shape, so that a mistake inside a disputed value is not told as a wrong plain one too.
ModeratorValue = Annotated[
    Annotated[str | float | None, Tag("plain")] | Annotated[DisputedValue, Tag("disputed")],
    Discriminator(_shape),
]


def value_analysed(value: str | float | DisputedValue | None) -> str | float | None:
    """Plain value of a moderator, that to analyse where sources differ."""
    return value.value if isinstance(value, DisputedValue) else value


def moderator_misfits(
    values: dict[str, Any],
    moderators: dict[str, tuple[str, ...] | None],
    *,
    complete: bool = False,
) -> Iterator[PydanticCustomError]:
    """Moderators that the protocol lacks, values that it does not allow, and what is missing.

    Parameters
    ----------
    values
        As they stand in the record, not yet validated.
    moderators
        Levels of each moderator of the protocol; None for a numeric one.
    complete
        Whether every moderator of the protocol must have a value.
    """
    for name, value in values.items():
        if name not in moderators:
            yield field_error((name,), repr(name), one_of(name, moderators))
            continue
        for at, given in _given((name,), value):
            if given is not None:
                yield from _misfit(at, given, moderators[name])
    missing = {name for name in moderators if complete and name not in values}
    # A misspelt name is one mistake, not two.
    missing -= {nearest(name, missing) for name in values if name not in moderators}
    for name in sorted(missing):
        yield field_error((name,), "nothing", "a value, or null when not known")


def _given(at: Location, value: Any) -> Iterator[tuple[Location, Any]]:
    """Each value given for a moderator, with its place."""
    if not isinstance(value, dict):
        yield at, value
        return
    yield (*at, "value"), value.get("value")
    others = value.get("alternatives")
    for i, other in enumerate(others if isinstance(others, list) else ()):
        if isinstance(other, dict):
            yield (*at, "alternatives", i, "value"), other.get("value")


def _misfit(
    at: Location, value: Any, levels: tuple[str, ...] | None
) -> Iterator[PydanticCustomError]:
    or_null = "or null when not known"
    if levels is not None and value not in levels:
        yield field_error(at, None, f"{text_in_yaml(value, one_of(value, levels))}, {or_null}")
    elif levels is None and (isinstance(value, bool) or not isinstance(value, int | float)):
        yield field_error(at, None, f"{number_in_yaml(value)}, {or_null}")
    elif levels is None and abs(value) > LARGEST_AMOUNT:
        yield field_error(at, None, f"a number up to {LARGEST_AMOUNT:g} in size, {or_null}")
