"""Values of a record, each with its origin: a cell of the spreadsheet, or a line of the mapping."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from livingreview.base.documents import Document, Location, field_path
from livingreview.base.errors import Problem, one_of, value_text
from livingreview.records.importing.cells import NotAllowed, value_of
from livingreview.records.importing.mapping import Mapping
from livingreview.records.importing.readings import (
    Place,
    Reading,
    Reads,
    Statement,
    Statements,
    reading_at,
)
from livingreview.records.importing.spreadsheet import Row, Spreadsheet

type Tree = Leaf | dict[str, Tree] | list[Tree]


@dataclass(frozen=True)
class Origin:
    """Where a value stands: a cell of the spreadsheet, or a field of the mapping."""

    file: str
    line: int
    field: str

    def problem(self, found: str, allowed: str) -> Problem:
        """Make the message about this place."""
        return Problem(self.file, self.line, self.field, found, allowed)


@dataclass(frozen=True)
class Leaf:
    """One value of a record.

    Attributes
    ----------
    value
        None when there is none; the field is then left out.
    origin : Origin
    refused : bool
        Its problem is on the reader's list already.
    null : bool
        The field stays, as null, when there is no value.
    written : str
        Text that the value was read from; empty where the mapping holds the value itself.
    """

    value: Any
    origin: Origin
    refused: bool = False
    null: bool = False
    written: str = ""


def has_value(tree: dict[str, Tree], *names: str) -> bool:
    """Whether any of these, or else of all, has a value, or one that could not be read."""
    nodes = [tree[name] for name in names if name in tree] if names else tree.values()
    return any(
        node.value is not None or node.refused if isinstance(node, Leaf) else bool(node)
        for node in nodes
    )


@dataclass
class Reader:
    """Reads what a mapping names from rows; lists problems, and the cells that were read.

    Attributes
    ----------
    used : set of (int, str)
        Line and heading of each cell that entered a record.
    """

    sheet: Spreadsheet
    mapping: Mapping
    document: Document
    problems: list[Problem] = field(default_factory=list)
    used: set[tuple[int, str]] = field(default_factory=set)

    def is_blank(self, row: Row, column: str) -> bool:
        """Whether a cell says nothing."""
        cell = row.cells.get(column, "")
        return not cell or cell in self.mapping.blank

    def text(self, row: Row, reading: Reading) -> str:
        """Text of a reading's cells that are not blank, with what it is followed by behind it.

        What stands in the text already is not said again: a year behind `Ash 1990`.
        """
        text = ""
        for column in reading.columns:
            cell = "" if self.is_blank(row, column) else row.cells[column]
            if not re.search(rf"(?<!\w){re.escape(cell)}(?!\w)", text) or not text:
                text = f"{text} {cell}".strip()
        return text

    def in_mapping(self, place: Place) -> Origin:
        """Origin of a value that the mapping itself gives."""
        return Origin(self.document.file, self.document.line(place), field_path(place))

    def in_cell(self, row: Row, column: str) -> Origin:
        """Origin of a value that a cell gives."""
        return Origin(self.sheet.file, row.line, column)

    def leaf(
        self, place: Place, rows: list[Row], null: bool = False, reads: Reads | None = None
    ) -> Leaf:
        """Value that rows which belong together give for a reading of the mapping, if it has one.

        Cells that are not blank must agree. With `null` the field stays when there is no value;
        `reads` is what to read where the protocol, not the mapping, says so.
        """
        reading = reading_at(self.mapping, place)
        if reading is None:
            return Leaf(None, self.in_mapping(place), null=null)
        if reading.column is None:
            return Leaf(reading.value, self.in_mapping((*place, "value")), null=null)
        if reading.column not in self.sheet.headings:
            return Leaf(None, self.in_mapping(place), refused=True)
        filled = [row for row in rows if self.text(row, reading)]
        self.used |= {(row.line, column) for row in filled for column in reading.columns}
        if not filled and reading.value is not None:
            return Leaf(reading.value, self.in_mapping((*place, "value")), null=null)
        if not filled:
            return Leaf(None, self.in_cell(rows[0], reading.column), null=null)
        leaf = self._read(reading, place, filled[0], reads or reading.kind)
        self._must_agree(filled, reading, place)
        return replace(leaf, null=null)

    def agreed(self, leaves: list[Leaf]) -> Leaf:
        """The first of several leaves that has a value; others must agree with it."""
        first, *others = sorted(leaves, key=lambda leaf: (leaf.value is None, not leaf.refused))
        for leaf in others:
            if leaf.value not in (None, first.value):
                where = f"{first.origin.field} on line {first.origin.line}"
                allowed = f"{value_text(first.value)}, as {where} says"
                self.problems.append(leaf.origin.problem(value_text(leaf.value), allowed))
        return first

    def leaves(self, place: Place, names: Iterable[str], rows: list[Row]) -> dict[str, Tree]:
        """Values of several readings at one place, as `leaf` gives them."""
        return {name: self.leaf((*place, name), rows) for name in names}

    def statement(self, place: Place, row: Row) -> dict[str, Tree]:
        """Fields that a finding in words states, such as its direction."""
        statements: Statements = reading_at(self.mapping, place)
        words = row.cells[statements.column]
        self.used.add((row.line, statements.column))
        statement = statements.words.get(words)
        if statement is None:
            origin = self.in_cell(row, statements.column)
            self.problems.append(origin.problem(value_text(words), one_of(words, statements.words)))
            missing = Leaf(None, origin, refused=True)
            return dict.fromkeys(Statement.model_fields, missing)
        where = (*place, "words", words)
        return {
            name: Leaf(getattr(statement, name), self.in_mapping((*where, name)))
            for name in Statement.model_fields
        }

    def _must_agree(self, rows: list[Row], reading: Reading, place: Place) -> None:
        """Refuse cells that mean something else than the first; their words may differ."""
        assert reading.column is not None
        first, *others = ((row, self.text(row, reading)) for row in rows)
        for row, cell in others:
            if self.meaning(cell, reading, place) != self.meaning(first[1], reading, place):
                allowed = f"{value_text(first[1])}, as on line {first[0].line}"
                origin = self.in_cell(row, reading.column)
                self.problems.append(origin.problem(value_text(cell), allowed))

    def meaning(self, text: str, reading: Reading, place: Place) -> object:
        """What a text stands for, which may be worded otherwise; itself where it cannot be read."""
        if reading.kind not in ("name", "year", "whole", "number"):
            return reading.words.get(text, text)
        with suppress(NotAllowed):
            return value_of(text, reading.kind, self.mapping.decimal, _stem(place))
        return text

    def _read(self, reading: Reading, place: Place, row: Row, reads: Reads) -> Leaf:
        """Value of a cell that is not blank, by way of the mapping's words where it has them."""
        assert reading.column is not None
        text, origin = self.text(row, reading), self.in_cell(row, reading.column)
        if reading.words and text not in reading.words:
            self.problems.append(origin.problem(value_text(text), one_of(text, reading.words)))
            return Leaf(None, origin, refused=True)
        if reading.words:
            meaning, origin = reading.words[text], self.in_mapping((*place, "words", text))
            if not isinstance(meaning, str):
                return Leaf(meaning, origin)
            text = meaning
        try:
            value = value_of(text, reads, self.mapping.decimal, _stem(place))
            return Leaf(value, origin, written=text)
        except NotAllowed as error:
            self.problems.append(origin.problem(value_text(text), str(error)))
            return Leaf(None, origin, refused=True)


