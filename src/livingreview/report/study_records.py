"""What each study on record reported, where, and how it is used: for a reader who opens it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, product
from string import ascii_uppercase
from typing import Any

import pandas as pd

from livingreview.protocol.moderators import NOT_KNOWN
from livingreview.protocol.review import Protocol
from livingreview.report.claims import Claim, Claims
from livingreview.report.sentences.results import EFFECTS

LEDGER = "1_records/ledger.csv"
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_PIECE = re.compile(r"^effects\[\d+\]\.evidence\[\d+\]\.")
_INDEX = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True)
class RecordSource:
    """A source that values of a record were read from: page, place in it, and sort of document."""

    url: str
    locator: str
    kind: str


@dataclass
class Reported:
    """One reported value, where it was read (letter of a source), and its line in the record."""

    name: str
    value: Claim | str
    source: str
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
    """A study with its effects.

    Attributes
    ----------
    study_id, label, detail, status : str
    values : dict of set of str
        What it can be filtered by, by filter.
    file : str
        Name of the record's file; empty when no value stands in it.
    sources : dict of RecordSource
        By the letter that stands for each.
    effects : list of ReportedEffect
    """

    study_id: str
    label: str
    detail: str
    status: str
    values: dict[str, set[str]]
    file: str
    sources: dict[str, RecordSource]
    effects: list[ReportedEffect]


def study_records(
    claims: Claims, studies: pd.DataFrame, tables: dict[str, pd.DataFrame], protocol: Protocol
) -> list[StudyRecord]:
    """Records of some studies (rows of `1_records/studies.csv`), by the tables of stage 1."""
    effects, ledger = tables[EFFECTS], tables[LEDGER]
    records = []
    for study in studies.itertuples():
        of_study = effects[effects["study_id"] == study.study_id]
        values = {
            name: {_text(getattr(study, f"moderator_{name}")) or NOT_KNOWN}
            for name, moderator in protocol.moderators.items()
            if moderator.levels is not None
        }
        values["outcome"] = set(of_study["outcome"])
        read = ledger[ledger["effect_id"].isin(of_study["effect_id"])]
        sources = dict(
            zip(_letters(), dict.fromkeys(map(_source, read.itertuples())), strict=False)
        )
        letters = {source: letter for letter, source in sources.items()}
        reported = [_effect(claims, row, read, letters, protocol) for row in of_study.itertuples()]
        file = read["record_file"].iloc[0].rsplit("/", 1)[-1] if len(read) else ""
        detail, reason = _text(study.design_detail), _text(study.reason)
        status = study.status.replace("_", " ") + (f": {reason}" if reason else "")
        records.append(
            StudyRecord(
                study.study_id, study.label, detail, status, values, file, sources, reported
            )
        )
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


def _effect(
    claims: Claims,
    row: Any,
    ledger: pd.DataFrame,
    letters: dict[RecordSource, str],
    protocol: Protocol,
) -> ReportedEffect:
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
        values=[_reported(claims, value, letters) for value in of_effect.itertuples()],
    )


def _source(row: Any) -> RecordSource:
    return RecordSource(row.source_url, row.source_locator, row.source_kind)


def _letters() -> Iterator[str]:
    """A, B, …, Z, AA, AB, …: a figure on the page would have to be a claim."""
    for length in count(1):
        yield from map("".join, product(ascii_uppercase, repeat=length))


def _reported(claims: Claims, row: Any, letters: dict[RecordSource, str]) -> Reported:
    where = {"effect_id": row.effect_id, "field": row.field}
    text = str(row.value)
    number = any(character.isdigit() for character in text)
    return Reported(
        name=_spoken(row.field),
        value=claims.cell(LEDGER, "value", "words", **where) if number else text.replace("_", " "),
        source=letters[_source(row)],
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
