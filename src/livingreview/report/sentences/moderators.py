"""Sentences on moderators: what each model says, and the verdict that it earns."""

from __future__ import annotations

from typing import Any

import pandas as pd

from livingreview.protocol.moderators import NOT_KNOWN, Moderator
from livingreview.protocol.outcomes import Outcome
from livingreview.protocol.review import Protocol
from livingreview.report.claims import Claim, Claims, Sentence, sentence
from livingreview.report.selection import Condition
from livingreview.report.sentences.models import refused
from livingreview.report.sentences.results import MODERATORS, SUMMARY, is_fitted


def level_label(moderator: Moderator, level: str) -> str:
    """Words for a level, the one for unknown values included."""
    if level == NOT_KNOWN:
        return "Not known"
    return (moderator.levels or {})[level]


def setting_label(setting: str, protocol: Protocol) -> str:
    """Words for a setting such as ``design=experimental``."""
    if "=" not in setting:
        return "All studies"
    name, level = setting.split("=", 1)
    moderator = protocol.moderators[name]
    if moderator.levels is not None:
        return level_label(moderator, level)
    return f"{moderator.label} {float(level):.3g} {moderator.unit or ''}".strip()


def overview(claims: Claims, moderators: pd.DataFrame, protocol: Protocol) -> list[Sentence]:
    """How many differences were looked at, and how the verdicts fall."""
    alone = [name for name, model in protocol.models.items() if len(model.moderators) == 1]
    rows = moderators[moderators["model"].isin(alone)]
    if rows.empty:
        return []
    of_one = Condition.any_of(*alone)
    counts = {
        verdict: claims.number_of_rows(MODERATORS, model=of_one, verdict=verdict)
        for verdict in type(protocol.decisions.moderators.words).model_fields
    }
    words = protocol.decisions.moderators.words
    listed = "; ".join(f"{getattr(words, name)}: {{{name}}}" for name in counts)
    return [
        sentence(
            "moderators-overview",
            "several differences" if len(rows) > 1 else "one difference",
            "Differences between studies that were looked at, one at a time: {every}. "
            + listed[0].upper()
            + listed[1:]
            + "."
            + (" With several looks, some lean one way by chance alone." if len(rows) > 1 else ""),
            every=claims.number_of_rows(MODERATORS, model=of_one),
            **counts,
        )
    ]


def moderator_sentences(
    claims: Claims, tables: dict[str, pd.DataFrame], protocol: Protocol
) -> dict[str, list[Sentence]]:
    """What each model with moderators says about each outcome, or why it says nothing.

    Returns
    -------
    dict
        Sentences by the label of the model.
    """
    summary, moderators = tables[SUMMARY], tables[MODERATORS]
    studies = tables["1_records/studies.csv"].set_index("study_id")["label"].to_dict()
    sentences: dict[str, list[Sentence]] = {}
    for model_name, model in protocol.models.items():
        if not model.moderators:
            continue
        said = sentences.setdefault(model.label, [])
        for outcome_name, outcome in protocol.outcomes.items():
            if not is_fitted(summary, outcome_name, model_name):
                said.append(refused(claims, outcome_name, outcome, model_name))
                continue
            of_fit = moderators["model"].eq(model_name) & moderators["outcome"].eq(outcome_name)
            rows = moderators[of_fit].to_dict("records")
            if len(model.moderators) > 1:
                said.append(_all_coefficients(claims, rows, outcome, summary, protocol))
                continue
            said += _levels(claims, summary, f"{outcome_name}/{model_name}", outcome, protocol)
            for row in rows:
                said += _coefficient(claims, row, outcome, summary, protocol, studies)
            said += _aliased(claims, rows[0], protocol)
    return sentences


def moderator_rows(
    claims: Claims, tables: dict[str, pd.DataFrame], protocol: Protocol
) -> list[dict[str, Any]]:
    """Rows of the table of moderators: one per coefficient."""
    rows = []
    for row in tables[MODERATORS].to_dict("records"):
        where = _where(row)
        cells: dict[str, Claim | str] = {
            "outcome": protocol.outcomes[row["outcome"]].label,
            "model": protocol.models[row["model"]].label,
            "contrast": contrast(row, tables[SUMMARY], protocol),
            "words": claims.cell(MODERATORS, "verdict_words", "words", **where),
            "reason": claims.cell(MODERATORS, "reason", "words", **where),
            "p_direction": claims.cell(MODERATORS, "p_direction", "percent", **where),
            "contraction": claims.cell(MODERATORS, "contraction", "two_decimals", **where),
            "aliased_with": "none",
        }
        for column in ("ratio", "ratio_low", "ratio_high"):
            cells[column] = claims.cell(MODERATORS, column, "ratio", **where)
        for column in ("studies_level", "studies_reference"):
            cells[column] = claims.cell(MODERATORS, column, "whole", **where)
        if not pd.isna(row["aliased_with"]):
            labels = {name: m.label.lower() for name, m in protocol.moderators.items()}
            cells["aliased_with"] = claims.label(MODERATORS, "aliased_with", labels, **where)
        rows.append(cells)
    return rows


