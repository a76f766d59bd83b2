"""Each column of a table in plain words: its type, limits and description, read off its class.

The descriptions themselves stand at the columns (`livingreview.tables.<stage>`) and in the
glossary.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandera.pandas as pa

from livingreview.tables.glossary import COMMON
from livingreview.tables.table import TEXT, Table

# Words for column types other than text.
TYPES = {
    "int64": "whole number",
    "Int64": "whole number",
    "float64": "number",
    "bool": "True or False",
    "boolean": "True or False",
    "object": "text or number",
}
# By pandera's name of a limit: its short name, pandera's name of the statistic that holds its
# value, and its words.
_BOUNDS = {
    "greater_than_or_equal_to": ("ge", "min_value", "at least"),
    "greater_than": ("gt", "min_value", "above"),
    "less_than_or_equal_to": ("le", "max_value", "at most"),
}


@dataclass(frozen=True)
class ColumnSummary:
    """One column, or, with `many`, all columns whose names begin with its name.

    `choices` lists the allowed values, and is empty when the class does not list them; `bounds`
    holds limits of numbers under ``ge``, ``gt`` and ``le``; `words` is the description.
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
            words = {name: words for name, _, words in _BOUNDS.values()}
            parts += [f"{words[name]} {bound:g}" for name, bound in self.bounds.items()]
        if self.unique:
            parts.append("unique")
        return "; ".join(parts) or "any"


def column_summaries(table: type[Table]) -> list[ColumnSummary]:
    """Summary of every column of a table, in the order of the columns.

    Raises
    ------
    LookupError
        If neither the class nor the glossary describes a column.
    """
    return [_summary(name, column) for name, column in table.to_schema().columns.items()]


def rows_of(table: type[Table]) -> str:
    """What a row of a table is: the first sentence of its class."""
    return (table.__doc__ or "").split("\n", 1)[0]


def _summary(name: str, column: pa.Column) -> ColumnSummary:
    words = column.description or COMMON.get(name)
    if not words:
        raise LookupError(f"column {name} is not described")
    choices: tuple[Any, ...] = ()
    bounds = {}
    for check in column.checks:
        if check.name == "isin":
            choices = tuple(check.statistics["allowed_values"])
        else:
            short, statistic, _ = _BOUNDS[check.name]
            bounds[short] = check.statistics[statistic]
    return ColumnSummary(
        name=name.removeprefix("^"),
        many=column.regex,
        type="text" if column.dtype == TEXT else TYPES[str(column.dtype)],
        choices=choices,
        bounds=bounds,
        unique=column.unique,
        nullable=column.nullable,
        words=words,
    )
