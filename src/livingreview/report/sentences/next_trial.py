"""Sentences on where a new trial would move a verdict."""

from __future__ import annotations

from livingreview.base.measures import Measure
from livingreview.protocol.review import Protocol
from livingreview.report.claims import ClaimRow, Claims, Sentence
from livingreview.tables.sensitivity import NextTrialChances, NextTrialSummary


def next_trial_sentences(claims: Claims, protocol: Protocol, name: str) -> list[Sentence]:
    """Where trials move the verdict on an outcome, at each true pooled effect."""
    people, measure = protocol.outcomes[name].people, protocol.measure
    none = protocol.decisions.no_verdict
    return [
        claims.sentence(_one_effect(claims, row, people, measure, none))
        for row in claims.rows(NextTrialSummary.file, ("outcome", "true_effect"), outcome=name)
    ]


def _one_effect(claims: Claims, row: ClaimRow, people: str, measure: Measure, none: str) -> str:
    """What trials do at one true pooled effect; `none`: words of no verdict."""
    lead = f"Say that the pooled {measure.label} is {row.true_effect}."
    if not row.has("p_towards"):
        return f"{lead} Not assessed: {row.reason}."
    text = (
        f"{lead} A trial with {row.largest_per_arm} {people} in each arm moves the verdict towards"
        f" that with a probability of {row.p_towards}. It moves it away with {row.p_away}, and to"
        f" “{none}” with {row.p_cannot_tell}."
    )
    if not row.has("smallest_per_arm"):
        return f"{text} Note: {row.reason}."
    chance = claims.row(
        NextTrialChances.file,
        outcome=row["outcome"],
        true_effect=row["true_effect"],
        people_per_arm=int(row["smallest_per_arm"]),
    )
    return (
        f"{text} With {row.smallest_per_arm} in each arm it moves towards that with"
        f" {chance.p_towards}: {row.reason}."
    )
