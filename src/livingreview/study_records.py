"""What each study on record reported, where, and how it is used: for a reader who opens it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from livingreview.claims import Claim, Claims
from livingreview.moderators import NOT_KNOWN
from livingreview.protocol.review import Protocol
from livingreview.sentences import EFFECTS, STUDIES

LEDGER = "1_records/ledger.csv"
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_PIECE = re.compile(r"^effects\[\d+\]\.evidence\[\d+\]\.")
_INDEX = re.compile(r"\[(\d+)\]")


@dataclass
class Reported:
    """One reported value, and where it was read: source, place in it, and file and line here."""

    name: str
    value: Claim | str
    url: str
    locator: str
    kind: str
    file: str
    line: Claim


@dataclass
class ReportedEffect:
    """What a study reported on one outcome.

    Attributes
    ----------
    outcome, measure, status : str
        Labels.
    months : Claim, optional
        Of follow-up.
    used : str
        Kind of evidence analysed, or why none is.
    assumption : str
        Empty when nothing is assumed.
    values : list of Reported
    """

    outcome: str
    measure: str
    months: Claim | None
    status: str
    used: str
    assumption: str
    values: list[Reported] = field(default_factory=list)


@dataclass
class StudyRecord:
    """A study with its effects; `values` by filter are what it can be filtered by."""

    study_id: str
    label: str
    detail: str
    status: str
    values: dict[str, set[str]]
    effects: list[ReportedEffect]


def study_records(
    claims: Claims, tables: dict[str, pd.DataFrame], protocol: Protocol
) -> list[StudyRecord]:
    """Records of all studies, by the tables of stage 1."""
    studies, effects, ledger = tables[STUDIES], tables[EFFECTS], tables[LEDGER]
    records = []
    for study in studies.itertuples():
        of_study = effects[effects["study_id"] == study.study_id]
        values = {
            name: {_text(getattr(study, f"moderator_{name}")) or NOT_KNOWN}
            for name, moderator in protocol.moderators.items()
            if moderator.levels is not None
        }
        values["outcome"] = set(of_study["outcome"])
        reported = [_effect(claims, row, ledger, protocol) for row in of_study.itertuples()]
        detail, reason = _text(study.design_detail), _text(study.reason)
        status = study.status.replace("_", " ") + (f": {reason}" if reason else "")
        records.append(StudyRecord(study.study_id, study.label, detail, status, values, reported))
    return records


def filters(records: list[StudyRecord], protocol: Protocol) -> dict[str, dict[str, str]]:
    """Labels of the values that the records differ in, by what they can be filtered by."""
    names = {name: m.label for name, m in protocol.moderators.items() if m.levels is not None}
    labels: dict[str, dict[str, str]] = {
        "outcome": {name: outcome.label for name, outcome in protocol.outcomes.items()}
    }
    labels |= {name: dict(protocol.moderators[name].levels or {}) for name in names}
    found = {}
    for name, of_filter in labels.items():
        of_filter = of_filter | ({} if name == "outcome" else {NOT_KNOWN: "Not known"})
        taken = set().union(*(record.values[name] for record in records)) if records else set()
        kept = {value: label for value, label in of_filter.items() if value in taken}
        if len(kept) > 1:
            found[name] = kept
    return found


def _effect(claims: Claims, row: Any, ledger: pd.DataFrame, protocol: Protocol) -> ReportedEffect:
    months = None
    if pd.notna(row.follow_up_months):
        months = claims.cell(EFFECTS, "follow_up_months", "whole", effect_id=row.effect_id)
    of_effect = ledger[ledger["effect_id"] == row.effect_id]
    return ReportedEffect(
        outcome=protocol.outcomes[row.outcome].label,
        measure=row.measure,
        months=months,
        status=row.status.replace("_", " "),
        used=row.kind if row.status == "analysed" else _text(row.reason),
        assumption=_text(row.assumption),
        values=[_reported(claims, value) for value in of_effect.itertuples()],
    )


def _reported(claims: Claims, row: Any) -> Reported:
    where = {"effect_id": row.effect_id, "field": row.field}
    text = str(row.value)
    number = any(character.isdigit() for character in text)
    return Reported(
        name=_spoken(row.field),
        value=claims.cell(LEDGER, "value", "words", **where) if number else text.replace("_", " "),
        url=row.source_url,
        locator=row.source_locator,
        kind=row.source_kind,
        file=row.record_file.rsplit("/", 1)[-1],
        line=claims.cell(LEDGER, "record_line", "whole", **where),
    )


def _spoken(location: str) -> str:
    """``effects[0].evidence[0].sizes[1].treated`` as ``sizes, second: treated``."""
    parts = _PIECE.sub("", location).replace("_", " ")
    parts = _INDEX.sub(lambda found: f", {_ordinal(int(found[1]))}", parts)
    return parts.replace(".", ": ")


def _ordinal(index: int) -> str:
    """In words, as a figure on the page would have to be a claim; late ones go unnumbered."""
    return ORDINALS[index] if index < len(ORDINALS) else "a later one"


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)
