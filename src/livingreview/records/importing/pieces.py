"""From the cells of one row to a piece of evidence, field by field as its kind says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product

from livingreview.records.evidence.kinds import KINDS
from livingreview.records.importing.cells import decimals_of
from livingreview.records.importing.columns import ROLES, ReadField, places, read_fields
from livingreview.records.importing.mapping import Piece
from livingreview.records.importing.origins import Leaf, Reader, Tree, has_value
from livingreview.records.importing.readings import Place, columns, reading_at
from livingreview.records.importing.spreadsheet import Row


def is_given(reader: Reader, i: int, piece: Piece, row: Row) -> bool:
    """Whether a row has the `i`-th evidence of the mapping."""
    return any(not reader.is_blank(row, column) for column in decisive_columns(reader, i, piece))


def decisive_columns(reader: Reader, i: int, piece: Piece) -> list[str]:
    """Columns of which one is filled in every row that has the `i`-th evidence."""
    return _columns(reader, i, KINDS[piece.kind].decisive, piece)


def dependent_columns(reader: Reader, i: int, piece: Piece, row: Row) -> list[str]:
    """Columns filled in a row that say nothing without others of their piece."""
    every = _columns(reader, i, KINDS[piece.kind].dependent, piece)
    return [column for column in every if not reader.is_blank(row, column)]


def _columns(reader: Reader, i: int, names: tuple[str, ...], piece: Piece) -> list[str]:
    """Columns that the mapping names for these fields of a piece, each once."""
    named = (
        column
        for place in places(KINDS[piece.kind], names)
        for _, column in columns(reading_at(reader.mapping, ("evidence", i, *place)))
    )
    return list(dict.fromkeys(named))


def piece_of(reader: Reader, i: int, piece: Piece, row: Row) -> dict[str, Tree]:
    """The `i`-th evidence of the mapping as a row gives it."""
    place: Place = ("evidence", i)
    tree: dict[str, Tree] = {"kind": Leaf(piece.kind, reader.in_mapping((*place, "kind")))}
    tree |= _values(reader, place, row, read_fields(KINDS[piece.kind]))
    tree["note"] = reader.leaf((*place, "note"), [row])
    if not has_value(tree, "note") and (note := _note_on_sums(reader, place, row, piece)):
        tree["note"] = Leaf(note, reader.in_mapping(place))
    if piece.clusters is not None:
        clusters = reader.leaves((*place, "clusters"), ("icc", "average_size", "note"), [row])
        if has_value(clusters, "icc", "average_size"):
            tree["clusters"] = clusters
    return tree | {"source": _source(reader, place, row)}


def _note_on_sums(reader: Reader, place: Place, row: Row, piece: Piece) -> str:
    """Which numbers are sums of two columns; empty where none is."""
    sums = []
    for arms in (field for field in read_fields(KINDS[piece.kind]) if field.holds == "arms"):
        for role, field in product(ROLES, [field for field in arms.inner if field.rest]):
            named = [
                reading_at(reader.mapping, (*place, role, name))
                for name in (field.name, field.part, field.rest)
            ]
            if all(named[1:]) and not (named[0] and reader.text(row, named[0])):
                sums.append(" and ".join(f"`{reading.column}`" for reading in named[1:]))
    return f"Totals are sums of columns: {'; '.join(sums)}." if sums else ""


def _values(reader: Reader, place: Place, row: Row, fields: Iterable[ReadField]) -> dict[str, Tree]:
    """Values of these fields; `place` is that of their readings."""
    tree: dict[str, Tree] = {}
    for field in fields:
        match field.holds:
            case "value":
                if not field.only_with or has_value(tree, field.only_with):
                    tree[field.name] = reader.leaf((*place, field.name), [row])
            case "ends":
                tree[field.name] = _ends(reader, place, row, field.columns)
            case "words":
                tree |= reader.statement((*place, "statement"), row)
            case "sizes":
                tree[field.name] = _sizes(reader, place, row)
            case "part":
                tree[field.name] = _values(reader, (*place, field.name), row, field.inner)
            case "arms":
                tree[field.name] = [
                    {"arm": reader.leaf(("effect", role, "id"), [row])}
                    | _values(reader, (*place, role), row, field.inner)
                    for role in ROLES
                ]
        if field.rest:
            tree[field.name] = _whole(reader, place, row, field, tree[field.name])
        if field.decimals_of and not has_value(tree, field.name):
            tree[field.name] = _decimals(tree[field.decimals_of])
    return tree


def _whole(reader: Reader, place: Place, row: Row, field: ReadField, whole: Tree) -> Leaf:
    """A whole number, or the sum of its two parts; where all are there, they must agree."""
    assert isinstance(whole, Leaf)
    part, rest = (reader.leaf((*place, name), [row]) for name in (field.part, field.rest))
    if whole.refused or part.refused or rest.refused:
        return replace(whole, value=None, refused=True)
    if part.value is None or rest.value is None:
        return whole
    total = part.value + rest.value
    if whole.value not in (None, total):
        allowed = f"{total}, the sum of {part.origin.field} and {rest.origin.field}"
        reader.problems.append(whole.origin.problem(str(whole.value), allowed))
        return replace(whole, value=None, refused=True)
    return whole if whole.value is not None else Leaf(total, rest.origin)


def _decimals(number: Tree) -> Leaf:
    """Decimals that a number is printed with; one that cannot be read is refused itself."""
    assert isinstance(number, Leaf)
    if type(number.value) not in (int, float):
        return Leaf(None, number.origin, refused=True)
    return Leaf(decimals_of(number.written or str(number.value)), number.origin)


def _ends(reader: Reader, place: Place, row: Row, names: Sequence[str]) -> Tree:
    """A pair of numbers; a row has both or neither."""
    ends = [reader.leaf((*place, end), [row]) for end in names]
    if any(end.refused for end in ends):
        return Leaf(None, ends[0].origin, refused=True)
    given = [end.value is not None for end in ends]
    if all(given):
        return list(ends)
    if not any(given):
        return Leaf(None, ends[0].origin)
    for end in ends:
        if end.value is None:
            allowed = "both ends of the interval, or neither"
            reader.problems.append(end.origin.problem("nothing", allowed))
    return Leaf(None, ends[0].origin, refused=True)


def _source(reader: Reader, piece: Place, row: Row) -> dict[str, Tree]:
    own: Place = (*piece, "source")
    place = own if reading_at(reader.mapping, own) is not None else ("source",)
    return reader.leaves(place, ("url", "locator", "kind"), [row])


def _sizes(reader: Reader, piece: Place, row: Row) -> Tree:
    """The sizes that a row gives; nothing where all are blank."""
    place: Place = (*piece, "sizes")
    people = reader.leaves(place, ("treated", "control", "total"), [row])
    if not has_value(people):
        named_columns = [c for _, c in columns(reading_at(reader.mapping, place))]
        origin = (
            reader.in_cell(row, " or ".join(named_columns))
            if named_columns
            else reader.in_mapping(place)
        )
        return Leaf(None, origin)
    named = reader.leaves(place, ("name", "basis"), [row])
    note = reader.leaves(place, ("note",), [row])
    return [named | people | {"source": _source(reader, piece, row)} | note]