def contrast(row: dict[str, Any], summary: pd.DataFrame, protocol: Protocol) -> str:
    """Words for a coefficient: a level against the reference, or a step of a number."""
    moderator = protocol.moderators[row["moderator"]]
    name, _, level = row["coefficient"].partition("=")
    if not level:
        unit = moderator.unit or "units"
        return f"per {moderator.per:g} {unit} of {moderator.label.lower()}"
    settings = summary.loc[summary["fit"] == f"{row['outcome']}/{row['model']}", "setting"]
    reference = next(s for s in settings if s.startswith(f"{name}=")).split("=", 1)[1]
    return f"{level_label(moderator, level)} against {level_label(moderator, reference)}".lower()


def _where(row: dict[str, Any]) -> dict[str, str]:
    return {key: str(row[key]) for key in ("outcome", "model", "coefficient")}


def _all_coefficients(
    claims: Claims,
    rows: list[dict[str, Any]],
    outcome: Outcome,
    summary: pd.DataFrame,
    protocol: Protocol,
) -> Sentence:
    """Every coefficient of a model with several moderators, in one sentence."""
    parts: list[str] = []
    cells: dict[str, str | Claim] = {}
    for i, row in enumerate(rows):
        words = contrast(row, summary, protocol)
        parts.append(f"{words} {{ratio_{i}}} ({{low_{i}}} to {{high_{i}}}; {{words_{i}}})")
        for key, column in (("ratio", "ratio"), ("low", "ratio_low"), ("high", "ratio_high")):
            cells[f"{key}_{i}"] = claims.cell(MODERATORS, column, "ratio", **_where(row))
        verdict = claims.cell(MODERATORS, "verdict_words", "words", **_where(row))
        cells[f"words_{i}"] = verdict
    fit = f"{rows[0]['outcome']}/{rows[0]['model']}"
    template = f"{outcome.label}, ratios of odds ratios, each given the others: "
    return sentence(f"{fit}-all", "several moderators", template + "; ".join(parts) + ".", **cells)


def _levels(
    claims: Claims, summary: pd.DataFrame, fit: str, outcome: Outcome, protocol: Protocol
) -> list[Sentence]:
    """Odds ratio level by level; nothing for a number, which has no levels."""
    settings = list(summary.loc[summary["fit"] == fit, "setting"])
    name = settings[0].split("=", 1)[0]
    moderator = protocol.moderators[name]
    if moderator.levels is None:
        return []
    parts, values = [], {}
    for i, setting in enumerate(settings):
        level = level_label(moderator, setting.split("=", 1)[1])
        parts.append(
            f"{level.lower()} {{odds_{i}}} ({{low_{i}}} to {{high_{i}}}; studies: {{n_{i}}})"
        )
        where = {"fit": fit, "setting": setting}
        for key, column in (("odds", ""), ("low", "_low"), ("high", "_high")):
            values[f"{key}_{i}"] = claims.cell(SUMMARY, f"odds_ratio{column}", "ratio", **where)
        values[f"n_{i}"] = claims.cell(SUMMARY, "studies", "whole", **where)
    lead = f"{outcome.label}, odds ratio by {moderator.label.lower()}: "
    template = lead + "; ".join(parts) + "."
    return [sentence(f"{fit}-levels", "a categorical moderator", template, **values)]


def _coefficient(
    claims: Claims,
    row: dict[str, Any],
    outcome: Outcome,
    summary: pd.DataFrame,
    protocol: Protocol,
    studies: dict[str, str],
) -> list[Sentence]:
    """Ratio of odds ratios of one contrast, its verdict, and what weakens it."""
    where = _where(row)
    id = f"{row['outcome']}/{row['model']}-{row['coefficient']}"
    side = "above" if row["ratio"] > 1 else "below"

    def cell(column: str, style: str) -> Claim:
        return claims.cell(MODERATORS, column, style, **where)

    said = [
        sentence(
            id,
            f"median {side} 1",
            f"{outcome.label}: the ratio of odds ratios, {contrast(row, summary, protocol)}, is "
            + "{middle} (95% interval {low} to {high}); the probability that it is "
            + side
            + " 1 is {probability}. Verdict: {words} ({reason}).",
            middle=cell("ratio", "ratio"),
            low=cell("ratio_low", "ratio"),
            high=cell("ratio_high", "ratio"),
            probability=cell("p_direction", "percent"),
            words=cell("verdict_words", "words"),
            reason=cell("reason", "words"),
        )
    ]
    if not pd.isna(row["sign_changes"]):
        said.append(
            sentence(
                f"{id}-sign",
                "another sign with one study left out",
                "It points the other way when one of these is left out: {studies}.",
                studies=claims.label(MODERATORS, "sign_changes", studies, **where),
            )
        )
    return said


def _aliased(claims: Claims, row: dict[str, Any], protocol: Protocol) -> list[Sentence]:
    """Other moderators that these studies cannot tell from that of a coefficient."""
    if pd.isna(row["aliased_with"]):
        return []
    labels = {name: m.label.lower() for name, m in protocol.moderators.items()}
    return [
        sentence(
            f"{row['outcome']}/{row['model']}-aliased",
            "aliased with another moderator",
            f"Among these studies {labels[row['moderator']]} goes together with "
            "{others}, so a difference could come from either.",
            others=claims.label(MODERATORS, "aliased_with", labels, **_where(row)),
        )
    ]
