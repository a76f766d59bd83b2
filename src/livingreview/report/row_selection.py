"""Which rows of a table a claim is made from, in a notation that can be read back.

``fit=relapse/overall; setting=all`` names one row, ``number of rows with status=analysed``
counts rows, and ``max over check=r_hat`` takes one value from many. A key may have one of
several values (``model=lag|country``), lie on one side (``q50<=0``), or outside of an interval
(``p_above_zero outside 0.75 to 0.9``: below the first or at least the second).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

Key = str | int | float

ALL = "all"
NO_COLUMN = "*"
BETWEEN = "; "
OR = "|"
# Beginning of the text of a selection, by what is computed from its rows. The empty beginning of a
# cell matches every text, so it stands last.
_PREFIXES = {
    "count": "number of rows with ",
    **{how: f"{how} over " for how in ("sum", "min", "max")},
    "cell": "",
}
_NOTATION = re.compile(r"(\w+)(=|<=|>=| outside )(.*)", flags=re.DOTALL)


@dataclass(frozen=True)
class Condition:
    """What a column must be.

    Attributes
    ----------
    operator : str
        ``=`` for one of the values, compared as text; ``<=``, ``>=``; or ``outside``, two
        bounds, the upper of which is outside.
    values : tuple of str
    """

    operator: str
    values: tuple[str, ...]

    @classmethod
    def any_of(cls, *values: Key) -> Condition:
        """One of these values."""
        return cls("=", tuple(map(str, values)))

    @classmethod
    def at_most(cls, bound: float) -> Condition:
        """A number up to this one."""
        return cls("<=", (f"{bound:g}",))

    @classmethod
    def at_least(cls, bound: float) -> Condition:
        """A number from this one up."""
        return cls(">=", (f"{bound:g}",))

    @classmethod
    def outside(cls, low: float, high: float) -> Condition:
        """A number below the first, or not below the second."""
        return cls("outside", (f"{low:g}", f"{high:g}"))

    def notation(self, column: str) -> str:
        """The condition on a column.

        Raises
        ------
        ValueError
            If it could not be read back.
        """
        if self.operator == "outside":
            text = f"{column} outside {self.values[0]} to {self.values[1]}"
        else:
            text = f"{column}{self.operator}{OR.join(self.values)}"
        if BETWEEN in text or Condition.parse(text) != (column, self):
            raise ValueError(f"{text}: this key could not be read back")
        return text

    @classmethod
    def parse(cls, text: str) -> tuple[str, Condition]:
        """Column and condition, from their notation."""
        match = _NOTATION.fullmatch(text)
        if not match:
            raise ValueError(f"{text!r}: found no condition on a column")
        column, operator, rest = match.groups()
        separator = {"=": OR, " outside ": " to "}.get(operator)
        values = rest.split(separator) if separator else [rest]
        return column, cls(operator.strip(), tuple(values))

    def holds(self, column: pd.Series) -> pd.Series:
        """Rows of a column for which it holds."""
        if self.operator == "=":
            return column.astype(str).isin(self.values)
        low, high = float(self.values[0]), float(self.values[-1])
        if self.operator == "outside":
            return (column < low) | (column >= high)
        return column <= low if self.operator == "<=" else column >= low


@dataclass(frozen=True)
class Selection:
    """Rows by conditions on their columns, and what is made of them.

    Attributes
    ----------
    how : str
        ``cell`` for the value of the one row that matches, ``count`` for the number of rows,
        or the name of an aggregate.
    where : tuple of (str, Condition)
        None for all rows.
    """

    how: str
    where: tuple[tuple[str, Condition], ...]

    @classmethod
    def matching(cls, how: str, where: Mapping[str, Key | Condition]) -> Selection:
        """Selection by values or conditions."""
        conditions = (
            (column, value if isinstance(value, Condition) else Condition.any_of(value))
            for column, value in where.items()
        )
        return cls(how, tuple(conditions))

    def __str__(self) -> str:
        keys = BETWEEN.join(condition.notation(column) for column, condition in self.where) or ALL
        return f"{_PREFIXES[self.how]}{keys}"

    @classmethod
    def parse(cls, text: str) -> Selection:
        """Read a selection from its notation.

        Raises
        ------
        ValueError
            If it is none.
        """
        how = next(how for how, prefix in _PREFIXES.items() if text.startswith(prefix))
        keys = text.removeprefix(_PREFIXES[how])
        parts = [] if keys == ALL else keys.split(BETWEEN)
        return cls(how, tuple(map(Condition.parse, parts)))

    def rows(self, table: pd.DataFrame) -> pd.DataFrame:
        """Rows that match.

        Raises
        ------
        LookupError
            If the table has no such column.
        """
        return table.iloc[self.positions(table)]

    def positions(self, table: pd.DataFrame) -> np.ndarray:
        """Positions of the rows that match; to look at columns is faster than to cut rows.

        Raises
        ------
        LookupError
            If the table has no such column.
        """
        holds = np.ones(len(table), dtype=bool)
        for column, condition in self.where:
            if column not in table:
                raise LookupError(f"no column {column}")
            holds &= condition.holds(table[column]).to_numpy(dtype=bool, na_value=False)
        return np.flatnonzero(holds)

    def value(self, table: pd.DataFrame, column: str, positions: np.ndarray | None = None) -> Any:
        """Value of a column in the rows that match; `positions` are theirs where they are known.

        Raises
        ------
        LookupError
            If a cell is asked for and not exactly one row matches, if it is empty, or if there is
            no such column.
        """
        positions = self.positions(table) if positions is None else positions
        if self.how == "count":
            return len(positions)
        if column not in table:
            raise LookupError(f"no column {column}")
        cells = table[column].iloc[positions]
        if self.how != "cell":
            return cells.agg(self.how)
        if len(cells) != 1:
            raise LookupError(f"{len(cells)} rows match {self}, not one")
        value = cells.iloc[0]
        if pd.isna(value):
            raise LookupError(f"{column} is empty where {self}")
        return value
