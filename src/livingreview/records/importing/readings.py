"""Readings: the leaves of a mapping, each a column, one value for all rows, or both."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from livingreview.base.types import Text
from livingreview.base.validation import Strict, field_error
from livingreview.records.evidence.amounts import Direction, Significance

Reads = Literal["text", "flag", "whole", "number", "percent"]


class Reading(Strict):
    """Where a text comes from."""

    reads: ClassVar[Reads] = "text"
    column: Text | None = Field(default=None, description="Heading of the column.")
    value: str | int | float | bool | None = Field(
        default=None, description="For all rows, or for those where the column is blank."
    )
    words: dict[str, str | int | float | bool] = Field(
        default={}, description="What stands in the column, and what the record shall say for it."
    )

    @model_validator(mode="after")
    def _from_somewhere(self) -> Self:
        if self.column is None and "value" not in self.model_fields_set:
            raise field_error((), "neither", "`column`, `value`, or both")
        if self.column is None and self.words:
            raise field_error(("column",), "nothing", "a column along with `words`")
        return self


class Flag(Reading):
    """Where `true` or `false` comes from."""

    reads: ClassVar[Reads] = "flag"


class WholeNumber(Reading):
    """Where a number of people, a year, or a number of decimals comes from."""

    reads: ClassVar[Reads] = "whole"


class Number(Reading):
    """Where a number comes from."""

    reads: ClassVar[Reads] = "number"


class Percent(Reading):
    """Where a percentage comes from, with or without its sign."""

    reads: ClassVar[Reads] = "percent"


class SourceReadings(Strict):
    """Where the values of a row were read."""

    url: Reading
    locator: Reading
    kind: Reading


class Statement(Strict):
    """What one wording of the spreadsheet says."""

    direction: Direction
    significance: Significance


class Statements(Strict):
    """A column of findings in words, and what each wording says."""

    column: Text
    words: Annotated[dict[str, Statement], Field(min_length=1)]


Place = tuple[str | int, ...]


def reading_at(mapping: Strict, place: Place) -> Any:
    """Entry at a place of the mapping; None when it was left out."""
    node: Any = mapping
    for part in place:
        if node is None:
            return None
        in_collection = isinstance(node, dict | list)
        node = node[part] if in_collection else getattr(node, str(part))
    return node


def columns(node: Any, place: Place = ()) -> list[tuple[Place, str]]:
    """Every column that the mapping names, with the place where it does."""
    if isinstance(node, Reading | Statements):
        return [((*place, "column"), node.column)] if node.column is not None else []
    children: Any = []
    if isinstance(node, Strict):
        children = [(field, getattr(node, field)) for field in type(node).model_fields]
    elif isinstance(node, dict):
        children = node.items()
    elif isinstance(node, list):
        children = enumerate(node)
    return [named for key, child in children for named in columns(child, (*place, key))]
