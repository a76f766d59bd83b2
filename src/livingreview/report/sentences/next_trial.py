"""Sentences on how large a new trial would have to be to move a verdict."""

from __future__ import annotations

from livingreview.protocol.review import Protocol
from livingreview.report.claims import ClaimRow, Claims, Sentence
from livingreview.tables.sensitivity import NextTrialChances, NextTrialSummary


def next_trial_sentences(claims: Claims, protocol: Protocol, name: str) -> list[Sentence]:
    """The smallest trial that moves the verdict on an outcome, at each true effect."""
    people = protocol.outcomes[name].people
    return [
        claims.sentence(_smallest_trial(claims, row, people))
        for row in claims.rows(NextTrialSummary.file, ("outcome", "true_odds_ratio"), outcome=name)
    ]


def _smallest_trial(claims: Claims, row: ClaimRow, people: str) -> str:
    if not row.has("p_at_largest"):
        return f"If the true odds ratio is {row.true_odds_ratio}: not assessed, as {row.reason}."
    lead = f"Say that the true odds ratio is {row.true_odds_ratio}."
    if not row.has("smallest_per_arm"):
        return (
            f"{lead} Then no trial of a size that was tried would move the verdict often enough."
            f" With {row.largest_per_arm} {people} in each arm the probability is"
            f" {row.p_at_largest}."
        )
    chance = claims.row(
        NextTrialChances.file,
        outcome=row["outcome"],
        true_odds_ratio=row["true_odds_ratio"],
        people_per_arm=int(row["smallest_per_arm"]),
    )
    return (
        f"{lead} Then a trial with {row.smallest_per_arm} {people} in each arm would move the"
        f" verdict with a probability of {chance.p_moves} ({row.reason})."
    )
