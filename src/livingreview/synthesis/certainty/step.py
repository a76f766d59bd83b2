"""A rule of a domain applied: the number it looked at, the decision, and how far that stands."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal, Self

from livingreview.protocol.certainty import CertaintyLimit
from livingreview.protocol.review import Protocol
from livingreview.synthesis.certainty.body import Body

Worse = Literal["above", "below"]


@dataclass(frozen=True)
class Step:
    """One rule applied to one body of evidence.

    Attributes
    ----------
    rule : str
        Name of its limit in the protocol; with what it is about, where a limit serves several.
    looked_at : str
        What the number is, in words.
    number : float
        NaN where the rule could not be applied.
    style : str
        How the number and its limits are rounded where they are printed.
    one_step, two_steps : float
        Limits; NaN where there is none.
    worse : {"above", "below"}
        On which side of a limit the certainty is lowered.
    steps : int
        By which the rule alone lowers the certainty.
    distance : float
        By which the number is away from the nearest limit at which the decision changes.
    distance_style : str
        How that is rounded.
    flips_to : int or None
        Steps beyond that limit.
    note : str
        Why the rule could not be applied, or what was assumed.
    """

    rule: str
    looked_at: str
    number: float
    style: str
    one_step: float
    two_steps: float
    worse: Worse
    steps: int
    distance: float
    distance_style: str
    flips_to: int | None
    note: str = ""

    @classmethod
    def by_limits(
        cls,
        rule: str,
        looked_at: str,
        number: float,
        style: str,
        limit: CertaintyLimit,
        worse: Worse,
        note: str = "",
    ) -> Self:
        """Decide by the limits: a number at a limit does not lower the certainty."""
        second = math.nan if limit.two_steps is None else limit.two_steps
        limits = [at for at in (limit.one_step, second) if not math.isnan(at)]
        if math.isnan(number):
            steps, distance, flips_to = 0, math.nan, None
        else:
            passed = [number > at if worse == "above" else number < at for at in limits]
            steps = sum(passed)
            nearest = min(range(len(limits)), key=lambda i: abs(number - limits[i]))
            distance = abs(number - limits[nearest])
            flips_to = nearest if passed[nearest] else nearest + 1
        return cls(
            rule=rule,
            looked_at=looked_at,
            number=number,
            style=style,
            one_step=limit.one_step,
            two_steps=second,
            worse=worse,
            steps=steps,
            distance=distance,
            distance_style=style,
            flips_to=flips_to,
            note=note,
        )


@dataclass(frozen=True)
class Domain(ABC):
    """A domain: its rules, of which the one that lowers most decides."""

    protocol: Protocol
    name: ClassVar[str]
    label: ClassVar[str]

    @abstractmethod
    def steps(self, body: Body) -> Iterator[Step]:
        """Apply the rules of the domain."""

    def lowered(self, steps: list[Step]) -> int:
        """Steps by which the domain lowers the certainty: two views of one fault count once."""
        return max((step.steps for step in steps), default=0)
