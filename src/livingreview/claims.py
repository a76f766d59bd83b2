"""Claims: every number or verdict that the report prints, with the cell it came from.

A number reaches the page only by naming a file, a row and a column; the value is
looked up, rounded by a named style, and remembered.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from string import Formatter
from typing import Any

import pandas as pd


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


def change(count: float) -> str:
    """Word a difference in a count: ``84 more``, ``12 fewer``."""
    rounded = round(count)
    if rounded == 0:
        return "no more and no fewer"
    return f"{abs(rounded)} {'more' if rounded > 0 else 'fewer'}"


def signed(value: float) -> str:
    """Round a difference to two decimals, always with its sign unless it rounds to 0."""
    text = f"{value:+.2f}".replace("-", "−")
    return "0.00" if text.endswith("0.00") else text


STYLES: dict[str, Callable[[Any], str]] = {
    "ratio": significant,
    "exponential": lambda value: significant(math.exp(value)),
    "factor": lambda value: f"{math.exp(value):.2f}",
    "signed": signed,
    "two_decimals": lambda value: f"{value:.2f}",
    "three_decimals": lambda value: f"{value:.3f}",
    "percent": percent,
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
        Name of the rounding.
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

    def cell(self, file: str, column: str, style: str, **where: str) -> Claim:
        """Claim one cell.

        Raises
        ------
        LookupError
            If not exactly one row matches, or the cell is empty.
        """
        rows = self._matching(file, where)
        if len(rows) != 1:
            raise LookupError(f"{file}: {len(rows)} rows match {where}, not one")
        value = rows[column].iloc[0]
        if pd.isna(value):
            raise LookupError(f"{file}: {column} is empty where {where}")
        return self._claim(file, _spelled(where), column, style, value)

    def number_of_rows(self, file: str, **where: str) -> Claim:
        """Claim how many rows match."""
        count = len(self._matching(file, where))
        return self._claim(file, f"number of rows with {_spelled(where)}", "*", "whole", count)

    def total(self, file: str, column: str, how: str, style: str, **where: str) -> Claim:
        """Claim a `sum`, `min` or `max` over the rows that match."""
        value = self._matching(file, where)[column].agg(how)
        return self._claim(file, f"{how} over {_spelled(where)}", column, style, value)

    def values(self, file: str, column: str, **where: str) -> list[str]:
        """Keys of the rows that match, to choose among; claims nothing."""
        return list(self._matching(file, where)[column])

    def table(self) -> pd.DataFrame:
        """All claims so far, in the order of first use."""
        columns = ["id", "text", "value", "file", "row", "column", "style"]
        rows = [[getattr(c, name) for name in columns] for c in self._claims.values()]
        return pd.DataFrame(rows, columns=columns)

    def _matching(self, file: str, where: dict[str, str]) -> pd.DataFrame:
        rows = self._tables[file]
        for key, value in where.items():
            rows = rows[rows[key] == value]
        return rows

    def _claim(self, file: str, row: str, column: str, style: str, value: Any) -> Claim:
        stem = file.rsplit("/", 1)[-1].removesuffix(".csv")
        name = "-".join(_slug(part) for part in (stem, row, column, style))
        claim = Claim(name, STYLES[style](value), str(value), file, row, column, style)
        return self._claims.setdefault(name, claim)


def _spelled(where: dict[str, str]) -> str:
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
