"""Sentences that state a result, each chosen by a rule and filled from result tables.

No sentence here knows the subject: labels and phrases come from the protocol,
numbers from `Claims`.
"""

from __future__ import annotations

import pandas as pd

from livingreview.effects.design_matrix import ALL_STUDIES
from livingreview.protocol.models import OVERALL
from livingreview.protocol.outcomes import Outcome
from livingreview.protocol.review import Protocol
from livingreview.report.claims import Claim, Claims, Sentence, sentence

SUMMARY = "5_synthesis/summary.csv"
POOLED = "5_synthesis/pooled.csv"
MODERATORS = "5_synthesis/moderators.csv"
EFFECTS = "1_records/effects.csv"
STUDIES = "1_records/studies.csv"


def is_fitted(summary: pd.DataFrame, outcome: str, model: str = OVERALL) -> bool:
    """Whether a model was fitted to an outcome."""
    return bool((summary["fit"] == f"{outcome}/{model}").any())


def is_analysed(claims: Claims, outcome: str) -> bool:
    """Whether an effect on an outcome could be analysed, fitted or not."""
    return bool(claims.values(EFFECTS, "effect_id", outcome=outcome, status="analysed"))


def is_integrated(claims: Claims, outcome: str) -> bool:
    """Whether numerical integration answers the overall model of an outcome."""
    return bool(claims.values(POOLED, "fit", **_by_integration(outcome, "mu")))


def _by_integration(outcome: str, quantity: str) -> dict[str, str]:
    """Keys of a quantity of the overall model as integrated, in `pooled.csv`."""
    return {"fit": f"{outcome}/{OVERALL}", "engine": "quadrature", "quantity": quantity}


def completeness(claims: Claims, effects: pd.DataFrame) -> list[Sentence]:
    """How much of the evidence is numeric, how much is findings, and what is missing."""
    analysed = effects[effects["status"] == "analysed"]
    findings = analysed["kind"] == "finding"
    sentences = [
        sentence(
            "completeness-records",
            "always",
            "{records} candidate studies are on record; {extracted} of them report an outcome.",
            records=claims.number_of_rows(STUDIES),
            extracted=claims.number_of_rows(STUDIES, status="extracted"),
        ),
        sentence(
            "completeness-effects",
            "always",
            "They report {reported} effects, of which {analysed} could be analysed. {unusable} are"
            " listed but say too little to be weighed, and {aside} {are} set aside with a reason.",
            reported=claims.number_of_rows(EFFECTS),
            analysed=claims.number_of_rows(EFFECTS, status="analysed"),
            unusable=claims.number_of_rows(EFFECTS, status="not_usable"),
            aside=(aside := claims.number_of_rows(EFFECTS, status="set_aside")),
            are="is" if aside.text == "1" else "are",
        ),
    ]
    words = {"status": "analysed", "kind": "finding"}
    if findings.all():
        template = (
            "All {findings} analysed effects are findings. A finding says which way an effect goes,"
            " and whether it was called significant. It gives no number, and says little about how"
            " large the effect is."
        )
        rule = "every analysed effect is a finding"
    elif findings.any():
        template = (
            "{findings} of the analysed effects are findings. A finding says which way an effect"
            " goes, and whether it was called significant, but gives no number. The others are"
            " numbers."
        )
        rule = "some analysed effects are findings"
    else:
        template = "All analysed effects are numbers ({findings} are bare statements)."
        rule = "no analysed effect is a finding"
    found = claims.number_of_rows(EFFECTS, **words)
    return [*sentences, sentence("completeness-kinds", rule, template, findings=found)]


def not_shown(claims: Claims, studies: pd.DataFrame, shown: pd.DataFrame) -> list[Sentence]:
    """Where the records are of studies that have none on the page; nothing when all have one."""
    if len(shown) == len(studies):
        return []
    return [
        sentence(
            "records-not-shown",
            "more studies than a page can hold",
            "Shown are only the studies that a figure on this page leads to. The tables"
            " studies.csv, effects.csv and ledger.csv among the results have all {studies} on"
            " record.",
            studies=claims.number_of_rows(STUDIES),
        )
    ]


