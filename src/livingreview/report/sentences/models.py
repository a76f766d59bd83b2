"""Sentences about models beyond the overall one: contrasts, other assumptions, refusals."""

from __future__ import annotations

import pandas as pd

from livingreview.effects.design_matrix import ALL_STUDIES
from livingreview.protocol.models import JOINT, OVERALL, Model
from livingreview.protocol.outcomes import Outcome
from livingreview.protocol.review import Protocol
from livingreview.report.claims import Claims, Sentence, sentence
from livingreview.report.sentences.results import SUMMARY, is_fitted

CONTRASTS = "5_synthesis/contrasts.csv"


def other_models(claims: Claims, summary: pd.DataFrame, protocol: Protocol) -> list[Sentence]:
    """What models with other assumptions than the overall one say, or why they say nothing."""
    sentences = []
    for model_name, model in protocol.models.items():
        if model.moderators or model.kind == "joint" or model_name == OVERALL:
            continue
        for outcome_name, outcome in protocol.outcomes.items():
            if not is_fitted(summary, outcome_name, model_name):
                sentences.append(refused(claims, outcome_name, outcome, model_name, model))
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


def refused(
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
