"""Sentences on the pooled effect of each outcome, and on how complete the evidence is.

No sentence here knows the subject: labels and phrases come from the protocol, numbers from claims.
"""

from __future__ import annotations

import pandas as pd

from livingreview.base.measures import Measure
from livingreview.effects.design_matrix import ALL_STUDIES
from livingreview.protocol.models import OVERALL
from livingreview.protocol.review import Protocol
from livingreview.report.claims import ClaimRow, Claims, Sentences
from livingreview.report.sentences.assumed_sizes import assumed_sizes
from livingreview.synthesis.per_1000 import ON_RECORD
from livingreview.synthesis.verdicts import FEW_STUDIES
from livingreview.tables.effects import Precision
from livingreview.tables.models import Models
from livingreview.tables.records import Effects, Studies
from livingreview.tables.statuses import ANALYSED
from livingreview.tables.synthesis import Per1000, SizesLearnt, Summary


def is_fitted(claims: Claims, outcome: str, model: str = OVERALL) -> bool:
    """Whether a model was fitted to an outcome."""
    return claims.has_rows(Summary.file, fit=f"{outcome}/{model}")


def is_analysed(claims: Claims, outcome: str) -> bool:
    """Whether an effect on an outcome could be analysed, fitted or not."""
    return claims.has_rows(Effects.file, outcome=outcome, status=ANALYSED)


def overall_row(claims: Claims, outcome: str) -> ClaimRow:
    """The row of `summary.csv` on the overall model of an outcome."""
    return claims.row(Summary.file, fit=f"{outcome}/{OVERALL}", setting=ALL_STUDIES)


def completeness(claims: Claims) -> Sentences:
    """How much of the evidence is numeric, how much is findings, and what is missing."""
    effects = claims.tables[Effects.file]
    is_finding = effects.loc[effects["status"] == ANALYSED, "kind"] == "finding"
    records = (
        f"{claims.count(Studies.file)} candidate studies are on record;"
        f" {claims.count(Studies.file, status='extracted')} of them report an outcome."
    )
    reported, analysed = claims.count(Effects.file), claims.count(Effects.file, status=ANALYSED)
    unusable, aside = (claims.count(Effects.file, status=s) for s in ("not_usable", "set_aside"))
    findings = claims.count(Effects.file, status=ANALYSED, kind="finding")
    if is_finding.any():
        share = f"all {findings}" if is_finding.all() else findings
        kinds = (
            f"Findings among those weighed: {share}; they say which way, or whether significant,"
            " and give no number."
        )
    else:
        kinds = f"All of those weighed are numbers ({findings} are findings without one)."
    left = [
        f"{aside} {'is' if aside.text == '1' else 'are'} set aside with a reason",
        f"{unusable} {'says' if unusable.text == '1' else 'say'} too little to be weighed",
    ]
    left = [
        text for text, number in zip(left, (aside, unusable), strict=True) if number.text != "0"
    ]
    return claims.sentences(
        records=records,
        effects=f"They report {reported} effects, of which {analysed} are weighed"
        f"{'; ' if left else ''}{' and '.join(left)}.",
        kinds=kinds,
    )


def not_shown(claims: Claims, shown: pd.DataFrame) -> Sentences:
    """Sentence on where to find the studies without a record on the page, if there are any."""
    if len(shown) == len(claims.tables[Studies.file]):
        return {}
    return claims.sentences(
        not_shown="Shown are only the studies that a figure on this page leads to. The tables"
        f" studies.csv, effects.csv and ledger.csv among the results have all"
        f" {claims.count(Studies.file)} on record."
    )


def effect_sentences(claims: Claims, protocol: Protocol, name: str) -> Sentences:
    """What the overall model says about one outcome; the first is the verdict."""
    outcome = protocol.outcomes[name]
    if not is_fitted(claims, name):
        if is_analysed(claims, name):
            return _not_fitted(claims, protocol, name)
        return claims.sentences(
            verdict=f"{outcome.label}: no effect could be analysed, so nothing can be said."
        )
    row = overall_row(claims, name)
    measure, sides = protocol.measure, outcome.sides_alone
    return claims.sentences(
        verdict=f"{outcome.label}: {row.verdict_words}.",
        effect=_size(claims, row, protocol),
        probabilities=f"The probability of {sides['more']} is {row.p_more}, of {sides['less']}"
        f" {row.p_less}."
        + (f" That of {_none(measure)} is {row.p_practically_none}." if row["size_learnt"] else ""),
        new_setting=_new_setting(row, protocol, sides["more"]),
        within_studies=_within_studies(row, protocol),
        per_1000=_per_1000(claims, row, protocol, name),
        engine=_engine(claims, name),
    )


def none_by_prior(claims: Claims, protocol: Protocol, name: str) -> Sentences:
    """The probability of practically no difference where it hangs on a prior; else nothing."""
    if not is_fitted(claims, name):
        return {}
    row = overall_row(claims, name)
    if row["size_learnt"]:
        return {}
    return claims.sentences(
        none=f"The probability of {_none(protocol.measure)} would be {row.p_practically_none}. It"
        " hangs on the prior: the wider that is, the smaller this probability. So no verdict rests"
        " on it."
    )


def _none(measure: Measure) -> str:
    return f"practically no difference ({measure.one} between {measure.practically_none})"


def size_text(row: ClaimRow, protocol: Protocol) -> str:
    """The pooled effect of a row of `Summary` with its interval, or that it is not learnt."""
    if row["size_learnt"]:
        return row.interval("effect", "effect_low", "effect_high")
    return protocol.decisions.size.not_learnt


