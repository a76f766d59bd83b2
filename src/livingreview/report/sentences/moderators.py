"""Sentences on moderators: what each model says, and the verdict on each difference."""

from __future__ import annotations

from typing import Any

import pandas as pd

from livingreview.base.labels import in_sentence
from livingreview.protocol.moderators import NOT_KNOWN, Moderator
from livingreview.protocol.review import Protocol
from livingreview.report.claims import ClaimRow, Claims, Sentence, Sentences
from livingreview.report.row_selection import Condition
from livingreview.report.sentences.effects import is_fitted, size_text
from livingreview.report.sentences.models import refusal
from livingreview.report.study_records import study_labels
from livingreview.tables.models import Models
from livingreview.tables.records import Effects
from livingreview.tables.sensitivity import DisputedModerators
from livingreview.tables.statuses import ANALYSED
from livingreview.tables.synthesis import Moderators, Summary

COEFFICIENT = ("outcome", "model", "coefficient")
# More studies left out are in a table, and not in a sentence.
MOST_NAMED = 12
DISPUTE = ["outcome", "model", "effect_id", "disputed"]


def level_label(moderator: Moderator, level: str) -> str:
    """Words for a level, the one for unknown values included."""
    return "Not known" if level == NOT_KNOWN else (moderator.levels or {})[level]


def level_in_text(moderator: Moderator, level: str) -> str:
    """Words for a level inside a sentence."""
    return in_sentence(level_label(moderator, level))


def setting_label(setting: str, protocol: Protocol) -> str:
    """Words for a setting such as ``design=experimental``."""
    if "=" not in setting:
        return "All studies"
    name, level = setting.split("=", 1)
    moderator = protocol.moderators[name]
    if moderator.levels is not None:
        return level_label(moderator, level)
    return f"{moderator.label} {moderator.amount(float(level), '.3g')}"


def overview(claims: Claims, protocol: Protocol) -> Sentences:
    """How many differences were looked at, and how the verdicts fall."""
    alone = [name for name, model in protocol.models.items() if len(model.moderators) == 1]
    several = claims.tables[Moderators.file]["model"].isin(alone).sum()
    if not several:
        return {}
    of_one = Condition.any_of(*alone)
    words = protocol.decisions.moderators.words
    verdicts = "; ".join(
        f"{getattr(words, name)}: {claims.count(Moderators.file, model=of_one, verdict=name)}"
        for name in type(words).model_fields
    )
    return claims.sentences(
        overview="Differences between studies that were looked at, one at a time:"
        f" {claims.count(Moderators.file, model=of_one)}. {verdicts[0].upper()}{verdicts[1:]}."
        + (" With several looks, some lean one way by chance alone." if several > 1 else "")
    )


def moderator_sentences(claims: Claims, protocol: Protocol) -> dict[str, list[Sentence]]:
    """By the label of each model with moderators, what it says about the outcomes or why not."""
    texts: dict[str, list[str]] = {}
    for model_name, model in protocol.models.items():
        if not model.moderators:
            continue
        of_model = texts.setdefault(model.label, [])
        for name, outcome in protocol.outcomes.items():
            if not is_fitted(claims, name, model_name):
                of_model.append(refusal(claims, outcome.label, name, model_name))
                continue
            rows = claims.rows(Moderators.file, COEFFICIENT, model=model_name, outcome=name)
            left_out = _left_out(claims, name, model_name, protocol)
            if len(model.moderators) > 1:
                of_model += [_all_coefficients(claims, rows, protocol), *left_out]
                continue
            of_model += _levels(claims, rows[0], protocol)
            for row in rows:
                of_model += _coefficient(claims, row, protocol)
            of_model += [*_aliased(rows[0], protocol), *left_out]
    return {label: [*map(claims.sentence, of_model)] for label, of_model in texts.items()}


