"""Claims: every number or verdict that the report prints, with the cell it came from.

A number reaches the page only as a cell, a count or an extreme of a result table. It is looked up,
rounded by the style of its column, and listed. A sentence is an f-string over claims.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd

from livingreview.base.measures import ODDS_RATIO, Measure
from livingreview.base.rounding import STYLES, labelled
from livingreview.report.row_selection import NO_COLUMN, Condition, Key, Selection
from livingreview.tables.registry import style_of

# Styles of texts: as they are, and of names that are printed by their labels.
WORDS = "words"
LABEL = "label"
# The marks around a claim's anchor in an f-string, where its text will stand.
OPENS = "\x02"
_MARKED = re.compile(f"{OPENS}([^\x03]+)\x03")


@dataclass(frozen=True)
class Claim:
    """One printed value and where it stands.

    Attributes
    ----------
    id
        Anchor on the page, the same in every build.
    text, value
        As printed; as in the file, unrounded.
    file, row, column
        Where it stands below the results folder; `row` names key columns, or the
        rows that were counted or summed.
    style
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

    def __format__(self, _: str) -> str:
        """Mark the place of the claim in an f-string, which `Claims.sentence` reads."""
        return f"{OPENS}{self.id}\x03"


@dataclass(frozen=True)
class Sentence:
    """Words and the claims among them."""

    parts: tuple[str | Claim, ...]

    def __str__(self) -> str:
        return "".join(map(str, self.parts))


type Sentences = dict[str, Sentence]