def new_setting_text(row: ClaimRow) -> str:
    """The interval for a new setting of a row of `Summary`; nothing where no size is learnt."""
    return f"{row.new_setting_low} to {row.new_setting_high}" if row["size_learnt"] else ""


def _size(claims: Claims, row: ClaimRow, protocol: Protocol) -> str:
    """How large the effect is, or why that is not known."""
    measure = protocol.measure
    more = protocol.outcomes[row["outcome"]].sides_alone["more"]
    studies = f"{row.studies} {'study' if row['studies'] == 1 else 'studies'}"
    if row["size_learnt"]:
        return (
            f"The pooled {measure.label} is {row.effect} (95% interval {row.effect_low} to"
            f" {row.effect_high}). Above {measure.null_text} means {more} with"
            f" {protocol.treated}. It rests on {studies}."
            f" {assumed_sizes(claims, row['outcome'])}".rstrip()
        )
    judged = claims.row(SizesLearnt.file, fit=row["fit"], setting=row["setting"])
    share = f" ({judged.share_with_numbers})" if judged["people_with_numbers"] else ""
    words = protocol.decisions.size.not_learnt
    file = Precision.file.format(outcome=row["outcome"])
    assumed = " known or assumed" if claims.has_rows(file, people_known=False) else ""
    return (
        f"{words[0].upper()}{words[1:]}: results with a number cover"
        f" {judged.people_with_numbers}{share} of {judged.people} people{assumed} in {studies}."
    )


def _new_setting(row: ClaimRow, protocol: Protocol, more: str) -> str:
    measure, probability = protocol.measure, row.p_new_setting_more
    if not row["size_learnt"]:
        return f"In {protocol.new_setting}, the probability of {more} is {probability}."
    either_way = row["new_setting_low"] < measure.null < row["new_setting_high"]
    return (
        f"In {protocol.new_setting}, the {measure.phrase} may lie anywhere from"
        f" {row.new_setting_low} to {row.new_setting_high}"
        f"{', so it could go either way' if either_way else ''}."
        f" The probability of {more} there is {probability}."
    )


def _within_studies(row: ClaimRow, protocol: Protocol) -> str:
    """What is taken of studies that give several effects, where any does."""
    if pd.isna(row["sd_within_study"]):
        return ""
    correlation = protocol.sampling_correlation
    scale = " on the logarithmic scale" if protocol.measure.is_ratio else ""
    return (
        "Some studies give several effects. The true effects of one study have a standard deviation"
        f" of {row.sd_within_study} (95% interval {row.sd_within_study_low} to"
        f" {row.sd_within_study_high}){scale}, besides that between studies; the"
        f" effect in {protocol.new_setting} varies by both. The errors of one study's effects are"
        f" taken to be correlated by {correlation.value:g}. {correlation.reason}"
    )


def _not_fitted(claims: Claims, protocol: Protocol, name: str) -> Sentences:
    """Why there is no overall model: too many studies to sample, and no integral of it."""
    refusal = claims.row(Models.file.format(outcome=name), model=OVERALL)
    label = protocol.outcomes[name].label
    return claims.sentences(
        verdict=f"{label}: not estimated, as {refusal.reason}, so there is no verdict."
    )


def _engine(claims: Claims, name: str) -> str:
    """That an answer was not sampled, where there are too many studies to sample."""
    if claims.has_rows(Models.file.format(outcome=name), model=OVERALL, engine="nuts"):
        return ""
    return (
        "With so many studies the sums are done in one way alone, by numerical integration. No"
        " sampler has done them again as a check."
    )


def _per_1000(claims: Claims, row: ClaimRow, protocol: Protocol, name: str) -> str:
    """Difference per 1,000 people at the share cited or on record; why an odds ratio has none."""
    outcome = protocol.outcomes[name]
    if outcome.measure != "odds_ratio" or not row["size_learnt"] or row["verdict"] == FEW_STUDIES:
        return ""
    cited, people = outcome.control.cited, outcome.people
    if not row.has("baseline_per_1000"):
        example = (
            f"any count per 1,000 {people} is only an example"
            if outcome.control.settings
            else f"no count per 1,000 {people} is given"
        )
        return (
            f"No source is cited for how common this is without {protocol.treated}, and counts of"
            f" control groups on record give no share. So {example}."
        )
    if cited is None:
        at = claims.row(Per1000.file, outcome=name, baseline=ON_RECORD)
        during, whose = "", on_record_words(at)
    else:
        during, whose = f" within {cited.months:g} months", f"Of the first number: {cited.note}"
    return (
        f"Say that {row.baseline_per_1000} in 1,000 {people} have this outcome{during} without"
        f" {protocol.treated}. Then the estimate is {row.difference_per_1000} with it. The 95%"
        f" interval runs from {row.difference_per_1000_low} to {row.difference_per_1000_high}."
        f" {whose}"
    )


def on_record_words(row: ClaimRow) -> str:
    """Where a share of `Per1000` that is on record is from, and what it does not tell."""
    if row["control_studies"] == 1:
        where = f"Only {row.control_studies} study counts them"
    else:
        where = (
            f"In the {row.control_studies} studies that count them it runs from"
            f" {row.control_lowest} to {row.control_highest} in 1,000"
        )
    return (
        "The first number is the middle of the control groups on record, as no other source is"
        f" cited. {where}. The time that they were followed may differ, and elsewhere it may be"
        " otherwise."
    )
