"""Reviews to compare: the shipped one with something changed, and studies that are made up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Mapping = dict[str, Any]
REVIEW = "second_responder"
SOURCE = {"url": "https://example.org/", "locator": "table 1", "kind": "full text"}


@dataclass(frozen=True)
class Review:
    """Records and protocol as plain data, for one outcome.

    Attributes
    ----------
    outcome : str
    records : list of dict
    protocol : dict
    """

    outcome: str
    records: list[Mapping]
    protocol: Mapping

    def evidence_of(self, study: str) -> list[Mapping]:
        """Evidence of a study's only effect on the outcome; a list to change."""
        (record,) = (r for r in self.records if r["study_id"] == study)
        (effect,) = (e for e in record["effects"] if e["outcome"] == self.outcome)
        return effect["evidence"]


def study(name: str, outcome: str, *effects: Sequence[Mapping]) -> Mapping:
    """A record of effects on one outcome, each a list of pieces of evidence without their source.

    Every arm that is not shared has the same two names, as none of these effects gives counts of
    people whom another counts again.
    """
    return {
        "study_id": name,
        "citation": {"label": name, "text": f"Made up: {name}", "year": 2020},
        "status": "extracted",
        "eligibility": "Made up.",
        "design": {"kind": "experimental", "detail": "Made up."},
        "moderators": dict.fromkeys(("response_lag", "population", "unit_followed", "country")),
        "arms": [{"id": "visit", "label": "Visit"}, {"id": "usual", "label": "No visit"}],
        "sources": [SOURCE],
        "effects": [
            {
                "id": f"effect_{i}",
                "outcome": outcome,
                "measure": f"Measure {i}",
                "follow_up_months": 6,
                "treated": "visit",
                "control": "usual",
                "evidence": [piece | {"source": SOURCE} for piece in pieces],
            }
            for i, pieces in enumerate(effects)
        ],
    }


def percentages(*percents: float, total: int | None = None, decimals: int = 0) -> Mapping:
    """Percentages of the treated and the control arm, of so many people each or of unknown ones."""
    size = {} if total is None else {"total": total}
    return {
        "kind": "percentages",
        "arms": [
            {"arm": arm, "percent": percent, "decimals": decimals} | size
            for arm, percent in zip(("visit", "usual"), percents, strict=True)
        ],
    }


def finding(direction: str, significance: str, total: int | None = None) -> Mapping:
    """A statement, with the size of both arms or without."""
    piece = {"kind": "finding", "direction": direction, "significance": significance}
    if total is not None:
        sizes = {"name": "reported", "basis": "reported", "source": SOURCE}
        piece["sizes"] = [sizes | {"treated": total, "control": total}]
    return piece


def ratio(measure: str, value: float, standard_error: float) -> Mapping:
    """A ratio with the standard error of its logarithm."""
    return {
        "kind": "estimate",
        "measure": measure,
        "value": value,
        "standard_error": standard_error,
    }


def logit(share: float) -> float:
    """Logarithm of the odds."""
    return math.log(share / (1 - share))
