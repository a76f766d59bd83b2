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
from livingreview.tables.records import Effects, Ledger, ModeratorValues, Studies
from livingreview.tables.statuses import ALTERNATIVE

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_PIECE = re.compile(r"^effects\[\d+\]\.evidence\[\d+\]\.")
_INDEX = re.compile(r"\[(\d+)\]")


class RecordSource(NamedTuple):
    """A source that values of a record were read from: page, place in it, and sort of document."""

    url: str
    locator: str
    kind: str


class ReportedValue(NamedTuple):
    """One reported value, where it was read (letter of a source), and its line in the record.

    `source` is None where the record names none; `note` is what the record says of the value.
    """

    name: str
    value: Claim | str
    source: str | None
    line: Claim
    note: str | None = None


class ReportedEffect(NamedTuple):
    """What a study reported on one outcome: its row of `effects.csv`, each value, and notes.

    `name` is what tells it apart from the study's others on the outcome, where there are others.
    """

    row: dict[str, Any]
    name: Claim | None
    months: Claim | None
    assumption: Claim | None
    reported: list[ReportedValue]
    notes: list[str]


@dataclass
class StudyRecord:
    """A study with its effects.

    Attributes
    ----------
    study
        Its row of `studies.csv`.
    traits
        What it can be filtered by, by filter.
    file
        Name of the record's file; empty when no value stands in it.
    sources
        By the letter that stands for each.
    moderators
        Values of moderators that sources contradict, or that are one effect's own.
    """

    study: dict[str, Any]
    traits: dict[str, set[str]]
    file: str
    sources: dict[str, RecordSource]
    effects: list[ReportedEffect]
    moderators: list[ReportedValue]


def study_labels(claims: Claims) -> dict[str, str]:
    """Label of each study on record."""
    return dict(claims.tables[Studies.file].set_index("study_id")["label"])


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dicts, empty cells as None."""
    return table.astype(object).where(table.notna(), None).to_dict("records")


def study_records(claims: Claims, studies: pd.DataFrame, protocol: Protocol) -> list[StudyRecord]:
    """Records of some studies (rows of `studies.csv`), by the tables of stage 1."""
    return [_study_record(claims, study, protocol) for study in rows_of(studies)]


def _study_record(claims: Claims, study: dict[str, Any], protocol: Protocol) -> StudyRecord:
    """Record of one study, from its effects and the values read for them."""
    effects, ledger, values = (
        rows_of(table[table["study_id"] == study["study_id"]])
        for table in (
            claims.tables[file] for file in (Effects.file, Ledger.file, ModeratorValues.file)
        )
    )
    sourced = [*ledger, *(value for value in values if value["source_url"] is not None)]
    letters = dict(zip(dict.fromkeys(map(_source, sourced)), _letters(), strict=False))
    traits = {
        name: {study[f"moderator_{name}"] or NOT_KNOWN}
        for name, moderator in protocol.moderators.items()
        if moderator.levels is not None
    }
    return StudyRecord(
        study=study,
        traits=traits | {"outcome": {effect["outcome"] for effect in effects}},
        file=next((v["record_file"].rsplit("/", 1)[-1] for v in (*ledger, *values)), ""),
        sources={letter: source for source, letter in letters.items()},
        effects=[
            _effect(
                claims,
                effect,
                [value for value in ledger if value["effect_id"] == effect["effect_id"]],
                letters,
            )
            for effect in effects
        ],
        moderators=[_moderator(claims, value, letters, protocol) for value in values],
    )


def _effect(
    claims: Claims,
    effect: dict[str, Any],
    ledger: list[dict[str, Any]],
    letters: dict[RecordSource, str],
) -> ReportedEffect:
    row = claims.row(Effects.file, effect_id=effect["effect_id"])
    name, months, assumption = (
        row.claim(column) if row.has(column) else None
        for column in ("effect_label", "follow_up_months", "assumption")
    )
    return ReportedEffect(
        effect,
        name,
        months,
        assumption,
        reported=[_value(claims, value, letters) for value in ledger],
        notes=list(filter(None, dict.fromkeys(value["note"] for value in ledger))),
    )


def filters(records: list[StudyRecord], protocol: Protocol) -> dict[str, dict[str, str]]:
    """Labels of the values that the records differ in, by what they can be filtered by."""
    labels = {"outcome": {name: outcome.label for name, outcome in protocol.outcomes.items()}}
    for name, moderator in protocol.moderators.items():
        if moderator.levels is not None:
            labels[name] = {**moderator.levels, NOT_KNOWN: "Not known"}
    choices = {}
    for name, label_of in labels.items():
        present = {value for record in records for value in record.traits[name]}
        if len(present) > 1:
            choices[name] = {value: label_of[value] for value in label_of if value in present}
    return choices


def _source(value: dict[str, Any]) -> RecordSource:
    return RecordSource(value["source_url"], value["source_locator"], value["source_kind"])


def _letters() -> Iterator[str]:
    """A, B, …, Z, AA, AB, …: a figure on the page would have to be a claim."""
    for length in count(1):
        yield from map("".join, product(ascii_uppercase, repeat=length))


def _value(
    claims: Claims, value: dict[str, Any], letters: dict[RecordSource, str]
) -> ReportedValue:
    row = claims.row(Ledger.file, effect_id=value["effect_id"], field=value["field"])
    text = value["value"]
    is_number = any(character.isdigit() for character in text)
    return ReportedValue(
        name=place_in_words(value["field"]),
        value=row.claim("value") if is_number else text.replace("_", " "),
        source=letters[_source(value)],
        line=row.record_line,
    )


def _moderator(
    claims: Claims, value: dict[str, Any], letters: dict[RecordSource, str], protocol: Protocol
) -> ReportedValue:
    """A value of a moderator in the words of the protocol, and whether it is the one analysed."""
    keys = ("study_id", "moderator", "status", "record_line")
    row = claims.row(ModeratorValues.file, **{key: value[key] for key in keys})
    moderator = protocol.moderators[value["moderator"]]
    words: Claim | str = "not known"
    if value["value"] is not None:
        levels = moderator.levels
        words = row.claim("value") if levels is None else levels[value["value"]]
    other = ", by another source" if value["status"] == ALTERNATIVE else ""
    effect = ""
    if value["effect_id"] is not None:
        effect = f", {value['effect_id'].split('/', 1)[1].replace('_', ' ')}"
    return ReportedValue(
        name=f"{moderator.label}{effect}{other}",
        value=words,
        source=letters[_source(value)] if value["source_url"] is not None else None,
        line=row.record_line,
        note=value["note"],
    )


def place_in_words(location: str) -> str:
    """``effects[0].evidence[0].sizes[1].treated`` as ``sizes, second: treated``."""
    parts = _PIECE.sub("", location).replace("_", " ")
    parts = _INDEX.sub(lambda index: f", {_ordinal(int(index[1]))}", parts)
    return parts.replace(".", ": ")


def _ordinal(index: int) -> str:
    """In words, as a figure on the page would have to be a claim; late ones go unnumbered."""
    return ORDINALS[index] if index < len(ORDINALS) else "a later one"
