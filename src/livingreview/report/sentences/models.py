"""Sentences about models beyond the overall one: contrasts, other assumptions, refusals."""

from __future__ import annotations

from livingreview.effects.design_matrix import ALL_STUDIES
from livingreview.protocol.models import JOINT, OVERALL
from livingreview.protocol.review import Protocol
from livingreview.report.claims import ClaimRow, Claims, Sentence, Sentences
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
                f"{lead}: probability of {outcome.sides_alone['more']} {row.p_more};"
                f" {protocol.measure.label}:"
                f" {size_text(row, protocol)}."
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
            ratio = (
                f"the {protocol.measure.comparison_of_two} is {_size(row)}; "
                if row["size_learnt"]
                else ""
            )
            ratio_of_all = f"it is {_size(row, 'all_')}; " if row["size_learnt"] else ""
            answer = claims.sentences(
                settled=_settled(row, protocol),
                probability=f"From {row.studies}"
                f" {'study' if row['studies'] == 1 else 'studies'} that report both: {ratio}the"
                f" probability that {contrast.above}, is {row.p_above}; the other way round,"
                f" {row.p_below}.",
                all_studies="From all studies, with any that report one of the two only,"
                f" {ratio_of_all}the first probability is {row.all_p_above}, the second"
                f" {row.all_p_below}.",
                uncorrelated=_uncorrelated(row),
            )
            answers.append((contrast.question, answer))
    return answers


def _size(row: ClaimRow, prefix: str = "") -> str:
    """A comparison of two effects with its 95% interval."""
    return row.interval(*(f"{prefix}comparison{end}" for end in ("", "_low", "_high")))


def _uncorrelated(row: ClaimRow) -> str:
    """What the prior of the correlation of a study's effects adds."""
    if not row.has("uncorrelated_p_above"):
        return ""
    size = f"it would be {_size(row, 'uncorrelated_')}, and " if row["size_learnt"] else ""
    return (
        "A study's effects on the two are taken to be correlated, by a prior that these few studies"
        f" hardly move. Without any correlation {size}the first probability would be"
        f" {row.uncorrelated_p_above}."
    )


def _settled(row: ClaimRow, protocol: Protocol) -> str:
    """Whether both sets of studies earn a clear verdict for the same of the two."""
    if row["settled"]:
        return (
            "Settled: studies that report both, and all studies, earn a clear verdict for the same"
            " of the two."
        )
    if row["step"] == row["all_step"] == protocol.decisions.verdicts[0].id:
        return (
            "Open: studies that report both earn a clear verdict, and all studies one for the other"
            " of the two."
        )
    if row["step"] == row["all_step"]:
        return "Open: neither studies that report both nor all studies earn a clear verdict."
    if row["step"] == "few_studies":
        return "Open: too few studies report both for a verdict, however probable one side is."
    return (
        "Open: only one of the two, studies that report both or all studies, earns a clear verdict."
    )


def refusal(claims: Claims, lead: str, outcome: str, model: str) -> str:
    """Why a model was not fitted to an outcome."""
    row = claims.row(Models.file.format(outcome=outcome), model=model)
    return f"{lead}: not estimated, as {row.reason}."
