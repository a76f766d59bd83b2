"""Control probability at which a ratio or a test becomes a log odds ratio."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from livingreview.records.evidence.ranges import Range

if TYPE_CHECKING:
    from livingreview.records.evidence.reported import Reported


@dataclass(frozen=True)
class ControlRisk:
    """Probability of the outcome in the control arm.

    Attributes
    ----------
    possible : Range
        What rounding leaves; a point when it is assumed.
    own : str
        Kind of the effect's own evidence that gives it; empty when it is the protocol's.
    logit_error : float
        Standard error of its logit where it is the effect's own; not a number where assumed.
    """

    probability: float
    possible: Range
    own: str = ""
    logit_error: float = math.nan

    @property
    def logit(self) -> float:
        """Its logit."""
        return math.log(self.probability / (1 - self.probability))

    @property
    def assumption(self) -> str:
        """What is assumed, in words; empty when it was reported."""
        return "" if self.own else f"a control probability of {self.probability:.3g}"

    @property
    def formula(self) -> str:
        """Addition to a formula's name."""
        return f" at the control probability of its own {self.own}" if self.own else ""


def control_risk(pieces: Sequence[Reported], control: str, assumed: float) -> ControlRisk:
    """Control probability from the first of these pieces that tells it, else as assumed."""
    own = (piece.control_risk(control) for piece in pieces)
    return next(filter(None, own), ControlRisk(assumed, Range(assumed, assumed)))


def logit_error(events: float, total: float) -> float:
    """Standard error of the logit of an observed share; half an event is added as there."""
    half = 0.0 if 0 < events < total else 0.5
    return math.sqrt(1 / (events + half) + 1 / (total - events + half))


def observed_share(events: int, total: int) -> float:
    """Share with the event; half an event and half a non-event are added where one is empty."""
    return events / total if 0 < events < total else (events + 0.5) / (total + 1)
