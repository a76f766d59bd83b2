"""Whether the College of Policing would admit a review to its toolkit, item by item.

The items are those of the College's page for authors of reviews ("How to write a systematic review
for the crime reduction toolkit", read on 28 November 2026): one intervention, at least two studies,
an explicit section on methods, the sources that were searched and the words, and a quantitative
measure of crime. What the results can tell is counted; what only a reader can tell is the
narrative's, with its source.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from livingreview.protocol.review import Protocol
from livingreview.records.narrative import Admission
from livingreview.tables.effects import Precision
from livingreview.tables.records import Effects
from livingreview.tables.report import AdmissionItems
from livingreview.tables.statuses import ANALYSED

FEWEST_STUDIES = 2

type Tables = dict[str, pd.DataFrame]


class AdmissionItem(NamedTuple):
    """One item; of a counted one, the number found and the fewest that it takes."""

    item: str
    question: str
    basis: str
    met: bool
    words: str
    file: str
    found: int | None = None
    fewest: int | None = None


def admission_table(protocol: Protocol, tables: Tables, read: Admission) -> pd.DataFrame:
    """Table `AdmissionItems`."""
    rows = [
        item._asdict() | {"answer_words": "yes" if item.met else "no"}
        for item in _items(protocol, tables, read)
    ]
    return AdmissionItems.frame(rows)


def _items(protocol: Protocol, tables: Tables, read: Admission) -> Iterator[AdmissionItem]:
    one = read.one_intervention
    question = "Is the review of a single intervention?"
    yield AdmissionItem("one_intervention", question, "read", one.met, one.words, one.source.url)

    effects = tables[Effects.file]
    studies = effects.loc[effects["status"] == ANALYSED, "study_id"].nunique()
    yield _counted(
        "studies",
        "Does it have two studies or more?",
        studies,
        FEWEST_STUDIES,
        "Studies with an analysed effect",
        Effects.file,
    )
    yield AdmissionItem(
        "methods",
        "Does it say how it was done?",
        "documented",
        True,
        "The page has a section on methods, and each run writes down its protocol.",
        "9_audit/run_config.yaml",
    )
    search = protocol.search
    for item, question, entries, words in (
        ("sources", "Does it name the sources that were searched?", search.sources, "Sources"),
        ("terms", "Does it name the words that were searched for?", search.terms, "Search terms"),
    ):
        yield _counted(
            item, question, len(entries), 1, f"{words} on record", "9_audit/run_config.yaml"
        )
    files = [Precision.file.format(outcome=name) for name in read.crime_outcomes]
    numbers = sum(int(tables[file]["has_number"].sum()) for file in files)
    yield _counted(
        "crime_measure",
        "Does it have a measure of crime in numbers?",
        numbers,
        1,
        "Analysed effects on crime with a number",
        " ".join(files),
    )


def _counted(
    item: str, question: str, found: int, fewest: int, things: str, file: str
) -> AdmissionItem:
    return AdmissionItem(item, question, "computed", found >= fewest, things, file, found, fewest)
