"""Which rows of a table a claim is made from, spelled so that it can be read back.

``fit=relapse/overall; setting=all`` names one row, ``number of rows with status=analysed``
counts rows, and ``max over check=r_hat`` takes one value from many.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

ALL = "all"
COUNTED = "number of rows with "
OVER = " over "
NO_COLUMN = "*"
BETWEEN = "; "
AGGREGATES = ("sum", "min", "max")


@dataclass(frozen=True)
class Selection:
    """Rows by their key columns, and what is made of them.

    Attributes
    ----------
    how : str
        ``cell`` for the value of the one row that matches, ``count`` for the number of rows,
        or the name of an aggregate.
    where : tuple of (str, str)
        Key columns and the value of each; none for all rows.
    """

    how: str
    where: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        for key, value in self.where:
            if BETWEEN in value or "=" in key:
                raise ValueError(f"{key}={value}: this key could not be read back")
        keys = BETWEEN.join(f"{key}={value}" for key, value in self.where) or ALL
        if self.how == "cell":
            return keys
        return f"{COUNTED}{keys}" if self.how == "count" else f"{self.how}{OVER}{keys}"

    @classmethod
    def of(cls, how: str, where: Mapping[str, object]) -> Selection:
        """Selection by keys of any type, which are compared as text."""
        return cls(how, tuple((key, str(value)) for key, value in where.items()))

    @classmethod
    def parse(cls, text: str) -> Selection:
        """Read a selection as `str` spells it."""
        how, keys = "cell", text
        if text.startswith(COUNTED):
            how, keys = "count", text.removeprefix(COUNTED)
        for name in AGGREGATES:
            if text.startswith(f"{name}{OVER}"):
                how, keys = name, text.removeprefix(f"{name}{OVER}")
        pairs = [] if keys == ALL else [part.split("=", 1) for part in keys.split(BETWEEN)]
        if any(len(pair) != 2 for pair in pairs):
            raise ValueError(f"{text!r}: found a key without `=`")
        return cls(how, tuple((key, value) for key, value in pairs))

    def rows(self, table: pd.DataFrame) -> pd.DataFrame:
        """Rows that match.

        Raises
        ------
        LookupError
            If the table has no such key column.
        """
        for key, value in self.where:
            if key not in table:
                raise LookupError(f"no column {key}")
            table = table[table[key].astype(str) == value]
        return table

    def value(self, table: pd.DataFrame, column: str) -> Any:
        """Value of a column in the rows that match.

        Raises
        ------
        LookupError
            If a cell is asked for and not exactly one row matches, if it is empty, or if there is
            no such column.
        """
        rows = self.rows(table)
        if self.how == "count":
            return len(rows)
        if column not in rows:
            raise LookupError(f"no column {column}")
        if self.how != "cell":
            return rows[column].agg(self.how)
        if len(rows) != 1:
            raise LookupError(f"{len(rows)} rows match {self}, not one")
        value = rows[column].iloc[0]
        if pd.isna(value):
            raise LookupError(f"{column} is empty where {self}")
        return value
