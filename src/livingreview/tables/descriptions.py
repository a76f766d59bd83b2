"""What the columns of a table are, in words, from its class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandera.pandas as pa

from livingreview.tables.glossary import COMMON
from livingreview.tables.table import TEXT, Table

# Of types other than text, for people.
TYPES = {
    "int64": "whole number",
    "Int64": "whole number",
    "float64": "number",
    "bool": "True or False",
    "object": "text or number",
}


@dataclass(frozen=True)
class Description:
    """One column, or all columns whose names begin alike.

    Attributes
    ----------
    name : str
        Of the column; the beginning that names share when there are `many`.
    many : bool
    type : str
        ``text``, or one of the values of `TYPES`.
    choices : tuple
        All values that are allowed; empty when they are not listed.
    bounds : dict
        Limits of numbers, by the name of the comparison: ``ge``, ``gt``, ``le``.
    unique, nullable : bool
    words : str
        What it means.
    """

    name: str
    many: bool
    type: str
    choices: tuple[Any, ...]
    bounds: dict[str, Any]
    unique: bool
    nullable: bool
    words: str

    @property
    def allowed(self) -> str:
        """Allowed values in words."""
        parts = []
        if self.choices:
            parts.append("one of " + ", ".join(map(str, self.choices)))
        if {"ge", "le"} <= set(self.bounds):
            parts.append(f"{self.bounds['ge']:g} to {self.bounds['le']:g}")
        else:
            words = {"ge": "at least", "gt": "above", "le": "at most"}
            parts += [f"{words[name]} {bound:g}" for name, bound in self.bounds.items()]
        if self.unique:
            parts.append("unique")
        return "; ".join(parts) or "any"


def descriptions(table: type[Table]) -> list[Description]:
    """Every column of a table, in their order.

    Raises
    ------
    LookupError
        If a column is described neither where it stands nor in the glossary.
    """
    return [_description(name, column) for name, column in table.to_schema().columns.items()]


def rows_of(table: type[Table]) -> str:
    """What a row of a table is: the first sentence of its class."""
    return (table.__doc__ or "").split("\n", 1)[0]


def _description(name: str, column: pa.Column) -> Description:
    words = column.description or COMMON.get(name)
    if not words:
        raise LookupError(f"column {name} is not described")
    choices: tuple[Any, ...] = ()
    bounds = {}
    for check in column.checks:
        given = check.statistics
        match check.name:
            case "isin":
                choices = tuple(given["allowed_values"])
            case "greater_than_or_equal_to":
                bounds["ge"] = given["min_value"]
            case "greater_than":
                bounds["gt"] = given["min_value"]
            case "less_than_or_equal_to":
                bounds["le"] = given["max_value"]
            case _:
                raise LookupError(f"column {name}: no words for the check {check.name}")
    return Description(
        name=name.removeprefix("^"),
        many=column.regex,
        type="text" if column.dtype == TEXT else TYPES[str(column.dtype)],
        choices=choices,
        bounds=bounds,
        unique=column.unique,
        nullable=column.nullable,
        words=words,
    )
