"""Readings: the leaves of a mapping, each a column, one value for all rows, or both."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from livingreview.base.types import Text
from livingreview.base.validation import Strict, field_error
from livingreview.records.evidence.amounts import Direction, Significance

Reads = Literal["text", "name", "flag", "whole", "year", "number", "percent"]


class Reading(Strict):
    """Where a text comes from."""

    reads: ClassVar[Reads] = "text"
    column: Text | None = Field(default=None, description="Heading of the column.")
    value: str | int | float | bool | None = Field(
        default=None, description="For all rows, or for those where the column is blank."
    )
    followed_by: list[Text] = Field(
        default=[], description="Columns whose cells stand behind it, as a year behind an author."
    )
    words: dict[str, str | int | float | bool] = Field(
        default={}, description="What stands in the column, and what the record shall say for it."
    )

    @model_validator(mode="after")
    def _from_somewhere(self) -> Self:
        if self.column is None and "value" not in self.model_fields_set:
            raise field_error((), "neither", "`column`, `value`, or both")
        for name in ("words", "followed_by"):
            if self.column is None and getattr(self, name):
                raise field_error(("column",), "nothing", f"a column along with `{name}`")
        return self

    @property
    def kind(self) -> Reads:
        """What to read."""
        return self.reads

    @property
    def columns(self) -> list[str]:
        """Its columns, in the order of their cells."""
        return [] if self.column is None else [self.column, *self.followed_by]


class Name(Reading):
    """Where a name comes from, such as that of a study."""

    make_name: bool = Field(
        default=False, description="Make it of any text: `ash_1990` of `Ash 1990`."
    )

    @property
    def kind(self) -> Reads:
        """What to read."""
        return "name" if self.make_name else "text"


class Flag(Reading):
    """Where `true` or `false` comes from."""

    reads: ClassVar[Reads] = "flag"


class WholeNumber(Reading):
    """Where a number of people or a number of decimals comes from."""

    reads: ClassVar[Reads] = "whole"


class Year(WholeNumber):
    """Where a year comes from."""

    at_end: bool = Field(
        default=False,
        description="The year that ends a text, as of `Ash 1990`; not known where none does.",
    )

    @property
    def kind(self) -> Reads:
        """What to read."""
        return "year" if self.at_end else "whole"


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
        match node:
            case dict():
                node = node.get(part)
            case list():
                node = node[int(part)]
            case _:
                node = getattr(node, str(part))
    return node


def columns(node: Any, place: Place = ()) -> list[tuple[Place, str]]:
    """Every column that the mapping names, with the place where it does."""
    if isinstance(node, Statements):
        return [((*place, "column"), node.column)]
    if isinstance(node, Reading):
        behind = [((*place, "followed_by", i), c) for i, c in enumerate(node.followed_by)]
        return [((*place, "column"), node.column), *behind] if node.column is not None else []
    children: Any = []
    if isinstance(node, Strict):
        children = [(field, getattr(node, field)) for field in type(node).model_fields]
    elif isinstance(node, dict):
        children = node.items()
    elif isinstance(node, list):
        children = enumerate(node)
    return [named for key, child in children for named in columns(child, (*place, key))]
