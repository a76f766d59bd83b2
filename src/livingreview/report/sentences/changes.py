"""What changed since the last release, in sentences chosen by rule and filled from tables.

The same sentences stand on the page and in the drafted entry of the changelog.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from livingreview.protocol.models import OVERALL
from livingreview.protocol.review import Protocol
from livingreview.report.claims import Claim, Claims, Sentence, sentence

CHANGES = "9_audit/changes.csv"
MOVES = "9_audit/moves.csv"
ATTRIBUTION = "9_audit/attribution.csv"
FLOW = "9_audit/flow_prisma.csv"
# More changed fields of one subject than these are counted, not listed.
MOST_LISTED = 6

_OF_METHOD = {
    "priors": "The change of the priors",
    "baseline": "The change of what is assumed without treatment",
    "evidence_used": "The change of which evidence is used",
    "conversion": "Evidence converted by other software",
}
_OF_STUDY = {
    "study_removed": "Removing {study}",
    "study_changed": "The change of {study}",
    "study_added": "Adding {study}",
}


@dataclass(frozen=True)
class WhatChanged:
    """Sentences by what they are about; all lists but the first may be empty.

    Attributes
    ----------
    version : list of Sentence
        Which release this is compared with.
    studies, methods : list of Sentence
    results : dict of list of Sentence
        By the label of an outcome: its verdict, its estimate, and what explains the move.
    other_verdicts : list of Sentence
        Verdicts of other models that changed.
    """

    version: list[Sentence]
    studies: list[Sentence] = field(default_factory=list)
    methods: list[Sentence] = field(default_factory=list)
    results: dict[str, list[Sentence]] = field(default_factory=dict)
    other_verdicts: list[Sentence] = field(default_factory=list)


def what_changed(
    claims: Claims, tables: dict[str, pd.DataFrame], protocol: Protocol
) -> WhatChanged:
    """Say what changed since the last release, or that there is none.

    Parameters
    ----------
    claims : Claims
        Made over `tables`.
    tables : dict of DataFrame
        At least `CHANGES`, `MOVES`, `ATTRIBUTION` and `FLOW`.
    protocol : Protocol
        As it is now.
    """
    flow, changes = tables[FLOW], tables[CHANGES]
    if not (flow["item"] == "compared_with").any():
        template = "No release has been frozen yet, so there is nothing to compare this with."
        return WhatChanged([sentence("changes-version", "no release yet", template)])
    date = claims.cell(FLOW, "words", "words", item="compared_with")
    template = "This version is compared with the release of {date}."
    version = [sentence("changes-version", "a release to compare with", template, date=date)]
    if changes.empty:
        template = "Nothing has changed since in records, methods and packages."
        version.append(sentence("changes-none", "no change", template))
        if not _moved(tables[MOVES]):
            return WhatChanged(version)
    return WhatChanged(
        version=version,
        studies=_studies(claims, changes, protocol),
        methods=_methods(claims, changes),
        results={
            outcome.label: _results(claims, tables, name)
            for name, outcome in protocol.outcomes.items()
        },
        other_verdicts=_other_verdicts(claims, tables[MOVES], protocol),
    )


def _moved(moves: pd.DataFrame) -> bool:
    """Whether any result is another one."""
    still = (moves["mu_move"] == 0) & (moves["tau_move"] == 0) & ~moves["verdict_changed"]
    return not still.all()


def _studies(claims: Claims, changes: pd.DataFrame, protocol: Protocol) -> list[Sentence]:
    """One sentence for each study added or removed, and those of each changed one."""
    said = []
    for kind, verb, enters, not_at_all in (
        ("study_added", "added", "It enters", "It enters no pooled effect."),
        ("study_removed", "removed", "It had entered", "It had entered no pooled effect."),
    ):
        for row in changes[changes["kind"] == kind].itertuples():
            tail = not_at_all
            if not pd.isna(row.reaches):
                names = [protocol.outcomes[o].phrase for o in str(row.reaches).split()]
                tail = f"{enters} the pooled effect on {' and on '.join(names)}."
            label = claims.cell(CHANGES, "label", "words", kind=kind, subject=str(row.subject))
            said.append(
                sentence(
                    f"changes-{row.subject}", kind, f"Study {verb}: {{label}}. {tail}", label=label
                )
            )
    of_study = changes[changes["kind"].isin(["study_changed", "route_changed"])]
    for study, rows in of_study.groupby("subject", sort=True):
        said += _fields(claims, rows, "Study changed", f"changes-{study}")
    return said


def _methods(claims: Claims, changes: pd.DataFrame) -> list[Sentence]:
    """Changes of the protocol by section, of the run, and of software."""
    said = []
    for kind, words in (("method_changed", "Method changed"), ("run_changed", "Run changed")):
        for section, rows in changes[changes["kind"] == kind].groupby("subject", sort=False):
            said += _fields(claims, rows, words, f"changes-{kind}-{section}")
    if (changes["kind"] == "software_changed").any():
        count = claims.number_of_rows(CHANGES, kind="software_changed")
        template = "Versions of software that changed: {count}."
        said.append(sentence("changes-software", "other software", template, count=count))
    return said


def _fields(claims: Claims, rows: pd.DataFrame, words: str, name: str) -> list[Sentence]:
    """Fields of one subject: each in substance, those in words alone as one."""
    said = []
    substance = rows[~rows["only_words"]]
    first = rows.iloc[0]
    where = {name: str(first[name]) for name in ("kind", "subject", "path")}
    label = claims.cell(CHANGES, "label", "words", **where)
    if len(substance) > MOST_LISTED:
        template = f"{words}: {{label}}, in more fields than fit here (changes.csv lists them)."
        said.append(sentence(name, f"more than {MOST_LISTED} fields", template, label=label))
        substance = substance.iloc[:0]
    for i, row in enumerate(substance.to_dict("records")):
        template, values = _field(claims, row)
        if row["kind"] in ("study_changed", "route_changed"):
            template, values = f"{{label}}, {template}", values | {"label": label}
        said.append(sentence(f"{name}-{i}", row["kind"], f"{words}: {template}.", **values))
    if rows["only_words"].any():
        template = (
            f"{words} in words or sources alone, which no number uses: {{label}}"
            " (changes.csv has the texts)."
        )
        said.append(sentence(f"{name}-words", "words alone", template, label=label))
    return said


def _field(claims: Claims, row: dict[Hashable, Any]) -> tuple[str, dict[str, str | Claim]]:
    """Template and values of one field that differs."""
    where = {name: str(row[name]) for name in ("kind", "subject", "path")}
    names = ["path", *(name for name in ("before", "after") if not pd.isna(row[name]))]
    values: dict[str, str | Claim] = {
        name: claims.cell(CHANGES, name, "words", **where) for name in names
    }
    if "before" not in values:
        return "new is {path}: {after}", values
    if "after" not in values:
        return "gone is {path}: {before}", values
    verb = " is analysed otherwise," if row["kind"] == "route_changed" else ""
    return f"{{path}}{verb} from {{before}} to {{after}}", values


def _results(claims: Claims, tables: dict[str, pd.DataFrame], outcome: str) -> list[Sentence]:
    """Verdict and estimate of one outcome, before and after, and what explains the move."""
    moves = tables[MOVES]
    row = moves[moves["fit"] == f"{outcome}/{OVERALL}"]
    if row.empty:
        template = "Nothing could be said then, and nothing can now."
        return [sentence(f"moved-{outcome}", "no estimate in either", template)]
    move = row.iloc[0]
    where = {"fit": str(move["fit"]), "setting": str(move["setting"])}
    words = {
        side: claims.cell(MOVES, f"verdict_words_{side}", "words", **where)
        for side in ("before", "after")
        if not pd.isna(move[f"verdict_words_{side}"])
    }
    if move["status"] == "new":
        template = "There was no estimate; the verdict now: {after}."
        return [sentence(f"moved-{outcome}", "a new estimate", template, **words)]
    if move["status"] == "gone":
        template = "There is no estimate any more; the verdict was: {before}."
        return [sentence(f"moved-{outcome}", "an estimate gone", template, **words)]
    if move["verdict_changed"]:
        rule, template = "another verdict", "The verdict was: {before}. It is now: {after}."
    else:
        rule, template = "the same verdict", "The verdict is as it was: {after}."
    said = [sentence(f"moved-{outcome}-verdict", rule, template, **words)]
    said += _estimate(claims, outcome, where)
    if not pd.isna(move["not_explained"]):
        template = "What explains the move could not be worked out: {reason}."
        reason = claims.cell(MOVES, "not_explained", "words", **where)
        said.append(sentence(f"moved-{outcome}-why", "not explained", template, reason=reason))
        return said
    return said + _explained(claims, tables, outcome)


def _estimate(claims: Claims, outcome: str, where: dict[str, str]) -> list[Sentence]:
    """Pooled odds ratio and spread, before and after."""
    parts = {
        f"{part}_{side}": claims.cell(MOVES, f"odds_ratio{part}_{side}", "ratio", **where)
        for side in ("before", "after")
        for part in ("", "_low", "_high")
    }
    told = {name.lstrip("_"): claim for name, claim in parts.items()}
    spread = {
        side: claims.cell(MOVES, f"tau_{side}", "two_decimals", **where)
        for side in ("before", "after")
    }
    same = all(told[f"{p}before"].text == told[f"{p}after"].text for p in ("", "low_", "high_"))
    if same:
        rule = "the same when rounded"
        template = "The pooled odds ratio is as it was: {after} ({low_after} to {high_after})."
    else:
        rule = "another when rounded"
        template = (
            "The pooled odds ratio moved from {before} ({low_before} to {high_before})"
            " to {after} ({low_after} to {high_after})."
        )
    said = [sentence(f"moved-{outcome}-estimate", rule, template, **told)]
    if spread["before"].text == spread["after"].text:
        rule, template = "the same when rounded", "The spread between studies stays at {after}."
    else:
        rule = "another when rounded"
        template = "The spread between studies moved from {before} to {after}."
    return [*said, sentence(f"moved-{outcome}-spread", rule, template, **spread)]


def _explained(claims: Claims, tables: dict[str, pd.DataFrame], outcome: str) -> list[Sentence]:
    """How far each change explains the move, one after the other and alone."""
    rows = tables[ATTRIBUTION]
    rows = rows[rows["outcome"] == outcome]
    said = []
    reaching = rows[rows["kind"].isin([*_OF_METHOD, *_OF_STUDY])]
    for row in reaching.itertuples():
        where = {"outcome": outcome, "kind": str(row.kind), "subject": str(row.subject)}
        values: dict[str, Claim | str] = {}
        who = _OF_METHOD.get(str(row.kind)) or _OF_STUDY[str(row.kind)]
        if row.kind in _OF_STUDY:
            values["study"] = _label(claims, tables[CHANGES], str(row.subject))
        if len(reaching) > 1:
            values["alone"] = claims.cell(ATTRIBUTION, "mu_alone", "factor", **where)
        said.append(
            sentence(
                f"moved-{outcome}-{row.kind}-{row.subject}",
                "a change that reaches this outcome",
                f"{who} multiplied the pooled odds ratio by {{factor}}"
                f"{' ({alone} as the only change)' if len(reaching) > 1 else ''}"
                " and changed the spread by {spread}.",
                factor=claims.cell(ATTRIBUTION, "mu_in_order", "factor", **where),
                spread=claims.cell(ATTRIBUTION, "tau_in_order", "signed", **where),
                **values,
            )
        )
    if not said:
        template = "No listed change reaches this estimate."
        said.append(sentence(f"moved-{outcome}-untouched", "no change reaches it", template))
    rest = rows[rows["kind"] == "sampling"].iloc[0]
    if rest["mu_in_order"] == rest["tau_in_order"] == 0:
        return said
    where = {"outcome": outcome, "kind": "sampling"}
    return [
        *said,
        sentence(
            f"moved-{outcome}-rest",
            "published figures moved otherwise than the integrated path",
            "What is left, a factor of {factor}, belongs to no listed change: the published figures"
            " are sampled, these shares are integrated.",
            factor=claims.cell(ATTRIBUTION, "mu_in_order", "factor", **where),
        ),
    ]


def _label(claims: Claims, changes: pd.DataFrame, study: str) -> Claim:
    """Name of a study that a change is about."""
    first = changes[changes["subject"] == study].iloc[0]
    where = {"kind": str(first["kind"]), "subject": study, "path": str(first["path"])}
    return claims.cell(CHANGES, "label", "words", **where)


def _other_verdicts(claims: Claims, moves: pd.DataFrame, protocol: Protocol) -> list[Sentence]:
    """Verdicts of other models that changed."""
    said = []
    changed = moves[moves["verdict_changed"] & (moves["model"] != OVERALL)]
    for row in changed[changed["status"] == "both"].itertuples():
        where = {"fit": str(row.fit), "setting": str(row.setting)}
        said.append(
            sentence(
                f"moved-{row.fit}-{row.setting}",
                "another verdict of another model",
                "{outcome}, {model}, {setting}: the verdict was: {before}. It is now: {after}.",
                outcome=protocol.outcomes[str(row.outcome)].label,
                model=protocol.models[str(row.model)].label.lower(),
                setting=str(row.setting).replace("_", " ").replace("=", ": "),
                before=claims.cell(MOVES, "verdict_words_before", "words", **where),
                after=claims.cell(MOVES, "verdict_words_after", "words", **where),
            )
        )
    return said
