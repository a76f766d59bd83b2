"""Control probability at which a ratio or a test becomes a log odds ratio."""

from __future__ import annotations

from dataclasses import dataclass

from livingreview.records.evidence.percentages import possible_counts
from livingreview.records.evidence.ranges import Range
from livingreview.records.evidence.reported import Counts, Percentages
from livingreview.records.study import Effect


@dataclass(frozen=True)
class ControlRisk:
    """Probability of the outcome in the control arm.

    Attributes
    ----------
    possible : Range
        What rounding leaves; a point when it is assumed.
    own : str
        Kind of the effect's own evidence that gives it; empty when it is the protocol's.
    """

    probability: float
    possible: Range
    own: str = ""

    @property
    def assumption(self) -> str:
        """What is assumed, in words; empty when it was reported."""
        return "" if self.own else f"a control probability of {self.probability:.3g}"

    @property
    def formula(self) -> str:
        """Addition to a formula's name."""
        return f" at the control probability of its own {self.own}" if self.own else ""


def control_risk(effect: Effect, assumed: float) -> ControlRisk:
    """Control probability from the effect's own counts, else its percentages, else as assumed."""
    evidence, own = effect.evidence, list[ControlRisk | None]()
    own += [_from_counts(piece, effect) for piece in evidence if piece.kind == "counts"]
    own += [_from_percentages(piece, effect) for piece in evidence if piece.kind == "percentages"]
    return next(filter(None, own), ControlRisk(assumed, Range(assumed, assumed)))


def _from_counts(piece: Counts, effect: Effect) -> ControlRisk:
    arm = next(arm for arm in piece.arms if arm.arm == effect.control)
    p = _share(arm.events, arm.total)
    return ControlRisk(p, Range(p, p), piece.kind)


def _from_percentages(piece: Percentages, effect: Effect) -> ControlRisk | None:
    arm = next(arm for arm in piece.arms if arm.arm == effect.control)
    possible = possible_counts(arm)
    if possible is not None:
        nearest, *ends = (
            _share(events, arm.total or 0)
            for events in (possible.nearest, possible.lowest, possible.highest)
        )
        return ControlRisk(nearest, Range.spanning(ends), piece.kind)
    half = 0.5 * 10.0**-arm.decimals
    # A rounded 0% or 100% of an unknown number of people leaves the odds unbounded.
    if arm.total is not None or not half < arm.percent < 100 - half:
        return None
    ends = [(arm.percent - half) / 100, (arm.percent + half) / 100]
    return ControlRisk(arm.percent / 100, Range.spanning(ends), piece.kind)


def _share(events: int, total: int) -> float:
    """Share with the event; half an event and half a non-event are added where one is empty."""
    return events / total if 0 < events < total else (events + 0.5) / (total + 1)
