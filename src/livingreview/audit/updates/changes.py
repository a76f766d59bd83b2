"""The table of everything that differs from the last release, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from livingreview.audit.updates.attribution import Change, changes_that_reach
from livingreview.audit.updates.comparison import Comparison
from livingreview.audit.updates.differences import Difference, differences, only_words
from livingreview.audit.updates.states import State
from livingreview.protocol.models import OVERALL
from livingreview.protocol.review import Protocol
from livingreview.records.study import Study
from livingreview.tables.updates import STUDY_CHANGES, Changes

WHOLE = "study"


def changes(comparison: Comparison) -> pd.DataFrame:
    """List what differs (columns of `livingreview.tables.updates.Changes`)."""
    reach = {
        outcome: changes_that_reach(comparison, outcome) for outcome in comparison.after.analyses
    }
    rows = [
        *_studies(comparison, reach),
        *_routes(comparison),
        *_methods(comparison, reach),
        *_plain(comparison, "run_changed", comparison.before.run, comparison.after.run),
        *_plain(
            comparison, "software_changed", comparison.before.software, comparison.after.software
        ),
    ]
    return Changes.frame(rows)


def _row(
    kind: str, subject: str, label: str, difference: Difference, words: bool, outcomes: list[str]
) -> dict[str, Any]:
    return {
        "kind": kind,
        "subject": subject,
        "label": label,
        "path": difference.field,
        "before": difference.before,
        "after": difference.after,
        "only_words": words,
        "reaches": " ".join(outcomes) or None,
    }


def _studies(comparison: Comparison, reach: dict[str, list[Change]]) -> Iterator[dict[str, Any]]:
    """Records added and removed as one row each, changed ones with a row for each field."""

    def outcomes_reached_by(kind: str, study: str) -> list[str]:
        return [outcome for outcome, changes in reach.items() if Change(kind, study) in changes]

    removed, changed, added = STUDY_CHANGES
    for study in comparison.removed:
        label = comparison.label(study)
        whole = Difference((WHOLE,), label, None)
        yield _row(removed, study, label, whole, False, outcomes_reached_by(removed, study))
    for study, fields in comparison.changed.items():
        for field in fields:
            words = only_words(field, Study)
            outcomes = [] if words else outcomes_reached_by(changed, study)
            yield _row(changed, study, comparison.label(study), field, words, outcomes)
    for study in comparison.added:
        label = comparison.label(study)
        whole = Difference((WHOLE,), None, label)
        yield _row(added, study, label, whole, False, outcomes_reached_by(added, study))


def _routes(comparison: Comparison) -> Iterator[dict[str, Any]]:
    """Effects of studies on record in both that are analysed otherwise, or only in one."""
    for outcome in comparison.after.analyses:
        old, new = (_analysed_by(s, outcome) for s in (comparison.before, comparison.after))
        for effect in sorted({*old, *new}):
            study = effect.split("/")[0]
            if old.get(effect) == new.get(effect) or study in {
                *comparison.added,
                *comparison.removed,
            }:
                continue
            field = Difference((effect,), old.get(effect), new.get(effect))
            label = comparison.label(study)
            yield _row("route_changed", study, label, field, False, [outcome])


def _analysed_by(state: State, outcome: str) -> dict[str, str]:
    """Route by which each effect on an outcome is analysed."""
    if outcome not in state.analyses:
        return {}
    return {
        str(term["effect_id"]): f"{term['kind']} {term['alternative']}"
        for term in state.analyses[outcome].terms
        if "effect_id" in term
    }


def _methods(comparison: Comparison, reach: dict[str, list[Change]]) -> Iterator[dict[str, Any]]:
    """Fields of the protocol that differ, by its sections."""
    planned = {
        str(state.protocol["models"][OVERALL]["priors"])  # type: ignore[call-overload, index]
        for state in (comparison.before, comparison.after)
    }
    for field in comparison.methods:
        words = only_words(field, Protocol)
        outcomes = [
            outcome
            for outcome, changes in reach.items()
            if not words and any(_holds(field.path, c.kind, outcome, planned) for c in changes)
        ]
        section = field.path[0]
        yield _row("method_changed", section, section.replace("_", " "), field, words, outcomes)


def _holds(path: tuple[str, ...], kind: str, outcome: str, planned: set[str]) -> bool:
    """Whether a change of the overall fit may come from this field of the protocol."""
    match kind:
        case "priors":
            in_set = path[0] == "prior_sets" and path[1] in planned and path[2] != "beta"
            return in_set or path == ("models", OVERALL, "priors")
        case "baseline":
            of_shares = path[:3] == ("outcomes", outcome, "baseline")
            of_sizes = path[:3] == ("outcomes", outcome, "sizes")
            return of_sizes or (of_shares and path[3] in ("findings", "counts", "shares"))
        case "evidence_used":
            return path == ("models", OVERALL, "only_numeric")
        case _:
            return False


def _plain(comparison: Comparison, kind: str, before: Any, after: Any) -> Iterator[dict[str, Any]]:
    """Settings of the run, or versions of packages."""
    for field in differences(before, after):
        yield _row(kind, field.path[0], field.path[0].replace("_", " "), field, False, [])
