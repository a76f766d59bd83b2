"""Sentences that hold published conclusions against the evidence of this review."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from livingreview.records.narrative import Conclusion, Published
from livingreview.report.claims import Claim, Claims, Sentence, sentence

CONCLUSIONS = "5_synthesis/conclusions.csv"


@dataclass(frozen=True)
class Comparison:
    """A published conclusion beside the verdict on it.

    Attributes
    ----------
    conclusion : Conclusion
    verdict : Claim
    said : list of Sentence
        What the verdict rests on.
    contradicted : Conclusion, optional
        What the same source says elsewhere.
    """

    conclusion: Conclusion
    verdict: Claim
    said: list[Sentence]
    contradicted: Conclusion | None


def comparisons(claims: Claims, table: pd.DataFrame, published: Published) -> list[Comparison]:
    """Every published conclusion, in the order of its file."""
    listed = {conclusion.id: conclusion for conclusion in published.conclusions}
    rows = table.set_index("conclusion")
    return [
        Comparison(
            conclusion,
            claims.cell(CONCLUSIONS, "verdict_words", "words", conclusion=name),
            _said(claims, name, rows.loc[name]),
            listed.get(conclusion.contradicts or ""),
        )
        for name, conclusion in listed.items()
    ]


def overview(claims: Claims, table: pd.DataFrame) -> list[Sentence]:
    """How many conclusions fare how; none where none is listed."""
    if table.empty:
        return []
    counts = {
        verdict: claims.number_of_rows(CONCLUSIONS, verdict=verdict)
        for verdict in ("agrees", "differs", "cannot_tell", "not_compared")
    }
    return [
        sentence(
            "conclusions-overview",
            "always",
            "Number of conclusions with which the studies on record agree: {agrees}; from which"
            " they differ: {differs}; of which they cannot tell: {cannot_tell}; not compared:"
            " {not_compared}.",
            **counts,
        )
    ]


def _said(claims: Claims, name: str, row: pd.Series) -> list[Sentence]:
    said = []
    if pd.notna(row["probability"]):
        noun = "study" if row["studies"] == 1 else "studies"
        probability = claims.cell(CONCLUSIONS, "probability", "percent", conclusion=name)
        said.append(
            sentence(
                f"{name}-probability",
                "the conclusion has a probability here",
                "Its probability here is {probability}, from {studies} " + f"{noun}.",
                probability=probability,
                studies=claims.cell(CONCLUSIONS, "studies", "whole", conclusion=name),
            )
        )
    if pd.notna(row["reason"]) and row["reason"]:
        reason = claims.cell(CONCLUSIONS, "reason", "words", conclusion=name)
        rule = "a reason stands beside the probability"
        said.append(sentence(f"{name}-reason", rule, "Why: {reason}.", reason=reason))
    return said