def _left_out(claims: Claims, outcome: str, model: str, protocol: Protocol) -> list[str]:
    """Studies, or single effects, that a model goes without, as a moderator is not on record."""
    row = claims.row(Models.file.format(outcome=outcome), model=model)
    if not row.has("left_out"):
        return []
    names = protocol.models[model].moderators
    labels = [in_sentence(protocol.moderators[name].label) for name in names]
    missing = labels[0] if len(labels) == 1 else f"one of {', '.join(labels)}"
    missing += " is not on record"
    missing += ", or no number" if protocol.models[model].only_numeric else ""
    count = len(str(row["left_out"]).split())
    if count > MOST_NAMED:
        which = "the column left_out of the table of models names them"
    else:
        which = f"{row.claim('left_out', labels=_effect_labels(claims))}"
    rests = f"{protocol.outcomes[outcome].label}: this rests on {row.claim('studies', 'studies')}"
    return [f"{rests}. Left out, as {missing}: {which}."]


def _effect_labels(claims: Claims) -> dict[str, str]:
    """Labels of studies and of their effects, by id."""
    studies = study_labels(claims)
    effects = claims.tables[Effects.file]
    names = effects["effect_label"].fillna(effects["outcome"].str.replace("_", " "))
    of_effects = zip(effects["effect_id"], effects["study_id"], names, strict=True)
    return studies | {effect: f"{studies[study]} ({name})" for effect, study, name in of_effects}


def moderator_rows(claims: Claims, protocol: Protocol) -> list[dict[str, Any]]:
    """Rows of the table of moderators: one per coefficient."""
    return [
        {
            "outcome": protocol.outcomes[row["outcome"]].label,
            "model": protocol.models[row["model"]].label,
            "contrast": contrast(row, claims.tables[Summary.file], protocol),
            **row.claimed("verdict_words", "reason", "p_direction", "contraction"),
            "comparison": claims.sentence(_comparison(row, protocol)),
            "likelihood_error": row.likelihood_error
            if row.has("likelihood_error")
            else "not known",
            **row.claimed("studies_level", "studies_reference"),
            "aliased_with": row.claim("aliased_with", labels=_labels(protocol))
            if row.has("aliased_with")
            else "none",
        }
        for row in claims.rows(Moderators.file, COEFFICIENT)
    ]


def dispute_sentences(claims: Claims, protocol: Protocol) -> list[Sentence]:
    """What each model says under every value that sources give for a moderator of one study."""
    table = claims.tables[DisputedModerators.file]
    labels, sentences = study_labels(claims), []
    for (outcome, model, holder, name), given in table.groupby(DISPUTE, sort=False):
        where = {"outcome": outcome, "model": model, "effect_id": holder, "disputed": name}
        moderator = protocol.moderators[name]
        readings = []
        for value, rows in given.groupby("value", sort=False, dropna=False):
            as_value = _value_words(moderator, value)
            if rows["reading"].iloc[0] == ANALYSED:
                as_value += ", as analysed"
            answers = [_answer(claims, row, where, protocol) for _, row in rows.iterrows()]
            readings.append(f"as {as_value}: {'; '.join(answers)}")
        study = labels[str(holder).split("/", 1)[0]]
        text = f"Taken {'. Taken '.join(readings)}."
        if given["refused"].notna().all() and given["refused"].nunique() == 1:
            text = f"This model was not made again, as {given['refused'].iloc[0]}."
        sentences.append(
            claims.sentence(
                f"{protocol.outcomes[outcome].label}, {in_sentence(protocol.models[model].label)}:"
                f" sources differ on {in_sentence(moderator.label)} of {study}. {text}"
            )
        )
    return sentences


def _value_words(moderator: Moderator, value: Any) -> str:
    if pd.isna(value):
        return "not known"
    if moderator.levels is None:
        return moderator.amount(float(value))
    return level_in_text(moderator, value)


def _answer(claims: Claims, row: pd.Series, where: dict[str, str], protocol: Protocol) -> str:
    """One coefficient with its verdict, or why there is none."""
    if pd.notna(row["refused"]):
        return f"no answer, as {row['refused']}"
    name, _, level = row["coefficient"].partition("=")
    words = protocol.moderators[name].step
    if level:
        _, _, reference = row["reference"].partition("=")
        levels = (level_in_text(protocol.moderators[name], key) for key in (level, reference))
        words = " against ".join(levels)
    at = where | {"value": row["value"], "coefficient": row["coefficient"]}
    if pd.isna(row["value"]):
        at = where | {"reading": row["reading"], "coefficient": row["coefficient"]}
    claimed = claims.row(DisputedModerators.file, **at)
    return (
        f"the {protocol.measure.comparison}, {words}: {claimed.verdict_words},"
        f" {_comparison(claimed, protocol)}"
    )


