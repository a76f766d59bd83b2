"""Sentences on arms of the sensitivity analyses, on pairs left out, on bias and what is unreported.

Each arm is told in one sentence, and only where it leaves or reads other studies than the plan.
"""

from __future__ import annotations

from livingreview.base.labels import in_sentence
from livingreview.protocol.review import Protocol
from livingreview.report.claims import ClaimRow, Claims, Sentences
from livingreview.report.outcome_analyses import OutcomeAnalyses
from livingreview.report.study_records import study_labels
from livingreview.tables.records import Studies
from livingreview.tables.sensitivity import (
    FlippingBias,
    LeftTwoOut,
    UnreportedStudies,
    VariedOutcomes,
)

# How each arm is told, by its analysis and its variant.
LEADS = {
    ("risk_of_bias", "without_high_risk"): "Without studies at high risk of bias",
    ("evidence", "significance_stated"): "Without statements that leave their significance open",
    ("follow_up", "shortest"): "With the shortest follow-up of each study",
    ("follow_up", "longest"): "With the longest follow-up of each study",
}
ADJUSTED = "With effects as reported without adjustment, where the plan has adjusted ones"
UNADJUSTED = "With adjusted effects, where the plan has unadjusted ones"
RESTS_ON_PRIOR = (
    " As not all studies tell how large their effects are, this count rests in part on the prior."
)
# Names of sentences on what is on record of a study begin so.
RECORD = "record_"
SIDES = {"too_high": "too high", "too_low": "too low"}


def arms_by_outcome(claims: Claims, protocol: Protocol, names: list[str]) -> dict[str, Sentences]:
    """Arms of several outcomes; what is on record of a study is printed once, and referred to."""
    printed: dict[str, str] = {}
    by_outcome: dict[str, Sentences] = {}
    for name in names:
        sentences = arm_sentences(claims, protocol, name)
        for key in filter(_is_record, sentences):
            if key in printed:
                study = claims.row(Studies.file, study_id=key.removeprefix(RECORD))
                sentences[key] = claims.sentence(
                    f"What is on record of {study.label} stands above, under"
                    f" {in_sentence(printed[key])}."
                )
            printed.setdefault(key, protocol.outcomes[name].label)
        by_outcome[name] = sentences
    return by_outcome


def _is_record(key: str) -> bool:
    return key.startswith(RECORD)


def arm_sentences(claims: Claims, protocol: Protocol, name: str) -> Sentences:
    """What each arm makes of the answer on one outcome."""
    status = claims.row(VariedOutcomes.file, outcome=name)
    if status["status"] == "refused":
        return claims.sentences()
    analyses = OutcomeAnalyses(claims, protocol, name)
    return claims.sentences(
        **{
            f"{analysis}_{variant}": _arm(analyses, row, lead)
            for (analysis, variant), lead in LEADS.items()
            for row in analyses.of_kind(analysis)
            if row["variant"] == variant
        },
        adjustment=_adjustment(analyses),
        shares=_shares(analyses),
        **_pairs(analyses),
        unreported=_unreported(analyses),
        **_bias(analyses),
    )


def _arm(analyses: OutcomeAnalyses, row: ClaimRow, lead: str) -> str:
    """The verdict that an arm's studies would have, with their number and the probability."""
    return (
        f"{lead} ({row.studies} of {analyses.planned.studies}) the verdict would be:"
        f" {row.verdict_words}; {analyses.answer(row)}."
    )


def _adjustment(analyses: OutcomeAnalyses) -> str:
    """Effects that allow for other characteristics, or do not, the other way round."""
    rows = analyses.of_kind("adjustment")
    if not rows:
        return ""
    adjustment = analyses.protocol.outcomes[analyses.outcome].adjustment
    unadjusted_wanted = adjustment is not None and adjustment.wanted == "unadjusted"
    return _arm(analyses, rows[0], UNADJUSTED if unadjusted_wanted else ADJUSTED)


def _shares(analyses: OutcomeAnalyses) -> str:
    """Ratios with other shares in the control arm."""
    if not analyses.of_kind("shares"):
        return ""
    lead = "With other control shares behind risk and hazard ratios"
    return f"{lead}, {analyses.range('shares')}."


def _pairs(analyses: OutcomeAnalyses) -> dict[str, str]:
    """Verdicts without two studies that are other ones, and what their records say of the two."""
    claims, name = analyses.claims, analyses.outcome
    labels = study_labels(claims)
    texts, studies = {}, []
    for row in claims.rows(LeftTwoOut.file, ("outcome", "first", "second"), outcome=name):
        if not row.has("extreme") or row["verdict_words"] == analyses.planned["verdict_words"]:
            continue
        pair = [row.claim(column, labels=labels) for column in ("first", "second")]
        texts[f"two_out_{row['extreme']}"] = (
            f"Without both {pair[0]} and {pair[1]} the verdict would be:"
            f" {row.verdict_words}; {analyses.answer(row)}."
        )
        studies += [row["first"], row["second"]]
    for study in dict.fromkeys(studies):
        record = claims.row(Studies.file, study_id=study)
        notes = f" {record.notes}" if record.has("notes") else ""
        texts[f"{RECORD}{study}"] = (
            f"What is on record of {record.label}: {record.eligibility}{notes}"
        )
    return texts


def _unreported(analyses: OutcomeAnalyses) -> str:
    """How many studies without effect would take the direction away."""
    row = analyses.claims.row(UnreportedStudies.file, outcome=analyses.outcome)
    if not row.has("probability"):
        return (
            "The direction is not probable enough today for unreported studies without effect to"
            " take it away."
        )
    # Statements say a direction; how much evidence it takes to outweigh one hangs on the prior.
    rests = "" if analyses.size_learnt else RESTS_ON_PRIOR
    side = row.claim("direction", labels=analyses.sides)
    if not row.has("unreported"):
        return (
            f"Even {row.most} unreported studies of the median size and without effect on average"
            f" would leave {side} a probability of {row.p_at_most}.{rests}"
        )
    return (
        f"Unreported studies of the median size, without effect on average, that would bring the"
        f" probability of {side} from {row.p_now} below"
        f" {row.claim('probability', 'exact_percent')}:"
        f" {row.unreported}. Fewer would do if they found the opposite.{rests}"
    )


def _bias(analyses: OutcomeAnalyses) -> dict[str, str]:
    """The bias of studies at high risk that would change the verdict, either way."""
    rows = analyses.claims.rows(
        FlippingBias.file, ("outcome", "reports_are"), outcome=analyses.outcome
    )
    measure = analyses.protocol.measure
    by = "by a factor of" if measure.is_ratio else "by"
    texts = {}
    if analyses.planned["verdict"] == "few_studies":
        return {}
    for row in rows:
        if not row["high_risk"]:
            return {}
        side = row["reports_are"]
        lead = f"If studies at high risk of bias ({row.high_risk}) report effects that are"
        if row.has("shift"):
            texts[f"bias_{side}"] = (
                f"{lead} {SIDES[side]} {by} {row.shift}, the verdict becomes: {row.verdict_then}."
            )
        else:
            texts[f"bias_{side}"] = (
                f"{lead} {SIDES[side]}, even {by} {row.largest}, the verdict stays."
            )
    return texts
