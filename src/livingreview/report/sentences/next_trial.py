"""Sentences on how large a new trial would have to be to move a verdict."""

from __future__ import annotations

from livingreview.base.measures import Measure
from livingreview.protocol.review import Protocol
from livingreview.report.claims import ClaimRow, Claims, Sentence
from livingreview.tables.sensitivity import NextTrialChances, NextTrialSummary


def next_trial_sentences(claims: Claims, protocol: Protocol, name: str) -> list[Sentence]:
    """The smallest trial that moves the verdict on an outcome, at each true effect."""
    people, measure = protocol.outcomes[name].people, protocol.measure
    return [
        claims.sentence(_smallest_trial(claims, row, people, measure))
        for row in claims.rows(NextTrialSummary.file, ("outcome", "true_effect"), outcome=name)
    ]


def _smallest_trial(claims: Claims, row: ClaimRow, people: str, measure: Measure) -> str:
    if not row.has("p_at_largest"):
        return f"If the true {measure.label} is {row.true_effect}: not assessed, as {row.reason}."
    lead = f"Say that the true {measure.label} is {row.true_effect}."
    if not row.has("smallest_per_arm"):
        return (
            f"{lead} Then no trial of a size that was tried would move the verdict often enough."
            f" With {row.largest_per_arm} {people} in each arm the probability is"
            f" {row.p_at_largest}."
        )
    chance = claims.row(
        NextTrialChances.file,
        outcome=row["outcome"],
        true_effect=row["true_effect"],
        people_per_arm=int(row["smallest_per_arm"]),
    )
    return (
        f"{lead} Then a trial with {row.smallest_per_arm} {people} in each arm would move the"
        f" verdict with a probability of {chance.p_moves} ({row.reason})."
    )
