"""What each study on record reported, where, and how it is used: for a reader who opens it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, product
from string import ascii_uppercase
from typing import Any, NamedTuple

import pandas as pd

from livingreview.protocol.moderators import NOT_KNOWN
from livingreview.protocol.review import Protocol
from livingreview.report.claims import Claim, Claims
from livingreview.report.files import EFFECTS, LEDGER, STUDIES
from livingreview.tables.statuses import ANALYSED

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_PIECE = re.compile(r"^effects\[\d+\]\.evidence\[\d+\]\.")
_INDEX = re.compile(r"\[(\d+)\]")


class RecordSource(NamedTuple):
    """A source that values of a record were read from: page, place in it, and sort of document."""

    url: str
    locator: str
    kind: str


@dataclass
class ReportedValue:
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
    months
        Of follow-up.
    used
        Kind of evidence analysed, or why none is.
    assumption
        Empty when nothing is assumed.
    """

    outcome: str
    measure: str
    months: Claim | None
    status: str
    used: str
    assumption: str
    values: list[ReportedValue]


@dataclass
class StudyRecord:
    """A study with its effects.

    Attributes
    ----------
    values
        What it can be filtered by, by filter.
    file
        Name of the record's file; empty when no value stands in it.
    sources
        By the letter that stands for each.
    """

    study_id: str
    label: str
    detail: str
    status: str
    values: dict[str, set[str]]
    file: str
    sources: dict[str, RecordSource]
    effects: list[ReportedEffect]


def study_labels(claims: Claims) -> dict[str, str]:
    """Label of each study on record."""
    return dict(claims.tables[STUDIES].set_index("study_id")["label"])


def study_records(claims: Claims, studies: pd.DataFrame, protocol: Protocol) -> list[StudyRecord]:
    """Records of some studies (rows of `studies.csv`), by the tables of stage 1."""
    effects, ledger = claims.tables[EFFECTS], claims.tables[LEDGER]
    return [
        _study_record(
            claims,
            study,
            effects[effects["study_id"] == study["study_id"]],
            ledger[ledger["study_id"] == study["study_id"]],
            protocol,
        )
        for study in studies.to_dict("records")
    ]


def _study_record(
    claims: Claims,
    study: dict[Any, Any],
    effects: pd.DataFrame,
    ledger: pd.DataFrame,
    protocol: Protocol,
) -> StudyRecord:
    """Record of one study, from its effects and the values read for them."""
    values = {
        name: {_text(study[f"moderator_{name}"]) or NOT_KNOWN}
        for name, moderator in protocol.moderators.items()
        if moderator.levels is not None
    }
    letters = dict(zip(dict.fromkeys(map(_source, ledger.itertuples())), _letters(), strict=False))
    reason = _text(study["reason"])
    return StudyRecord(
        study_id=study["study_id"],
        label=study["label"],
        detail=_text(study["design_detail"]),
        status=study["status"].replace("_", " ") + (f": {reason}" if reason else ""),
        values=values | {"outcome": set(effects["outcome"])},
        file=ledger["record_file"].iloc[0].rsplit("/", 1)[-1] if len(ledger) else "",
        sources={letter: source for source, letter in letters.items()},
        effects=[
            _effect(claims, row, ledger[ledger["effect_id"] == row.effect_id], letters, protocol)
            for row in effects.itertuples()
        ],
    )


def filters(records: list[StudyRecord], protocol: Protocol) -> dict[str, dict[str, str]]:
    """Labels of the values that the records differ in, by what they can be filtered by."""
    labels = {"outcome": {name: outcome.label for name, outcome in protocol.outcomes.items()}}
    for name, moderator in protocol.moderators.items():
        if moderator.levels is not None:
            labels[name] = {**moderator.levels, NOT_KNOWN: "Not known"}
    choices = {}
    for name, label_of in labels.items():
        present = {value for record in records for value in record.values[name]}
        if len(present) > 1:
            choices[name] = {value: label_of[value] for value in label_of if value in present}
    return choices


def _effect(
    claims: Claims,
    row: Any,
    ledger: pd.DataFrame,
    letters: dict[RecordSource, str],
    protocol: Protocol,
) -> ReportedEffect:
    effect = claims.row(EFFECTS, effect_id=row.effect_id)
    return ReportedEffect(
        outcome=protocol.outcomes[row.outcome].label,
        measure=row.measure,
        months=effect.follow_up_months if pd.notna(row.follow_up_months) else None,
        status=row.status.replace("_", " "),
        used=row.kind if row.status == ANALYSED else _text(row.reason),
        assumption=_text(row.assumption),
        values=[_value(claims, value, letters) for value in ledger.itertuples()],
    )


def _source(row: Any) -> RecordSource:
    return RecordSource(row.source_url, row.source_locator, row.source_kind)


def _letters() -> Iterator[str]:
    """A, B, …, Z, AA, AB, …: a figure on the page would have to be a claim."""
    for length in count(1):
        yield from map("".join, product(ascii_uppercase, repeat=length))


def _value(claims: Claims, row: Any, letters: dict[RecordSource, str]) -> ReportedValue:
    cells = claims.row(LEDGER, effect_id=row.effect_id, field=row.field)
    text = str(row.value)
    is_number = any(character.isdigit() for character in text)
    return ReportedValue(
        name=place_in_words(row.field),
        value=cells.claim("value") if is_number else text.replace("_", " "),
        source=letters[_source(row)],
        line=cells.record_line,
    )


def place_in_words(location: str) -> str:
    """``effects[0].evidence[0].sizes[1].treated`` as ``sizes, second: treated``."""
    parts = _PIECE.sub("", location).replace("_", " ")
    parts = _INDEX.sub(lambda index: f", {_ordinal(int(index[1]))}", parts)
    return parts.replace(".", ": ")


def _ordinal(index: int) -> str:
    """In words, as a figure on the page would have to be a claim; late ones go unnumbered."""
    return ORDINALS[index] if index < len(ORDINALS) else "a later one"


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)
