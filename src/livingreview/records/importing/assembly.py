"""From the rows of one study to its record, field by field as the mapping says."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from livingreview.records.importing.cells import decimals_of
from livingreview.records.importing.mapping import Piece, Place, columns, reading_at
from livingreview.records.importing.origins import Draft, Leaf, Reader, Tree, draft
from livingreview.records.importing.spreadsheet import Row


def assembled(reader: Reader, rows: list[Row], numeric: Collection[str], notes: list[str]) -> Draft:
    """Record of one study from all its rows; `numeric` moderators have numbers as values."""
    whole = reader.in_cell(rows[0], "")
    effects = [_effect(reader, row) for row in rows]
    tree: dict[str, Tree] = {
        "study_id": reader.leaf(("study", "study_id"), rows),
        "citation": {
            "label": reader.leaf(("study", "label"), rows),
            "text": reader.leaf(("study", "citation"), rows),
            "year": reader.leaf(("study", "year"), rows),
            "identifier": reader.leaf(("study", "identifier"), rows),
        },
        "status": Leaf("extracted", whole),
        "eligibility": reader.leaf(("study", "eligibility"), rows),
        "design": _leaves(reader, ("study", "design"), ("kind", "detail", "clustered"), rows),
        "moderators": {
            name: reader.leaf(
                ("study", "moderators", name),
                rows,
                null=True,
                reads="number" if name in numeric else "text",
            )
            for name in reader.mapping.study.moderators
        },
        "arms": _arms(reader, rows),
        "risk_of_bias": _risk_of_bias(reader, rows) or Leaf(None, whole),
        "sources": _sources(effects) or Leaf(None, whole, refused=True),
        "notes": [Leaf(note, whole) for note in notes],
        "effects": list(effects),
    }
    made = draft(tree, whole)
    for i, row in enumerate(rows):
        made.origins[f"effects[{i}]"] = reader.in_cell(row, "")
    _refuse_unused(reader, rows)
    return made


def _leaves(reader: Reader, place: Place, names: Iterable[str], rows: list[Row]) -> dict[str, Tree]:
    return {name: reader.leaf((*place, name), rows) for name in names}


def _has_value(tree: dict[str, Tree]) -> bool:
    """Whether any of these leaves has a value, or one that could not be read."""
    leaves = [leaf for leaf in tree.values() if isinstance(leaf, Leaf)]
    return any(leaf.value is not None or leaf.refused for leaf in leaves)


def _risk_of_bias(reader: Reader, rows: list[Row]) -> dict[str, Tree]:
    """Judgements of the domains that the rows say something about."""
    names = ("judgement", "reason")
    judged = {
        domain: _leaves(reader, ("study", "risk_of_bias", domain), names, rows)
        for domain in reader.mapping.study.risk_of_bias
    }
    return {domain: leaves for domain, leaves in judged.items() if _has_value(leaves)}


def _arms(reader: Reader, rows: list[Row]) -> list[Tree]:
    """Every arm of the study once; rows that name the same arm must agree on it."""
    named: dict[object, dict[str, list[Row]]] = {}
    for role in ("treated", "control"):
        for row in rows:
            arm = reader.leaf(("effect", role, "id"), [row]).value
            if arm is not None:
                named.setdefault(arm, {}).setdefault(role, []).append(row)
    return [
        {
            field: reader.agreed(
                [reader.leaf(("effect", role, field), those) for role, those in by_role.items()]
            )
            for field in ("id", "label", "assigned")
        }
        for by_role in named.values()
    ]


def _sources(effects: list[dict[str, Tree]]) -> list[Tree]:
    """Sources of all pieces of evidence, each once."""
    sources: dict[tuple[object, ...], Tree] = {}
    for effect in effects:
        pieces = effect["evidence"]
        for piece in pieces if isinstance(pieces, list) else ():
            assert isinstance(piece, dict)
            source = piece["source"]
            assert isinstance(source, dict)
            key = tuple(leaf.value for leaf in source.values() if isinstance(leaf, Leaf))
            sources.setdefault(key, source)
    return list(sources.values())


def _effect(reader: Reader, row: Row) -> dict[str, Tree]:
    outcome = reader.leaf(("effect", "outcome"), [row])
    own_id = reader.leaf(("effect", "id"), [row])
    named = own_id.value is not None or own_id.refused
    pieces = [
        _piece(reader, i, piece, row)
        for i, piece in enumerate(reader.mapping.evidence)
        if _filled(reader, i, piece.decisive, row)
    ]
    named_columns = {column for _, column in columns(reader.mapping.evidence)}
    if not pieces and named_columns <= set(reader.sheet.headings):
        kinds = ", ".join(piece.kind for piece in reader.mapping.evidence)
        allowed = f"values in the columns of one of {kinds}"
        reader.problems.append(reader.in_cell(row, "").problem("no evidence", allowed))
    return {
        "id": own_id if named else outcome,
        "outcome": outcome,
        "measure": reader.leaf(("effect", "measure"), [row]),
        "follow_up_months": reader.leaf(("effect", "follow_up_months"), [row], null=True),
        "treated": reader.leaf(("effect", "treated", "id"), [row]),
        "control": reader.leaf(("effect", "control", "id"), [row]),
        "evidence": list(pieces) if pieces else Leaf(None, reader.in_cell(row, ""), refused=True),
    }


def _filled(reader: Reader, i: int, fields: Iterable[str], row: Row) -> list[str]:
    """Columns among these fields of a piece that are not blank in a row."""
    return [
        column
        for field in fields
        for _, column in columns(reading_at(reader.mapping, ("evidence", i, *field.split("."))))
        if not reader.is_blank(row, column)
    ]


def _piece(reader: Reader, i: int, piece: Piece, row: Row) -> dict[str, Tree]:
    place: Place = ("evidence", i)
    tree: dict[str, Tree] = {"kind": Leaf(piece.kind, reader.in_mapping((*place, "kind")))}
    tree |= _FIELDS[piece.kind](reader, place, row)
    for name in ("adjusted_for_clusters", "note"):
        if name in type(piece).model_fields:
            tree[name] = reader.leaf((*place, name), [row])
    if piece.clusters is not None:
        names = ("icc", "average_size", "note")
        clusters = _leaves(reader, (*place, "clusters"), names, [row])
        if _has_value({name: clusters[name] for name in ("icc", "average_size")}):
            tree["clusters"] = clusters
    return tree | {"source": _source(reader, place, row)}


def _source(reader: Reader, piece: Place, row: Row) -> dict[str, Tree]:
    own: Place = (*piece, "source")
    place = own if reading_at(reader.mapping, own) is not None else ("source",)
    return _leaves(reader, place, ("url", "locator", "kind"), [row])


def _by_arm(reader: Reader, place: Place, row: Row, names: Iterable[str]) -> list[dict[str, Tree]]:
    return [
        {"arm": reader.leaf(("effect", role, "id"), [row])}
        | _leaves(reader, (*place, role), names, [row])
        for role in ("treated", "control")
    ]


def _counts(reader: Reader, place: Place, row: Row) -> dict[str, Tree]:
    return {"arms": list(_by_arm(reader, place, row, ("events", "total")))}


def _percentages(reader: Reader, place: Place, row: Row) -> dict[str, Tree]:
    arms = _by_arm(reader, place, row, ("percent", "decimals", "total"))
    for arm in arms:
        if not _has_value({"decimals": arm["decimals"]}):
            arm["decimals"] = _decimals(arm["percent"])
    return {"arms": list(arms)}


def _decimals(percent: Tree) -> Leaf:
    """Decimals that a percentage is printed with; one that cannot be read is refused itself."""
    assert isinstance(percent, Leaf)
    if type(percent.value) not in (int, float):
        return Leaf(None, percent.origin, refused=True)
    return Leaf(decimals_of(percent.written or str(percent.value)), percent.origin)


def _estimate(reader: Reader, place: Place, row: Row) -> dict[str, Tree]:
    ends = [reader.leaf((*place, end), [row]) for end in ("low", "high")]
    tree = _leaves(reader, place, ("measure", "value"), [row])
    if any(end.refused for end in ends):
        tree["interval"] = Leaf(None, ends[0].origin, refused=True)
    elif any(end.value is not None for end in ends):
        for end in ends:
            if end.value is None:
                allowed = "both ends of the interval, or neither"
                reader.problems.append(end.origin.problem("nothing", allowed))
        one_sided = any(end.value is None for end in ends)
        tree["interval"] = Leaf(None, ends[0].origin, refused=True) if one_sided else list(ends)
        tree |= _leaves(reader, place, ("interval_percent",), [row])
    names = ("standard_error", "p_value", "adjusted", "approximate")
    return tree | _leaves(reader, place, names, [row])


def _means(reader: Reader, place: Place, row: Row) -> dict[str, Tree]:
    return {"arms": list(_by_arm(reader, place, row, ("mean", "sd", "total")))}


def _test(reader: Reader, place: Place, row: Row) -> dict[str, Tree]:
    tree = _leaves(reader, place, ("statistic", "value", "direction"), [row])
    return tree | {"sizes": _sizes(reader, place, row)}


def _finding(reader: Reader, place: Place, row: Row) -> dict[str, Tree]:
    direction, significance = reader.statement((*place, "statement"), row)
    tree: dict[str, Tree] = {"direction": direction, "significance": significance}
    if reading_at(reader.mapping, (*place, "sizes")) is None:
        return tree
    return tree | {"sizes": _sizes(reader, place, row)}


def _sizes(reader: Reader, piece: Place, row: Row) -> Tree:
    """The sizes that a row gives; nothing where all are blank."""
    place: Place = (*piece, "sizes")
    people = _leaves(reader, place, ("treated", "control", "total"), [row])
    if not _has_value(people):
        return Leaf(
            None,
            reader.in_cell(
                row, " or ".join(c for _, c in columns(reading_at(reader.mapping, place)))
            ),
        )
    named = _leaves(reader, place, ("name", "basis"), [row])
    note = _leaves(reader, place, ("note",), [row])
    return [named | people | {"source": _source(reader, piece, row)} | note]


_FIELDS = {
    "counts": _counts,
    "percentages": _percentages,
    "estimate": _estimate,
    "means": _means,
    "test": _test,
    "finding": _finding,
}


def _refuse_unused(reader: Reader, rows: list[Row]) -> None:
    """Refuse results that no piece of evidence of their row has used."""
    for row in rows:
        for i, piece in enumerate(reader.mapping.evidence):
            for column in dict.fromkeys(_filled(reader, i, piece.dependent, row)):
                if (row.line, column) not in reader.used:
                    found = f"{row.cells[column]}, which belongs to no evidence of this row"
                    allowed = "blank, or the values that go with it"
                    reader.problems.append(reader.in_cell(row, column).problem(found, allowed))
