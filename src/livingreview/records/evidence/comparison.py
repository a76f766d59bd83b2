"""What a piece of evidence is read with: the comparison that its effect makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from livingreview.protocol.outcomes import Assumed
from livingreview.records.evidence.baselines import ControlRisk
from livingreview.records.evidence.clusters import Clustering
from livingreview.records.evidence.route import Route


class Arm(Protocol):
    """Part of a piece of evidence that is about one arm."""

    @property
    def arm(self) -> str:
        """Name of the arm."""


@dataclass(frozen=True)
class Comparison:
    """Two arms, and what is known or assumed about them beside a piece of evidence.

    Attributes
    ----------
    treated, control : str
        Names of the arms.
    risk : ControlRisk
        Probability of the outcome in the control arm.
    clusters : Clustering
        How the piece allows for clusters.
    assumed : Assumed
        What the protocol assumes of the outcome's studies.
    statements : tuple of Route
        Routes of the first statement of significance about the same effect.
    """

    treated: str
    control: str
    risk: ControlRisk
    clusters: Clustering
    assumed: Assumed
    statements: tuple[Route, ...] = ()

    def pair[Part: Arm](self, arms: Sequence[Part]) -> tuple[Part, Part]:
        """Of the parts about each arm, those about the treated and the control arm."""
        by_arm = {part.arm: part for part in arms}
        return by_arm[self.treated], by_arm[self.control]
