"""Sentences about models beyond the overall one: contrasts, other assumptions, refusals."""

from __future__ import annotations

from livingreview.effects.design_matrix import ALL_STUDIES
from livingreview.protocol.models import JOINT, OVERALL
from livingreview.protocol.review import Protocol
from livingreview.report.claims import Claims, Sentence, Sentences
from livingreview.report.sentences.effects import is_fitted, size_text
from livingreview.tables.models import Models
from livingreview.tables.synthesis import Contrasts, Summary


def other_models(claims: Claims, protocol: Protocol) -> list[Sentence]:
    """What models with other assumptions than the overall one say, or why they say nothing."""
    texts = []
    for model_name, model in protocol.models.items():
        if model.moderators or model.kind == "joint" or model_name == OVERALL:
            continue
        for name, outcome in protocol.outcomes.items():
            lead = f"{model.label}, {outcome.phrase}"
            if not is_fitted(claims, name, model_name):
                texts.append(refusal(claims, lead, name, model_name))
                continue
            row = claims.row(Summary.file, fit=f"{name}/{model_name}", setting=ALL_STUDIES)
            texts.append(
                f"{lead}: probability of more {row.p_more}; {protocol.measure.label}:"
                f" {size_text(row, protocol)}."
            )
    return [claims.sentence(text) for text in texts]


def contrasts(claims: Claims, protocol: Protocol) -> list[tuple[str, Sentences]]:
    """What the models of all outcomes say about each contrast, below its question."""
    answers = []
    for model_name, model in protocol.models.items():
        for key, contrast in model.contrasts.items():
            where = {"fit": f"{JOINT}/{model_name}", "contrast": key}
            rows = claims.rows(Contrasts.file, where, **where)
            if not rows:
                answer = claims.sentences(refusal="Nothing can be said.")
                answers.append((contrast.question, answer))
                continue
            [row] = rows
            answer = claims.sentences(
                ratio=f"{contrast.label}: the {protocol.measure.comparison_of_two} is"
                f" {row.comparison} (95% interval {row.comparison_low} to {row.comparison_high}).",
                probability=f"The probability that {contrast.above}, is {row.p_above}; that"
                f" {contrast.below}, {row.p_below}.",
                settled="By the rule for a clear verdict, the question"
                f" {'is settled' if row['settled'] else 'stays open'}.",
            )
            answers.append((contrast.question, answer))
    return answers


def refusal(claims: Claims, lead: str, outcome: str, model: str) -> str:
    """Why a model was not fitted to an outcome."""
    row = claims.row(Models.file.format(outcome=outcome), model=model)
    return f"{lead}: not estimated, as {row.reason}."
