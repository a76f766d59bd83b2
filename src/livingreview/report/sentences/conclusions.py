"""Sentences that hold published conclusions against the evidence of this review."""

from __future__ import annotations

from dataclasses import dataclass

from livingreview.records.narrative import Conclusion, Published
from livingreview.report.claims import Claim, ClaimRow, Claims, Sentences
from livingreview.tables.synthesis import Conclusions


@dataclass(frozen=True)
class ComparedConclusion:
    """A published conclusion beside the verdict on it.

    Attributes
    ----------
    basis
        What the verdict rests on.
    contradicted
        What the same source says elsewhere.
    """

    conclusion: Conclusion
    verdict: Claim
    basis: Sentences
    contradicted: Conclusion | None


def comparisons(claims: Claims, published: Published) -> list[ComparedConclusion]:
    """Every published conclusion, in the order of its file."""
    by_id = {conclusion.id: conclusion for conclusion in published.conclusions}
    rows = {name: claims.row(Conclusions.file, conclusion=name) for name in by_id}
    return [
        ComparedConclusion(
            conclusion,
            rows[name].verdict_words,
            _basis(claims, rows[name]),
            by_id.get(conclusion.contradicts or ""),
        )
        for name, conclusion in by_id.items()
    ]


def overview(claims: Claims) -> Sentences:
    """How many conclusions fare how; none where none is listed."""
    if claims.tables[Conclusions.file].empty:
        return {}
    verdicts = ("agrees", "differs", "cannot_tell", "not_compared")
    agrees, differs, cannot_tell, not_compared = (
        claims.count(Conclusions.file, verdict=verdict) for verdict in verdicts
    )
    return claims.sentences(
        overview=f"Published conclusions that the studies on record agree with: {agrees}; that they"
        f" contradict: {differs}; that they cannot judge: {cannot_tell}; not compared:"
        f" {not_compared}. They share studies, so to agree confirms little."
    )


def _basis(claims: Claims, row: ClaimRow) -> Sentences:
    noun = "study" if row["studies"] == 1 else "studies"
    return claims.sentences(
        probability=f"Its probability here is {row.probability}, from {row.studies} {noun}."
        if row.has("probability")
        else "",
        reason=f"Why: {row.reason}." if row.has("reason") and row["reason"] else "",
    )
