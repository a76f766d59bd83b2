"""Sentences about models beyond the overall one: moderators, contrasts, other assumptions."""

from __future__ import annotations

import pandas as pd

from livingreview.claims import Claim, Claims, Sentence, sentence
from livingreview.moderators import ALL_STUDIES, NOT_KNOWN
from livingreview.protocol.models import JOINT, Model
from livingreview.protocol.moderators import Moderator
from livingreview.protocol.outcomes import Outcome
from livingreview.protocol.review import Protocol
from livingreview.sentences import OVERALL, POOLED, SUMMARY, is_fitted

CONTRASTS = "5_synthesis/contrasts.csv"


def level_label(moderator: Moderator, level: str) -> str:
    """Words for a level, the one for unknown values included."""
    if level == NOT_KNOWN:
        return "Not known"
    return (moderator.levels or {})[level]


def moderator_sentences(
    claims: Claims, summary: pd.DataFrame, protocol: Protocol
) -> dict[str, list[Sentence]]:
    """What each model with moderators says about each outcome, or why it says nothing.

    Returns
    -------
    dict
        Sentences by the label of the model.
    """
    sentences: dict[str, list[Sentence]] = {}
    for model_name, model in protocol.models.items():
        if not model.moderators:
            continue
        said = sentences.setdefault(model.label, [])
        for outcome_name, outcome in protocol.outcomes.items():
            if not is_fitted(summary, outcome_name, model_name):
                said.append(_refused(claims, outcome_name, outcome, model_name))
            elif len(model.moderators) == 1:
                [name] = model.moderators
                fit = f"{outcome_name}/{model_name}"
                moderator = protocol.moderators[name]
                said += _contrasts(claims, summary, fit, outcome, name, moderator)
                said += _thin(claims, summary, fit, protocol)
            else:
                said.append(_all_coefficients(claims, outcome_name, outcome, model_name, protocol))
    return sentences


def other_models(claims: Claims, summary: pd.DataFrame, protocol: Protocol) -> list[Sentence]:
    """What models with other assumptions than the overall one say, or why they say nothing."""
    sentences = []
    for model_name, model in protocol.models.items():
        if model.moderators or model.kind == "joint" or model_name == OVERALL:
            continue
        for outcome_name, outcome in protocol.outcomes.items():
            if not is_fitted(summary, outcome_name, model_name):
                sentences.append(_refused(claims, outcome_name, outcome, model_name, model))
                continue
            where = {"fit": f"{outcome_name}/{model_name}", "setting": ALL_STUDIES}
            odds, low, high = (
                claims.cell(SUMMARY, column, "ratio", **where)
                for column in ("odds_ratio", "odds_ratio_low", "odds_ratio_high")
            )
            sentences.append(
                sentence(
                    f"{outcome_name}/{model_name}-odds-ratio",
                    "always",
                    f"{model.label}, {outcome.phrase}: odds ratio " + "{odds} ({low} to {high}).",
                    odds=odds,
                    low=low,
                    high=high,
                )
            )
    return sentences


def contrast_sentences(
    claims: Claims, contrasts: pd.DataFrame, protocol: Protocol
) -> list[tuple[str, list[Sentence]]]:
    """What the models of all outcomes say about each contrast, below its question."""
    said = []
    for model_name, model in protocol.models.items():
        for key, contrast in model.contrasts.items():
            where = {"fit": f"{JOINT}/{model_name}", "contrast": key}
            row = contrasts[(contrasts["fit"] == where["fit"]) & (contrasts["contrast"] == key)]
            if row.empty:
                reason = sentence(
                    f"{key}-none",
                    "an outcome of the contrast has no effect",
                    "Nothing can be said.",
                )
                said.append((contrast.question, [reason]))
                continue
            settled = bool(row["settled"].iloc[0])
            ratios = {
                name: claims.cell(CONTRASTS, column, "ratio", **where)
                for name, column in (
                    ("ratio", "ratio"),
                    ("low", "ratio_low"),
                    ("high", "ratio_high"),
                )
            }
            words = [
                sentence(
                    f"{key}-ratio",
                    "always",
                    f"{contrast.label}: the ratio of the two odds ratios is "
                    "{ratio} (95% interval {low} to {high}).",
                    **ratios,
                ),
                sentence(
                    f"{key}-probability",
                    "always",
                    f"The probability that {contrast.above}, is "
                    "{above}; that " + contrast.below + ", {below}.",
                    above=claims.cell(CONTRASTS, "p_above", "percent", **where),
                    below=claims.cell(CONTRASTS, "p_below", "percent", **where),
                ),
                sentence(
                    f"{key}-settled",
                    "settled" if settled else "not settled",
                    "By the rule for a clear verdict, the question "
                    + ("is settled." if settled else "stays open."),
                ),
            ]
            said.append((contrast.question, words))
    return said


