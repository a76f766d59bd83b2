"""Claims: every number or verdict that the report prints, with the cell it came from.

A number reaches the page only by naming a file, a row and a column; the value is
looked up, rounded by a named style, and remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

import pandas as pd

from livingreview.base.rounding import STYLES, labelled
from livingreview.report.selection import NO_COLUMN, Condition, Key, Selection

# Style of a cell with names in it, which are printed by their labels.
LABEL = "label"


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
        return self._claim(file, Selection.of("cell", where), column, style, STYLES[style])

    def label(self, file: str, column: str, labels: Mapping[str, str], **where: Key) -> Claim:
        """Claim a cell that holds names, several apart by spaces, printed by their labels."""
        selection = Selection.of("cell", where)
        return self._claim(file, selection, column, LABEL, lambda names: labelled(names, labels))

    def number_of_rows(self, file: str, **where: Key | Condition) -> Claim:
        """Claim how many rows match."""
        selection = Selection.of("count", where)
        return self._claim(file, selection, NO_COLUMN, "whole", STYLES["whole"])

    def number_of(self, file: str, rows: pd.DataFrame, **where: Key | Condition) -> Claim:
        """Claim how many rows were chosen, and by which conditions anyone can choose them.

        Raises
        ------
        ValueError
            If the conditions choose other rows.
        """
        chosen = Selection.of("count", where).rows(self._tables[file])
        if not chosen.index.equals(rows.index):
            raise ValueError(f"{file}: {Selection.of('count', where)} are not the rows chosen")
        return self.number_of_rows(file, **where)

    def total(self, file: str, column: str, how: str, style: str, **where: Key) -> Claim:
        """Claim a `sum`, `min` or `max` over the rows that match."""
        return self._claim(file, Selection.of(how, where), column, style, STYLES[style])

    def values(self, file: str, column: str, **where: Key) -> list[str]:
        """Keys of the rows that match, to choose among; claims nothing."""
        return list(Selection.of("cell", where).rows(self._tables[file])[column])

    def table(self, printed: Container[str] | None = None) -> pd.DataFrame:
        """Claims in the order in which they were made; with `printed`, those of these anchors."""
        columns = ["id", "text", "value", "file", "row", "column", "style"]
        claims = self._claims.values()
        chosen = claims if printed is None else [c for c in claims if c.id in printed]
        rows = [[getattr(claim, name) for name in columns] for claim in chosen]
        return pd.DataFrame(rows, columns=columns)

    def _claim(
        self,
        file: str,
        selection: Selection,
        column: str,
        style: str,
        printed: Callable[[Any], str],
    ) -> Claim:
        try:
            value = selection.value(self._tables[file], column)
        except LookupError as error:
            raise LookupError(f"{file}: {error}") from None
        row = str(selection)
        stem = file.rsplit("/", 1)[-1].removesuffix(".csv")
        name = "-".join(_slug(part) for part in (stem, row, column, style))
        claim = Claim(name, printed(value), str(value), file, row, column, style)
        known = self._claims.setdefault(name, claim)
        if (known.file, known.row, known.value) != (file, row, claim.value):
            raise ValueError(f"two claims would share the anchor {name}")
        return claim


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
