"""The flow of PRISMA 2020 for an updated review, with the items of a living review.

Page and others 2021, BMJ 372, n71 (flow of an updated review: previous studies, new ones,
all); Akl and others 2024, BMJ 387, e079183 (living reviews: version, what triggered it,
changes to methods and to results).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from livingreview.audit.updates.comparison import Comparison
from livingreview.audit.updates.states import State
from livingreview.tables.updates import PrismaFlow

_SCREENED = ("to_screen", "awaiting_data", "excluded")


def prisma_flow(
    after: State, comparison: Comparison | None, changes: pd.DataFrame, moves: pd.DataFrame
) -> pd.DataFrame:
    """Count records and effects now, and in the last release where there is one."""
    before = comparison.before if comparison else None
    rows = [*_living(comparison, changes, moves), *_counts(before, after)]
    return PrismaFlow.frame(rows)


def _living(
    comparison: Comparison | None, changes: pd.DataFrame, moves: pd.DataFrame
) -> Iterator[dict[str, Any]]:
    """Version, trigger, and the changes to methods and results."""

    def row(item: str, words: str, names: list[str] | None = None) -> dict[str, Any]:
        entry: dict[str, Any] = {"section": "living", "item": item, "words": words}
        if names is not None:
            entry |= {"now": len(names), "names": " ".join(names) or None}
        return entry

    if comparison is None:
        yield row("version", "current; no release to compare with")
        return
    yield row("version", "current")
    yield row("compared_with", comparison.date)
    substance = changes[~changes["only_words"]]
    triggers = []
    for kind, words in (
        ("study_added", "studies added"),
        ("study_removed", "studies removed"),
        ("study_changed", "studies changed"),
        ("method_changed", "methods changed"),
    ):
        subjects = _distinct(substance.loc[substance["kind"] == kind, "subject"])
        if subjects:
            triggers.append(f"{words}: {', '.join(subjects)}")
    yield row("trigger", "; ".join(triggers) or "none")
    methods = substance[substance["kind"] == "method_changed"]
    yield row("changes_to_methods", "fields of the protocol", list(methods["path"]))
    verdicts = moves[moves["verdict_changed"]]
    yield row("changes_to_results", "fits whose verdict changed", _distinct(verdicts["fit"]))


def _counts(before: State | None, after: State) -> Iterator[dict[str, Any]]:
    """Records by status, and analysed effects by outcome."""

    def row(
        section: str, item: str, old: set[str] | None, new: set[str], outcome: str | None = None
    ) -> dict[str, Any]:
        return {
            "section": section,
            "item": item,
            "outcome": outcome,
            "before": None if old is None else len(old),
            "now": len(new),
            "names": " ".join(sorted(new)) or None,
        }

    was = None if before is None else _by_status(before)
    now = _by_status(after)

    def studies_before(status: str) -> set[str] | None:
        return None if was is None else was.get(status, set())

    included = now.get("extracted", set())
    included_before = studies_before("extracted")
    old_all = set().union(*was.values()) if was else set()
    yield row("previous", "studies_in_last_release", None, included_before or set())
    all_now: set[str] = set().union(*now.values())
    yield row("identification", "records", old_all if was is not None else None, all_now)
    yield row("identification", "new_records", None, all_now - old_all)
    yield row("identification", "records_withdrawn", None, old_all - all_now)
    for status in _SCREENED:
        yield row("screening", status, studies_before(status), now.get(status, set()))
    yield row("included", "new_studies", None, included - (included_before or set()))
    yield row("included", "no_longer_included", None, (included_before or set()) - included)
    yield row("included", "studies", included_before, included)
    for outcome in after.analyses:
        old = None if before is None else _effects(before, outcome)
        yield row("included", "effects_analysed", old, _effects(after, outcome), outcome)


def _by_status(state: State) -> dict[str, set[str]]:
    studies: dict[str, set[str]] = {}
    for record in state.records:
        studies.setdefault(str(record["status"]), set()).add(str(record["study_id"]))
    return studies


def _effects(state: State, outcome: str) -> set[str]:
    if outcome not in state.analyses:
        return set()
    terms = state.analyses[outcome].terms
    return {str(term["effect_id"]) for term in terms if "effect_id" in term}


def _distinct(column: pd.Series) -> list[str]:
    return list(dict.fromkeys(map(str, column)))