def effect_sentences(
    claims: Claims, summary: pd.DataFrame, name: str, outcome: Outcome, protocol: Protocol
) -> list[Sentence]:
    """What the overall model says about one outcome."""
    if not is_fitted(summary, name):
        if is_analysed(claims, name):
            return _not_sampled(claims, name, outcome)
        template = "{label}: no effect could be analysed, so nothing can be said."
        rule = "no effect on this outcome can be analysed"
        return [sentence(f"{name}-verdict", rule, template, label=outcome.label)]
    where = {"fit": f"{name}/{OVERALL}", "setting": ALL_STUDIES}

    def ratio(column: str) -> Claim:
        return claims.cell(SUMMARY, column, "ratio", **where)

    def share(column: str) -> Claim:
        return claims.cell(SUMMARY, column, "percent", **where)

    row = summary[(summary["fit"] == where["fit"])].iloc[0]
    either_way = row["new_setting_low"] < 1 < row["new_setting_high"]
    limit = protocol.decisions.practically_none_odds_ratio
    sentences = [
        verdict_sentence(claims, name, outcome, row["verdict"]),
        sentence(
            f"{name}-odds-ratio",
            "always",
            "The pooled odds ratio is {odds_ratio}. Its 95% interval runs from {low} to {high}."
            f" Above 1 means more {outcome.phrase} with {protocol.treated}."
            " It rests on {studies} {noun}.",
            noun="study" if row["studies"] == 1 else "studies",
            odds_ratio=ratio("odds_ratio"),
            low=ratio("odds_ratio_low"),
            high=ratio("odds_ratio_high"),
            studies=claims.cell(SUMMARY, "studies", "whole", **where),
        ),
        sentence(
            f"{name}-probabilities",
            "always",
            "The probability of more is {more}, of less {less}. That of practically no difference"
            f" (an odds ratio between {1 / limit:.2f} and {limit:g}) is {{none}}.",
            more=share("p_more"),
            less=share("p_less"),
            none=share("p_practically_none"),
        ),
        sentence(
            f"{name}-new-setting",
            "interval for a new setting contains 1" if either_way else "interval excludes 1",
            "In a new place, the odds ratio may lie anywhere from {low} to {high}"
            + (", so it could go either way" if either_way else "")
            + ". The probability of more there is {more}.",
            more=share("p_new_setting_more"),
            low=ratio("new_setting_low"),
            high=ratio("new_setting_high"),
        ),
        per_1000(claims, row, name, outcome, protocol),
    ]
    return sentences


def _not_sampled(claims: Claims, name: str, outcome: Outcome) -> list[Sentence]:
    """Why the overall model was not sampled, and what numerical integration says."""
    said = [
        sentence(
            f"{name}-verdict",
            "the overall model was refused",
            "{label}: not sampled, as {reason}, so there is no verdict.",
            label=outcome.label,
            reason=claims.cell(f"3_models/{name}.models.csv", "reason", "words", model=OVERALL),
        )
    ]
    if not is_integrated(claims, name):
        return said

    def cell(quantity: str, column: str, style: str) -> Claim:
        return claims.cell(POOLED, column, style, **_by_integration(name, quantity))

    return [
        *said,
        sentence(
            f"{name}-integrated",
            "the overall model was refused, and could be integrated",
            "By numerical integration, without the checks that a verdict needs, the pooled odds"
            " ratio is {odds_ratio}. Its 95% interval runs from {low} to {high}, and the"
            " probability of more is {more}. In a new place, the odds ratio may lie anywhere from"
            " {new_low} to {new_high}.",
            odds_ratio=cell("mu", "q50", "exponential"),
            low=cell("mu", "q2_5", "exponential"),
            high=cell("mu", "q97_5", "exponential"),
            more=cell("mu", "p_above_zero", "percent"),
            new_low=cell("theta_new", "q2_5", "exponential"),
            new_high=cell("theta_new", "q97_5", "exponential"),
        ),
    ]


def verdict_sentence(claims: Claims, name: str, outcome: Outcome, earned: str) -> Sentence:
    """Compose the verdict on one outcome, in the words of the protocol's rule."""
    where = {"fit": f"{name}/{OVERALL}", "setting": ALL_STUDIES}
    return sentence(
        f"{name}-verdict",
        f"decisions: {earned}",
        "{label}: {words}.",
        label=outcome.label,
        words=claims.cell(SUMMARY, "verdict_words", "words", **where),
    )


def per_1000(
    claims: Claims, row: pd.Series, name: str, outcome: Outcome, protocol: Protocol
) -> Sentence:
    """Difference per 1,000 people at the cited baseline, or why there is none."""
    cited = outcome.baseline.cited
    if cited is None:
        assumed = bool(outcome.baseline.settings)
        return sentence(
            f"{name}-per-1000",
            "no cited baseline, but assumed ones" if assumed else "no cited baseline",
            f"No page that could be read says how common this is without {protocol.treated}."
            + (
                f" So any count per 1,000 {outcome.people} is only an example."
                if assumed
                else f" So no count per 1,000 {outcome.people} is given."
            ),
        )
    where = {"fit": row["fit"], "setting": row["setting"]}

    def count(column: str) -> Claim:
        return claims.cell(SUMMARY, column, "change", **where)

    return sentence(
        f"{name}-per-1000",
        "a cited baseline",
        "Say that {baseline} in 1,000 "
        + f"{outcome.people} have this outcome within {cited.months:g} months without"
        f" {protocol.treated}. "
        + "Then the estimate is {difference} with it. The 95% interval runs from {low} to {high}.",
        baseline=claims.cell(SUMMARY, "baseline_per_1000", "whole", **where),
        difference=count("difference_per_1000"),
        low=count("difference_per_1000_low"),
        high=count("difference_per_1000_high"),
    )
