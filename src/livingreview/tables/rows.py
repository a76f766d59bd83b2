"""Rows of a table as data for JSON, with a schema from the class of the table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import pandas as pd
from pydantic import Field, GetCoreSchemaHandler, create_model
from pydantic_core import CoreSchema

from livingreview.base.validation import Strict
from livingreview.tables.schema_summary import ColumnSummary, column_summaries
from livingreview.tables.table import Table

_TYPES: dict[str, Any] = {
    "text": str,
    "whole number": int,
    "number": float,
    "True or False": bool,
}


@dataclass(frozen=True)
class RowOf:
    """Annotates a field of a pydantic model that holds a row of a table.

    Attributes
    ----------
    table : type of Table
        A size that its studies do not tell is null.
    leave_out : set of str
        Columns that JSON cannot hold, as it has no infinity.
    """

    table: type[Table]
    leave_out: frozenset[str] = frozenset()

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return handler.generate_schema(_row_model(self))

    def rows(self, frame: pd.DataFrame) -> list[dict[str, Any]]:
        """Rows of a table as such a field takes them, empty cells as None."""
        readable = self.table.without_unlearnt_sizes(frame)
        cells = readable.drop(columns=list(self.leave_out)).astype(object)
        return cells.where(cells.notna(), None).to_dict("records")


@cache
def _row_model(row: RowOf) -> type[Strict]:
    """Pydantic model with a field for each column of a table; one for each table."""
    sizes = row.table.sizes()
    fields: dict[str, Any] = {
        column.name: _field(column, column.name in sizes)
        for column in column_summaries(row.table)
        if column.name not in row.leave_out
    }
    return create_model(row.table.__name__, __base__=Strict, __doc__=row.table.__doc__, **fields)


def _field(column: ColumnSummary, is_size: bool) -> tuple[Any, Any]:
    kind = Literal[column.choices] if column.choices else _TYPES[column.type]
    words = f"{column.words} Null where `size_learnt` is false." if is_size else column.words
    described = Field(description=words, **column.bounds)
    return (kind | None if column.nullable or is_size else kind), described
