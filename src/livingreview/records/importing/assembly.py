"""From the rows of one study to its record, field by field as the mapping says."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from livingreview.records.importing.origins import Draft, Leaf, Reader, Tree, draft, has_value
from livingreview.records.importing.pieces import (
    decisive_columns,
    dependent_columns,
    is_given,
    piece_of,
)
from livingreview.records.importing.readings import Reads, columns
from livingreview.records.importing.spreadsheet import Row

# Why a study of the spreadsheet has no effect.
NO_RESULT = "The spreadsheet gives no result of this study."


def assembled(reader: Reader, rows: list[Row], numeric: Collection[str], notes: list[str]) -> Draft:
    """Record of one study from all its rows; `numeric` moderators have numbers as values.

    A study whose rows are blank in all columns of results awaits its data.
    """
    whole = reader.in_cell(rows[0], "")
    awaits = all(_is_without_results(reader, row) for row in rows)
    moderators, own = _moderators(reader, rows, numeric)
    effects: list[dict[str, Tree]] = []
    sources: list[Tree] = [reader.leaves(("source",), ("url", "locator", "kind"), rows[:1])]
    if not awaits:
        effects = [_effect(reader, *row_and_own) for row_and_own in zip(rows, own, strict=True)]
        _refuse_repeated(reader, rows, effects)
        sources = _sources(effects)
    tree: dict[str, Tree] = {
        "study_id": reader.leaf(("study", "study_id"), rows),
        "citation": {
            "label": reader.leaf(("study", "label"), rows),
            "text": reader.leaf(("study", "citation"), rows),
            "year": reader.leaf(("study", "year"), rows, null=True),
            "identifier": reader.leaf(("study", "identifier"), rows),
        },
        "status": Leaf("awaiting_data" if awaits else "extracted", whole),
        "reason": Leaf(NO_RESULT if awaits else None, whole),
        "eligibility": reader.leaf(("study", "eligibility"), rows),
        "design": reader.leaves(("study", "design"), ("kind", "detail", "clustered"), rows),
        "moderators": moderators,
        "arms": _arms(reader, rows),
        "risk_of_bias": _risk_of_bias(reader, rows) or Leaf(None, whole),
        "sources": sources or Leaf(None, whole, refused=True),
        "notes": [Leaf(note, whole) for note in notes],
        "effects": list(effects),
    }
    made = draft(tree, whole)
    for i, (row, _) in enumerate(zip(rows, effects, strict=False)):
        made.origins[f"effects[{i}]"] = reader.in_cell(row, "")
    _refuse_unused(reader, rows)
    return made


def _is_without_results(reader: Reader, row: Row) -> bool:
    """Whether a row is blank in every column of evidence that there is."""
    named = {column for _, column in columns(reader.mapping.evidence)} & set(reader.sheet.headings)
    filled = {column for column in row.cells if not reader.is_blank(row, column)}
    return bool(named) and not named & filled


def _moderators(
    reader: Reader, rows: list[Row], numeric: Collection[str]
) -> tuple[dict[str, Tree], list[dict[str, Tree]]]:
    """Moderators of the study, and of each effect those in which it is unlike its study.

    Where the mapping has a moderator under `effect` alone, the study has the value in which all
    its rows agree, or none.
    """
    mapping = reader.mapping
    whole: dict[str, Tree] = {}
    own: list[dict[str, Tree]] = [{} for _ in rows]
    for name in dict.fromkeys([*mapping.study.moderators, *mapping.effect.moderators]):
        reads: Reads = "number" if name in numeric else "text"
        of_study = reader.leaf(("study", "moderators", name), rows, null=True, reads=reads)
        of_rows = [
            reader.leaf(("effect", "moderators", name), [row], null=True, reads=reads)
            for row in rows
        ]
        values = {leaf.value for leaf in of_rows if leaf.value is not None}
        if name not in mapping.study.moderators and len(values) <= 1:
            of_study = next((leaf for leaf in of_rows if leaf.value is not None), of_rows[0])
        elif name in mapping.effect.moderators:
            for tree, leaf in zip(own, of_rows, strict=True):
                if leaf.value not in (None, of_study.value) or name not in mapping.study.moderators:
                    tree[name] = leaf
        whole[name] = of_study
    return whole, own


def _risk_of_bias(reader: Reader, rows: list[Row]) -> dict[str, Tree]:
    """Judgements of the domains that the rows say something about."""
    names = ("judgement", "reason")
    judged = {
        domain: reader.leaves(("study", "risk_of_bias", domain), names, rows)
        for domain in reader.mapping.study.risk_of_bias
    }
    return {domain: leaves for domain, leaves in judged.items() if has_value(leaves)}


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


def _effect(reader: Reader, row: Row, moderators: dict[str, Tree]) -> dict[str, Tree]:
    outcome = reader.leaf(("effect", "outcome"), [row])
    own_id = reader.leaf(("effect", "id"), [row])
    named = own_id.value is not None or own_id.refused
    pieces = [
        piece_of(reader, i, piece, row)
        for i, piece in enumerate(reader.mapping.evidence)
        if is_given(reader, i, piece, row)
    ]
    named_columns = {column for _, column in columns(reader.mapping.evidence)}
    if not pieces and named_columns <= set(reader.sheet.headings):
        kinds = ", ".join(piece.kind for piece in reader.mapping.evidence)
        allowed = f"values in the columns of one of {kinds}; or leave the row out"
        reader.problems.append(reader.in_cell(row, "").problem("no evidence", allowed))
    return {
        "id": own_id if named else outcome,
        "outcome": outcome,
        "measure": reader.leaf(("effect", "measure"), [row]),
        "follow_up_months": reader.leaf(("effect", "follow_up_months"), [row], null=True),
        "treated": reader.leaf(("effect", "treated", "id"), [row]),
        "control": reader.leaf(("effect", "control", "id"), [row]),
        "analysed": reader.leaf(("effect", "analysed"), [row]),
        **({"moderators": moderators} if moderators else {}),
        "evidence": list(pieces) if pieces else Leaf(None, reader.in_cell(row, ""), refused=True),
    }


def _refuse_repeated(reader: Reader, rows: list[Row], effects: list[dict[str, Tree]]) -> None:
    """Refuse a row that is about the effect of an earlier one."""
    study = reader.leaf(("study", "study_id"), rows[:1]).value
    first: dict[object, int] = {}
    for row, effect in zip(rows, effects, strict=True):
        name = effect["id"]
        assert isinstance(name, Leaf)
        if name.value is None or name.refused:
            continue
        line = first.setdefault(name.value, row.line)
        if line != row.line:
            allowed = (
                f"an effect that no other row of {study} is about, as line {line} is: tell effects"
                " apart by a column for `effect.id`, or give both results in one row, as two pieces"
                " of evidence"
            )
            in_row = (name.origin.file, name.origin.line) == (reader.sheet.file, row.line)
            origin = name.origin if in_row else reader.in_cell(row, "")
            reader.problems.append(origin.problem(str(name.value), allowed))
            effect["id"] = replace(name, refused=True)


def _refuse_unused(reader: Reader, rows: list[Row]) -> None:
    """Refuse results that no piece of evidence of their row has used."""
    study = reader.leaf(("study", "study_id"), rows[:1]).value
    for row in rows:
        for i, piece in enumerate(reader.mapping.evidence):
            for column in dependent_columns(reader, i, piece, row):
                if (row.line, column) not in reader.used:
                    found = f"{row.cells[column]}, which belongs to no evidence of this row"
                    beside = ", ".join(decisive_columns(reader, i, piece))
                    allowed = f"blank, or a value for {piece.kind} of {study} under one of {beside}"
                    reader.problems.append(reader.in_cell(row, column).problem(found, allowed))