class Claims:
    """The register of the claims made from tables, by their file below the results folder."""

    def __init__(self, tables: dict[str, pd.DataFrame], measure: Measure = ODDS_RATIO):
        """`measure`: of the effects in the tables."""
        self.tables, self.measure = tables, measure
        self._claims: dict[str, Claim] = {}
        self._positions: dict[tuple[str, object], np.ndarray] = {}

    def row(self, file: str, /, **where: Key) -> ClaimRow:
        """The row of a table that has these values."""
        return ClaimRow(self, file, where)

    def rows(self, file: str, keys: Iterable[str], /, **where: Key | Condition) -> list[ClaimRow]:
        """Every row that matches, each named by its values of the key columns."""
        matching = Selection.matching("cell", where).rows(self.tables[file])
        names = matching[[*keys]].to_dict("records")
        return [
            ClaimRow(self, file, name, cells)
            for name, (_, cells) in zip(names, matching.iterrows(), strict=True)
        ]

    def has_rows(self, file: str, /, **where: Key | Condition) -> bool:
        """Whether any row matches; claims nothing."""
        return not Selection.matching("cell", where).rows(self.tables[file]).empty

    def count(self, file: str, /, **where: Key | Condition) -> Claim:
        """Claim how many rows match."""
        return self.claim(file, Selection.matching("count", where), NO_COLUMN, "whole")

    def count_of(self, rows: Iterable[ClaimRow], file: str, /, **where: Key | Condition) -> Claim:
        """Claim how many rows were chosen, and by which conditions anyone can choose them.

        Raises
        ------
        ValueError
            If the conditions choose other rows.
        """
        selection = Selection.matching("count", where)
        if [*selection.rows(self.tables[file]).index] != [row.index for row in rows]:
            raise ValueError(f"{file}: {selection} are not the rows chosen")
        return self.count(file, **where)

    def aggregate(
        self,
        how: str,
        file: str,
        column: str,
        style: str | None = None,
        /,
        **where: Key | Condition,
    ) -> Claim:
        """Claim a `sum`, `min` or `max` over the rows that match."""
        return self.claim(file, Selection.matching(how, where), column, style)

    def sentence(self, text: str) -> Sentence:
        """Words with claims among them, from an f-string over claims."""
        words = _MARKED.split(text)
        for i in range(1, len(words), 2):
            # A text that ends a sentence brings its own full stop.
            if self._claims[words[i]].text.endswith("."):
                words[i + 1] = words[i + 1].removeprefix(".")
        parts = [self._claims[part] if i % 2 else part for i, part in enumerate(words)]
        return Sentence(tuple(part for part in parts if part))

    def sentences(self, **texts: str) -> Sentences:
        """Sentences by name; empty texts are left out."""
        return {name: self.sentence(text) for name, text in texts.items() if text}

    def table(self, printed: Container[str] | None = None) -> pd.DataFrame:
        """Claims in the order in which they were made; only those in `printed`, if it is given."""
        claims = self._claims.values()
        chosen = claims if printed is None else [c for c in claims if c.id in printed]
        return pd.DataFrame(chosen, columns=[field.name for field in fields(Claim)])

    def positions(self, file: str, selection: Selection) -> np.ndarray:
        """Positions of the rows of a selection: many claims are of one row."""
        key = (file, selection.where)
        if key not in self._positions:
            self._positions[key] = selection.positions(self.tables[file])
        return self._positions[key]

    def claim(
        self,
        file: str,
        selection: Selection,
        column: str,
        style: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> Claim:
        """Claim a value of a column, rounded by the column's own style unless another is named.

        Raises
        ------
        LookupError
            If a cell is empty, not exactly one row has it, or it is a number without a rounding.
        """
        try:
            value = selection.value(self.tables[file], column, self.positions(file, selection))
        except LookupError as error:
            raise LookupError(f"{file}: {error}") from None
        style = style or self.measure.rounding(style_of(file, column))
        style = LABEL if labels is not None else style
        if style is None and not isinstance(value, str):
            raise LookupError(f"{file}: no rounding is declared for {column}")
        style = style or WORDS
        printed: Callable[[Any], str]
        printed = STYLES[style] if labels is None else partial(labelled, labels=labels)
        row = str(selection)
        stem = file.rsplit("/", 1)[-1].removesuffix(".csv")
        name = "-".join(_slug(part) for part in (stem, row, column, style))
        claim = Claim(name, printed(value), str(value), file, row, column, style)
        known = self._claims.setdefault(name, claim)
        if (known.file, known.row, known.value) != (file, row, claim.value):
            raise ValueError(f"two claims would share the anchor {name}")
        return claim


class ClaimRow:
    """One row of a result table.

    `row.effect` claims a cell; `row["effect"]` is its value, with which a rule can choose
    words, and claims nothing.
    """

    def __init__(
        self,
        claims: Claims,
        file: str,
        where: Mapping[Any, Key],
        cells: pd.Series | None = None,
    ):
        self._claims = claims
        self._file = file
        self._selection = Selection.matching("cell", where)
        if cells is not None:
            self._cells = cells

    def __getattr__(self, column: str) -> Claim:
        if column.startswith("_"):
            raise AttributeError(column)
        return self.claim(column)

    def __getitem__(self, column: str) -> Any:
        return self._cells[column]

    def claim(
        self, column: str, style: str | None = None, labels: Mapping[str, str] | None = None
    ) -> Claim:
        """Claim a cell in another style than its column's, or names in it by their labels."""
        return self._claims.claim(self._file, self._selection, column, style, labels)

    def interval(self, middle: str, low: str, high: str) -> str:
        """Claims of a number and both ends of its interval."""
        return f"{self.claim(middle)} ({self.claim(low)} to {self.claim(high)})"

    def claimed(self, *columns: str) -> dict[str, Claim]:
        """Claims of several cells, in this order."""
        return {column: self.claim(column) for column in columns}

    def has(self, column: str) -> bool:
        """Whether the cell is not empty."""
        return bool(pd.notna(self[column]))

    @property
    def index(self) -> Any:
        """Index of the row in its table."""
        return self._cells.name

    @cached_property
    def _cells(self) -> pd.Series:
        positions = self._claims.positions(self._file, self._selection)
        if len(positions) != 1:
            raise LookupError(
                f"{self._file}: {len(positions)} rows match {self._selection}, not one"
            )
        return self._claims.tables[self._file].iloc[positions[0]]


def _slug(text: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in text).strip("_")
