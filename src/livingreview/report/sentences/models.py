"""Sentences about models beyond the overall one: contrasts, other assumptions, refusals."""

from __future__ import annotations

from livingreview.effects.design_matrix import ALL_STUDIES
from livingreview.protocol.models import JOINT, OVERALL
from livingreview.protocol.review import Protocol
from livingreview.report.claims import ClaimRow, Claims, Sentence, Sentences
from livingreview.report.sentences.effects import is_fitted
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
                f"{lead}: {protocol.measure.label} {row.effect}"
                f" ({row.effect_low} to {row.effect_high})."
            )
    return [claims.sentence(text) for text in texts]


def contrasts(claims: Claims, protocol: Protocol) -> list[tuple[str, Sentences]]:
    """What the models of all outcomes say about each contrast, below its question."""
    answers = []
    for model in protocol.models.values():
        for key, contrast in model.contrasts.items():
            where = {"fit": f"{JOINT}/{key}", "contrast": key}
            rows = claims.rows(Contrasts.file, where, **where)
            if not rows:
                answer = claims.sentences(
                    refusal="Nothing can be said, as no study could be analysed on both."
                )
                answers.append((contrast.question, answer))
                continue
            [row] = rows
            answer = claims.sentences(
                ratio=f"{contrast.label}, from {row.studies}"
                f" {'study' if row['studies'] == 1 else 'studies'} that report both: the"
                f" {protocol.measure.comparison_of_two} is {row.comparison} (95% interval"
                f" {row.comparison_low} to {row.comparison_high}).",
                probability=f"The probability that {contrast.above}, is {row.p_above}; that"
                f" {contrast.below}, {row.p_below}.",
                all_studies=f"From all studies, of which others report one of the two only, it is"
                f" {row.all_comparison} ({row.all_comparison_low} to {row.all_comparison_high});"
                f" the first probability is then {row.all_p_above}, the second"
                f" {row.all_p_below}.",
                uncorrelated=_uncorrelated(row),
                settled=_settled(row),
            )
            answers.append((contrast.question, answer))
    return answers


def _uncorrelated(row: ClaimRow) -> str:
    """What the prior of the correlation of a study's effects adds."""
    if not row.has("uncorrelated_comparison"):
        return ""
    return (
        "A study's effects on the two are taken to be correlated, by a prior that these few studies"
        f" hardly move. Without any correlation it would be {row.uncorrelated_comparison}"
        f" ({row.uncorrelated_comparison_low} to {row.uncorrelated_comparison_high}), and the first"
        f" probability {row.uncorrelated_p_above}."
    )


def _settled(row: ClaimRow) -> str:
    """Whether both sets of studies earn a clear verdict for the same of the two."""
    if row["settled"]:
        return "Both earn a clear verdict, so the question is settled."
    if row["step"] == row["all_step"]:
        return "Neither earns a clear verdict, so the question stays open."
    return (
        "Only where both earn a clear verdict is the question settled. They do not, so it stays"
        " open."
    )


def refusal(claims: Claims, lead: str, outcome: str, model: str) -> str:
    """Why a model was not fitted to an outcome."""
    row = claims.row(Models.file.format(outcome=outcome), model=model)
    return f"{lead}: not estimated, as {row.reason}."
