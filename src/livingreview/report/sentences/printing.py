"""Sentences on what the answer would be if some results had gone unprinted."""

from __future__ import annotations

from typing import Any

from livingreview.protocol.review import Protocol
from livingreview.report.claims import ClaimRow, Claims, Sentences
from livingreview.tables.sensitivity import FixedWeights, VariedOutcomes

KEYS = ("outcome", "sides", "weight")
# The direction that each way of an outcome to be better asks for.
DIRECTIONS = {"lower": "less", "higher": "more"}


def printing_sentences(claims: Claims, protocol: Protocol, name: str) -> Sentences:
    """The union of the intervals under all printing weights of an outcome, or why there is none."""
    status = claims.row(VariedOutcomes.file, outcome=name)
    if status["status"] == "refused":
        return claims.sentences(refusal=f"Not assessed, as {status.reason}.")

    def extreme(how: str, column: str) -> str:
        return f"{claims.aggregate(how, FixedWeights.file, column, outcome=name)}"

    outcome = protocol.outcomes[name]
    sides = outcome.sides_alone
    better = sides[DIRECTIONS[outcome.better]]
    probability = (
        f"The probability of {sides['more']} runs from {extreme('min', 'p_above_zero')} to"
        f" {extreme('max', 'p_above_zero')}."
    )
    union = (
        f"From {extreme('min', 'q2_5')} to {extreme('max', 'q97_5')}: within these bounds lie the"
        f" 95% intervals of the {protocol.measure.phrase} under all weights in the table. "
        if claims.has_rows(FixedWeights.file, outcome=name, size_learnt=True)
        else ""
    )
    return claims.sentences(
        union=f"{union}{probability}",
        sides=f"One-sided weights always print significant results of {better}, the better"
        " direction, and no others.",
        limits="The weights are assumed. Nothing here says how many results are missing, or whether"
        " any are.",
    )


def printing_rows(claims: Claims, protocol: Protocol) -> list[dict[str, Any]]:
    """Rows of the table of printing weights: one per outcome, side and weight."""
    rows = []
    for row in claims.rows(FixedWeights.file, KEYS):
        outcome = protocol.outcomes[row["outcome"]]
        only = (
            f" of {outcome.sides_alone[DIRECTIONS[outcome.better]]} only"
            if row["sides"] == "one_sided"
            else ""
        )
        rows.append(
            {
                "outcome": outcome.label,
                "always": f"significant results{only}",
                **row.claimed("weight", "p_above_zero"),
                "size": claims.sentence(_size(row, protocol)),
            }
        )
    return rows


def _size(row: ClaimRow, protocol: Protocol) -> str:
    if not row["size_learnt"]:
        return protocol.decisions.size.not_learnt
    return row.interval("q50", "q2_5", "q97_5")