def _refused(
    claims: Claims, name: str, outcome: Outcome, model_name: str, model: Model | None = None
) -> Sentence:
    """Why a model was not fitted to an outcome."""
    lead = f"{model.label}, {outcome.phrase}" if model else outcome.label
    return sentence(
        f"{name}/{model_name}-refused",
        "the model was refused",
        f"{lead}: not estimated, as " + "{reason}.",
        reason=claims.cell(f"3_models/{name}.models.csv", "reason", "words", model=model_name),
    )


def _all_coefficients(
    claims: Claims, outcome_name: str, outcome: Outcome, model_name: str, protocol: Protocol
) -> Sentence:
    """Every coefficient of a model with several moderators, in one sentence."""
    fit = f"{outcome_name}/{model_name}"
    quantities = claims.values(POOLED, "quantity", fit=fit, engine="nuts")
    parts: list[str] = []
    cells: dict[str, str | Claim] = {}
    for i, quantity in enumerate(q for q in quantities if q.startswith("beta[")):
        setting = quantity.removeprefix("beta[").removesuffix("]")
        name, _, level = setting.partition("=")
        moderator = protocol.moderators[name]
        words = level_label(moderator, level) if level else moderator.label
        parts.append(f"{words.lower()} {{ratio_{i}}} ({{low_{i}}} to {{high_{i}}})")
        where = {"fit": fit, "quantity": quantity, "engine": "nuts"}
        for key, column in (("ratio", "q50"), ("low", "q2_5"), ("high", "q97_5")):
            cells[f"{key}_{i}"] = claims.cell(POOLED, column, "exponential", **where)
    template = f"{outcome.label}, ratios of odds ratios, each given the others: "
    return sentence(f"{fit}-all", "several moderators", template + "; ".join(parts) + ".", **cells)


def _contrasts(
    claims: Claims,
    summary: pd.DataFrame,
    fit: str,
    outcome: Outcome,
    name: str,
    moderator: Moderator,
) -> list[Sentence]:
    """Level by level, and each level against the reference."""
    settings = list(summary.loc[summary["fit"] == fit, "setting"])
    if moderator.levels is None:
        return [_slope(claims, fit, outcome, name, moderator)]
    of_model = [s for s in settings if s.startswith(f"{name}=")]
    parts, values = [], {}
    for i, setting in enumerate(of_model):
        level = level_label(moderator, setting.split("=", 1)[1])
        parts.append(
            f"{level.lower()} {{odds_{i}}} ({{low_{i}}} to {{high_{i}}}; studies: {{n_{i}}})"
        )
        where = {"fit": fit, "setting": setting}
        for key, column in (("odds", ""), ("low", "_low"), ("high", "_high")):
            cell = claims.cell(SUMMARY, f"odds_ratio{column}", "ratio", **where)
            values[f"{key}_{i}"] = cell
        values[f"n_{i}"] = claims.cell(SUMMARY, "studies", "whole", **where)
    template = (
        f"{outcome.label}, odds ratio by {moderator.label.lower()}: " + "; ".join(parts) + "."
    )
    sentences = [sentence(f"{fit}-levels", "a categorical moderator", template, **values)]
    reference = level_label(moderator, of_model[0].split("=", 1)[1]).lower()
    for setting in of_model[1:]:
        quantity = f"beta[{setting}]"
        level = level_label(moderator, setting.split("=", 1)[1]).lower()
        sentences.append(_ratio(claims, fit, quantity, f"{level} against {reference}"))
    return sentences


def _thin(claims: Claims, summary: pd.DataFrame, fit: str, protocol: Protocol) -> list[Sentence]:
    """Warn of a comparison in which a level rests on fewer studies than a verdict needs."""
    fewest = protocol.decisions.fewest_studies_for_a_verdict
    if (summary.loc[summary["fit"] == fit, "studies"] >= fewest).all():
        return []
    return [
        sentence(
            f"{fit}-thin",
            "a level rests on fewer studies than a verdict needs",
            "This comparison says little: one of its groups has only {studies}.",
            studies=claims.total(SUMMARY, "studies", "min", "studies", fit=fit),
        )
    ]


def _slope(claims: Claims, fit: str, outcome: Outcome, name: str, moderator: Moderator) -> Sentence:
    contrast = f"per {moderator.per:g} {moderator.unit or 'units'} of {moderator.label.lower()}"
    return _ratio(claims, fit, f"beta[{name}]", contrast, outcome)


def _ratio(
    claims: Claims, fit: str, quantity: str, contrast: str, outcome: Outcome | None = None
) -> Sentence:
    """Ratio of odds ratios of one contrast."""
    where = {"fit": fit, "quantity": quantity, "engine": "nuts"}

    def ratio(column: str) -> Claim:
        return claims.cell(POOLED, column, "exponential", **where)

    lead = f"{outcome.label}: " if outcome else ""
    return sentence(
        f"{fit}-{quantity}",
        "always",
        f"{lead}The ratio of odds ratios, {contrast}, is "
        + "{middle} (95% interval {low} to {high}); the probability that it is above 1 is {above}.",
        middle=ratio("q50"),
        low=ratio("q2_5"),
        high=ratio("q97_5"),
        above=claims.cell(POOLED, "p_above_zero", "percent", **where),
    )