def _labels(protocol: Protocol) -> dict[str, str]:
    return {name: in_sentence(moderator.label) for name, moderator in protocol.moderators.items()}


def contrast(row: ClaimRow | dict[str, Any], summary: pd.DataFrame, protocol: Protocol) -> str:
    """Words for a coefficient: a level against the reference, or a step of a number."""
    moderator = protocol.moderators[row["moderator"]]
    name, _, level = row["coefficient"].partition("=")
    if not level:
        return moderator.step
    settings = summary.loc[summary["fit"] == f"{row['outcome']}/{row['model']}", "setting"]
    reference = next(s for s in settings if s.startswith(f"{name}=")).split("=", 1)[1]
    return f"{level_in_text(moderator, level)} against {level_in_text(moderator, reference)}"


def _all_coefficients(claims: Claims, rows: list[ClaimRow], protocol: Protocol) -> str:
    """Every coefficient of a model with several moderators, in one sentence."""
    sized = any(row["size_learnt"] for row in rows)
    parts = "; ".join(
        f"{contrast(row, claims.tables[Summary.file], protocol)}: {row.verdict_words}"
        f"{f', {_comparison(row, protocol)}' if sized else ''}"
        for row in rows
    )
    label = protocol.outcomes[rows[0]["outcome"]].label
    what = f"{protocol.measure.comparisons}, " if sized else ""
    untold = "" if sized else f" {_sentence_of(protocol.decisions.size.not_learnt)}"
    return f"{label}, {what}each given the others: {parts}.{untold}"


def _comparison(row: ClaimRow, protocol: Protocol) -> str:
    """A difference with its interval, or that these studies tell no size of either side."""
    if not row["size_learnt"]:
        return protocol.decisions.size.not_learnt
    return row.interval("comparison", "comparison_low", "comparison_high")


def _levels(claims: Claims, coefficient: ClaimRow, protocol: Protocol) -> list[str]:
    """Effect level by level; nothing for a number, which has no levels."""
    moderator = protocol.moderators[coefficient["moderator"]]
    if moderator.levels is None:
        return []
    fit = f"{coefficient['outcome']}/{coefficient['model']}"
    rows = claims.rows(Summary.file, ("fit", "setting"), fit=fit)
    sized = any(row["size_learnt"] for row in rows)
    outcome = protocol.outcomes[coefficient["outcome"]]
    more = outcome.sides_alone["more"]
    parts = "; ".join(
        f"{level_in_text(moderator, row['setting'].split('=', 1)[1])}: probability of {more}"
        f" {row.p_more}{f', {size_text(row, protocol)}' if sized else ''} (studies: {row.studies})"
        for row in rows
    )
    label, phrase = outcome.label, protocol.measure.phrase
    what = f"{phrase} by" if sized else "by"
    untold = "" if sized else f" {_sentence_of(protocol.decisions.size.not_learnt)}"
    return [f"{label}, {what} {in_sentence(moderator.label)}: {parts}.{untold}"]


def _sentence_of(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _coefficient(claims: Claims, row: ClaimRow, protocol: Protocol) -> list[str]:
    """Comparison of effects of one contrast, its verdict, and what weakens it."""
    measure = protocol.measure
    outcome = protocol.outcomes[row["outcome"]]
    side = outcome.sides_alone["more" if row["comparison"] > measure.null else "less"]
    size = ""
    if row["size_learnt"]:
        size = f"The {measure.comparison} is {_comparison(row, protocol)}. "
    texts = [
        f"{outcome.label},"
        f" {contrast(row, claims.tables[Summary.file], protocol)}: {row.verdict_words}"
        f" ({row.reason}). {size}The probability of {side} is {row.p_direction}."
    ]
    if row.has("sign_changes"):
        studies = row.claim("sign_changes", labels=study_labels(claims))
        texts.append(f"It points the other way when one of these is left out: {studies}.")
    return texts


def _aliased(row: ClaimRow, protocol: Protocol) -> list[str]:
    """Other moderators that these studies cannot tell from that of a coefficient."""
    if not row.has("aliased_with"):
        return []
    labels = _labels(protocol)
    return [
        f"Among these studies {labels[row['moderator']]} goes together with"
        f" {row.claim('aliased_with', labels=labels)}, so a difference could come from either."
    ]