def _stem(place: Place) -> str:
    """What a name at a place is of."""
    match place:
        case (_, "study_id"):
            return "study"
        case (_, "treated" | "control", "id"):
            return "arm"
    return "effect"


@dataclass(frozen=True)
class Draft:
    """A record as it came out of the spreadsheet, not checked yet.

    Attributes
    ----------
    data : dict
        Content of the record.
    origins : dict
        Origin of each location, as it is field_path.
    refused : set of str
        Locations whose problems are on the reader's list already.
    """

    data: dict[str, Any]
    origins: dict[str, Origin]
    refused: set[str]

    def origin(self, field: str) -> Origin:
        """Origin of a location, or of its nearest parent that has one."""
        while field not in self.origins and field:
            cut = max(field.rfind("."), field.rfind("["))
            field = field[:cut] if cut > 0 else ""
        return self.origins[field]


def draft(tree: dict[str, Tree], origin: Origin) -> Draft:
    """Split a tree of leaves into data and origins; `origin` is that of the whole record."""
    made = Draft({}, {"": origin}, set())
    made.data.update(_data(tree, (), made))
    return made


def _data(node: Tree, location: Location, made: Draft) -> Any:
    if isinstance(node, dict):
        values = {key: _data(child, (*location, key), made) for key, child in node.items()}
        return {key: value for key, value in values.items() if value is not _ABSENT}
    if isinstance(node, list):
        if node and isinstance(node[0], Leaf):
            made.origins[field_path(location)] = node[0].origin
        return [_data(child, (*location, i), made) for i, child in enumerate(node)]
    made.origins[field_path(location)] = node.origin
    if node.refused:
        made.refused.add(field_path(location))
    return node.value if node.value is not None or node.null else _ABSENT


_ABSENT = object()
