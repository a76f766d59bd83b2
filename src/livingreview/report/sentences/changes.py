"""What changed since the last release, in sentences chosen by rule and filled from tables.

The same sentences stand on the page and in the drafted entry of the changelog.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from livingreview.base.labels import in_sentence
from livingreview.protocol.models import OVERALL
from livingreview.protocol.review import Protocol
from livingreview.report.claims import Claim, ClaimRow, Claims, Sentence
from livingreview.report.row_selection import Condition
from livingreview.tables.updates import Attribution, Changes, Moves, PrismaFlow

# Most changed fields of one subject that are listed; more are only counted.
MOST_LISTED = 6
CHANGE = ("kind", "subject", "path")
FIT = ("fit", "setting")

_METHODS = {
    "priors": "The change of the priors",
    "baseline": "The change of what is assumed without treatment",
    "evidence_used": "The change of which evidence is used",
    "conversion": "Evidence converted by other software",
}
_STUDIES = {
    "study_removed": "Removing {study}",
    "study_changed": "The change of {study}",
    "study_added": "Adding {study}",
}


@dataclass(frozen=True)
class WhatChanged:
    """Sentences by what they are about; all lists but the first may be empty.

    Attributes
    ----------
    version
        Which release this is compared with.
    studies, methods
        Changes of records; changes of the protocol, the run and software.
    results
        By the label of an outcome: its verdict, its estimate, and what explains the move.
    other_verdicts
        Verdicts of other models that changed.
    """

    version: list[Sentence]
    studies: list[Sentence] = field(default_factory=list)
    methods: list[Sentence] = field(default_factory=list)
    results: dict[str, list[Sentence]] = field(default_factory=dict)
    other_verdicts: list[Sentence] = field(default_factory=list)


def what_changed(claims: Claims, protocol: Protocol) -> WhatChanged:
    """What changed since the last release, or that there is none; by the protocol as it is now."""

    def sentences(texts: list[str]) -> list[Sentence]:
        return [claims.sentence(text) for text in texts]

    release = claims.rows(PrismaFlow.file, ["item"], item="compared_with")
    if not release:
        text = "No release has been frozen yet, so there is nothing to compare this with."
        return WhatChanged(sentences([text]))
    version = [f"This version is compared with the release of {release[0].words}."]
    if claims.tables[Changes.file].empty:
        version.append("Nothing has changed since in records, methods and packages.")
        if not _any_result_moved(claims.tables[Moves.file]):
            return WhatChanged(sentences(version))
    return WhatChanged(
        version=sentences(version),
        studies=sentences(_studies(claims, protocol)),
        methods=sentences(_methods(claims)),
        results={
            outcome.label: sentences(_result(claims, name))
            for name, outcome in protocol.outcomes.items()
        },
        other_verdicts=sentences(_other_verdicts(claims, protocol)),
    )


def _any_result_moved(moves: pd.DataFrame) -> bool:
    """Whether any result is another one."""
    still = (moves["mu_move"] == 0) & (moves["tau_move"] == 0) & ~moves["verdict_changed"]
    return not still.all()


def _studies(claims: Claims, protocol: Protocol) -> list[str]:
    """One sentence for each study added or removed, and those of each changed one."""
    texts = []
    for kind, verb, enters in (
        ("study_added", "added", "enters"),
        ("study_removed", "removed", "had entered"),
    ):
        for row in claims.rows(Changes.file, ("kind", "subject"), kind=kind):
            effects = "no pooled effect"
            if row.has("reaches"):
                phrases = [protocol.outcomes[name].phrase for name in row["reaches"].split()]
                effects = f"the pooled effect on {' and on '.join(phrases)}"
            texts.append(f"Study {verb}: {row.label}. It {enters} {effects}.")
    changes = claims.tables[Changes.file]
    changed = changes[changes["kind"].isin(["study_changed", "route_changed"])]
    for _, rows in changed.groupby("subject", sort=True):
        texts += _fields(_rows(claims, rows), "Study changed")
    return texts


def _methods(claims: Claims) -> list[str]:
    """Changes of the protocol by section, of the run, and of software."""
    changes, texts = claims.tables[Changes.file], []
    for kind, lead in (("method_changed", "Method changed"), ("run_changed", "Run changed")):
        for _, rows in changes[changes["kind"] == kind].groupby("subject", sort=False):
            texts += _fields(_rows(claims, rows), lead)
    if claims.has_rows(Changes.file, kind="software_changed"):
        count = claims.count(Changes.file, kind="software_changed")
        texts.append(f"Versions of software that changed: {count}.")
    return texts


def _rows(claims: Claims, changes: pd.DataFrame) -> list[ClaimRow]:
    """Rows of `changes.csv`, with their claims."""
    return [claims.row(Changes.file, **key) for key in changes[[*CHANGE]].to_dict("records")]


def _fields(rows: list[ClaimRow], lead: str) -> list[str]:
    """Fields of one subject: each in substance, those in words alone as one."""
    label = rows[0].label
    substance = [row for row in rows if not row["only_words"]]
    if len(substance) <= MOST_LISTED:
        texts = [f"{lead}: {_field(row, f'{label}, ')}." for row in substance]
    else:
        texts = [f"{lead}: {label}, in more fields than fit here (changes.csv lists them)."]
    if len(substance) < len(rows):
        texts.append(
            f"{lead} in words or sources alone, which no number uses: {label}"
            " (changes.csv has the texts)."
        )
    return texts


def _field(row: ClaimRow, study: str) -> str:
    """One field that differs, below the name of the study if it is of one."""
    subject = study if row["kind"] in ("study_changed", "route_changed") else ""
    if not row.has("before"):
        return f"{subject}new is {row.path}: {row.after}"
    if not row.has("after"):
        return f"{subject}gone is {row.path}: {row.before}"
    verb = " is analysed otherwise," if row["kind"] == "route_changed" else ""
    return f"{subject}{row.path}{verb} from {row.before} to {row.after}"


def _result(claims: Claims, outcome: str) -> list[str]:
    """Verdict and estimate of one outcome, before and after, and what explains the move."""
    rows = claims.rows(Moves.file, FIT, fit=f"{outcome}/{OVERALL}")
    if not rows:
        return ["Nothing could be said then, and nothing can now."]
    move = rows[0]
    if move["status"] == "new":
        return [f"There was no estimate; the verdict now: {move.verdict_words_after}."]
    if move["status"] == "gone":
        return [f"There is no estimate any more; the verdict was: {move.verdict_words_before}."]
    verdict = (
        f"The verdict was: {move.verdict_words_before}. It is now: {move.verdict_words_after}."
        if move["verdict_changed"]
        else f"The verdict is as it was: {move.verdict_words_after}."
    )
    texts = [verdict, *_estimate(move, claims.measure.phrase)]
    if not move.has("effect_after"):
        return texts
    if move.has("not_explained"):
        return [*texts, f"What explains the move could not be worked out: {move.not_explained}."]
    return texts + _explained(claims, outcome)


def _estimate(move: ClaimRow, phrase: str) -> list[str]:
    """Pooled effect and spread, before and after."""

    def interval(side: str) -> list[Claim]:
        columns = ("effect", "effect_low", "effect_high")
        return [move.claim(f"{column}_{side}") for column in columns]

    def words(claims: list[Claim]) -> str:
        middle, low, high = claims
        return f"{middle} ({low} to {high})"

    sized = [side for side in ("before", "after") if move.has(f"effect_{side}")]
    if sized != ["before", "after"]:
        return [_size_gained_or_lost(move, phrase, sized), _probability(move)]
    before, after = interval("before"), interval("after")
    if [claim.text for claim in before] == [claim.text for claim in after]:
        estimate = f"is as it was: {words(after)}"
    else:
        estimate = f"moved from {words(before)} to {words(after)}"
    if move.tau_before.text == move.tau_after.text:
        spread = f"stays at {move.tau_after}"
    else:
        spread = f"moved from {move.tau_before} to {move.tau_after}"
    return [f"The pooled {phrase} {estimate}.", f"The spread between studies {spread}."]


def _size_gained_or_lost(move: ClaimRow, phrase: str, sized: list[str]) -> str:
    """That a size is no longer stated, or is now, or was not and is not."""
    if not sized:
        return "How large the effect is was not known, and is not."
    middle, low, high = (
        move.claim(f"{column}_{sized[0]}") for column in ("effect", "effect_low", "effect_high")
    )
    if sized == ["before"]:
        return (
            f"The pooled {phrase} was given as {middle} ({low} to {high}). It is given no more, as"
            " these studies do not tell how large the effect is."
        )
    return (
        f"How large the effect is was not known; the pooled {phrase} is {middle} ({low} to {high})."
    )


def _probability(move: ClaimRow) -> str:
    """Probability of more, before and after."""
    if move.p_more_before.text == move.p_more_after.text:
        return f"The probability of more stays at {move.p_more_after}."
    return f"The probability of more moved from {move.p_more_before} to {move.p_more_after}."


def _explained(claims: Claims, outcome: str) -> list[str]:
    """How far each change explains the move, one after the other and alone."""
    kinds = Condition.any_of(*_METHODS, *_STUDIES)
    keys = ("outcome", "kind", "subject")
    rows = claims.rows(Attribution.file, keys, outcome=outcome, kind=kinds)
    texts = []
    moved, what = (
        ("multiplied", "a factor") if claims.measure.is_ratio else ("moved", "a difference")
    )
    for row in rows:
        cause = _METHODS.get(row["kind"]) or _STUDIES[row["kind"]].format(
            study=_label(claims, row["subject"])
        )
        alone = f" ({row.mu_alone} as the only change)" if len(rows) > 1 else ""
        texts.append(
            f"{cause} {moved} the pooled {claims.measure.phrase} by {row.mu_in_order}{alone}"
            f" and changed the spread by {row.tau_in_order}."
        )
    if not texts:
        texts.append("No listed change reaches this estimate.")
    rest = claims.row(Attribution.file, outcome=outcome, kind="sampling")
    if not rest["mu_in_order"] == rest["tau_in_order"] == 0:
        texts.append(
            f"What is left, {what} of {rest.mu_in_order}, belongs to no listed change: the"
            " published figures are sampled, these shares are integrated."
        )
    return texts


def _label(claims: Claims, study: str) -> str:
    """Name of a study that a change is about, as a claim."""
    return f"{claims.rows(Changes.file, CHANGE, subject=study)[0].label}"


def _other_verdicts(claims: Claims, protocol: Protocol) -> list[str]:
    """Verdicts of other models that changed."""
    return [
        f"{protocol.outcomes[row['outcome']].label},"
        f" {in_sentence(protocol.models[row['model']].label)},"
        f" {row['setting'].replace('_', ' ').replace('=', ': ')}: the verdict was:"
        f" {row.verdict_words_before}. It is now: {row.verdict_words_after}."
        for row in claims.rows(Moves.file, FIT, verdict_changed=True, status="both")
        if row["model"] != OVERALL
    ]
