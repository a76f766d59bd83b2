"""Claims: every number or verdict that the report prints, with the cell it came from.

A number reaches the page only by naming a file, a row and a column; the value is
looked up, rounded by a named style, and remembered.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

import pandas as pd

Key = str | int | float


def significant(value: float, digits: int = 2) -> str:
    """Round to significant digits, without an exponent."""
    if value == 0 or not math.isfinite(value):
        return str(value)
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    rounded = round(value, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{rounded:.{decimals}f}"


def percent(probability: float) -> str:
    """Round a probability to a percentage, never to a certainty."""
    if probability < 0.01:
        return "less than 1%"
    if probability > 0.99:
        return "more than 99%"
    return f"{100 * probability:.0f}%"


def share(part: float) -> str:
    """Round a share of things that were counted: unlike a probability it may be all or none."""
    return {0.0: "none", 1.0: "all"}.get(part) or percent(part)


def change(count: float) -> str:
    """Word a difference in a count: ``84 more``, ``12 fewer``."""
    rounded = round(count)
    if rounded == 0:
        return "no more and no fewer"
    return f"{abs(rounded)} {'more' if rounded > 0 else 'fewer'}"


STYLES: dict[str, Callable[[Any], str]] = {
    "ratio": significant,
    "exponential": lambda value: significant(math.exp(value)),
    "two_decimals": lambda value: f"{value:.2f}",
    "three_decimals": lambda value: f"{value:.3f}",
    "percent": percent,
    "share": share,
    "whole": lambda value: f"{round(value):,}",
    "change": change,
    "studies": lambda value: f"{value} {'study' if value == 1 else 'studies'}",
    "words": str,
}


@dataclass(frozen=True)
class Claim:
    """One printed value and where it stands.

    Attributes
    ----------
    id : str
        Anchor on the page, the same in every build.
    text : str
        As printed.
    value : str
        As in the file, unrounded.
    file, row, column : str
        Where it stands below the results folder; `row` names key columns, or the
        rows that were counted or summed.
    style : str
        Name of the rounding, or ``label`` where names are printed by their labels.
    """

    id: str
    text: str
    value: str
    file: str
    row: str
    column: str
    style: str

    def __str__(self) -> str:
        return self.text


class Claims:
    """The register of a report's claims.

    Parameters
    ----------
    tables : dict of DataFrame
        Result tables by their file name below the results folder.
    """

    def __init__(self, tables: dict[str, pd.DataFrame]):
        self._tables = tables
        self._claims: dict[str, Claim] = {}

    def cell(self, file: str, column: str, style: str, **where: Key) -> Claim:
        """Claim one cell.

        Raises
        ------
        LookupError
            If not exactly one row matches, or the cell is empty.
        """
        value = self._value(file, column, where)
        return self._claim(file, _spelled(where), column, style, value, STYLES[style](value))

    def label(self, file: str, column: str, labels: Mapping[str, str], **where: Key) -> Claim:
        """Claim a cell that holds names, several apart by spaces, printed by their labels."""
        value = self._value(file, column, where)
        text = ", ".join(labels[name] for name in str(value).split(" "))
        return self._claim(file, _spelled(where), column, "label", value, text)

    def number_of_rows(self, file: str, **where: Key) -> Claim:
        """Claim how many rows match."""
        count = len(self._matching(file, where))
        return self._count(file, _spelled(where), count)

    def number_of(self, file: str, rows: pd.DataFrame, rule: str) -> Claim:
        """Claim how many rows a rule chose, where keys alone cannot say which."""
        return self._count(file, rule, len(rows))

    def total(self, file: str, column: str, how: str, style: str, **where: Key) -> Claim:
        """Claim a `sum`, `min` or `max` over the rows that match."""
        value = self._matching(file, where)[column].agg(how)
        row = f"{how} over {_spelled(where)}"
        return self._claim(file, row, column, style, value, STYLES[style](value))

    def values(self, file: str, column: str, **where: Key) -> list[str]:
        """Keys of the rows that match, to choose among; claims nothing."""
        return list(self._matching(file, where)[column])

    def table(self) -> pd.DataFrame:
        """All claims so far, in the order of first use."""
        columns = ["id", "text", "value", "file", "row", "column", "style"]
        rows = [[getattr(c, name) for name in columns] for c in self._claims.values()]
        return pd.DataFrame(rows, columns=columns)

    def _matching(self, file: str, where: Mapping[str, Key]) -> pd.DataFrame:
        rows = self._tables[file]
        for key, value in where.items():
            rows = rows[rows[key] == value]
        return rows

    def _value(self, file: str, column: str, where: Mapping[str, Key]) -> Any:
        rows = self._matching(file, where)
        if len(rows) != 1:
            raise LookupError(f"{file}: {len(rows)} rows match {where}, not one")
        value = rows[column].iloc[0]
        if pd.isna(value):
            raise LookupError(f"{file}: {column} is empty where {where}")
        return value

    def _count(self, file: str, rows: str, count: int) -> Claim:
        row = f"number of rows with {rows}"
        return self._claim(file, row, "*", "whole", count, STYLES["whole"](count))

    def _claim(self, file: str, row: str, column: str, style: str, value: Any, text: str) -> Claim:
        stem = file.rsplit("/", 1)[-1].removesuffix(".csv")
        name = "-".join(_slug(part) for part in (stem, row, column, style))
        claim = Claim(name, text, str(value), file, row, column, style)
        return self._claims.setdefault(name, claim)


def _spelled(where: Mapping[str, Key]) -> str:
    return "; ".join(f"{key}={value}" for key, value in where.items()) or "all"


def _slug(text: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in text).strip("_")


@dataclass(frozen=True)
class Sentence:
    """A sentence with claims in it, and the rule that chose it."""

    id: str
    rule: str
    parts: tuple[str | Claim, ...]

    def __str__(self) -> str:
        return "".join(map(str, self.parts))


def sentence(id: str, rule: str, template: str, **values: str | Claim) -> Sentence:
    """Fill a template, keeping each claim apart from the words around it.

    Examples
    --------
    >>> str(sentence("s", "always", "It is {words}.", words="so"))
    'It is so.'
    """
    parts: list[str | Claim] = []
    for words, field, _, _ in Formatter().parse(template):
        if words:
            parts.append(words)
        if field is not None:
            parts.append(values[field])
    return Sentence(id, rule, tuple(parts))
