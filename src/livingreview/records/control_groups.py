"""A control group is one group of people: what rows of a study say of it must agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from livingreview.base.documents import Location
from livingreview.records.evidence.counts import ArmCounts, Counts
from livingreview.records.study import Study


@dataclass(frozen=True)
class Disagreement:
    """Two tables of counts about one control group.

    Attributes
    ----------
    first, second : tuple
        Locations of what they say of it, in the record.
    first_says, second_says : str
    """

    first: Location
    second: Location
    first_says: str
    second_says: str


def disagreements(study: Study) -> Iterator[Disagreement]:
    """Control groups of one outcome and follow-up that stand with other counts a second time.

    Counts that one effect has twice are two reports of it, and no mistake in the record: they are
    compared as routes.
    """
    known: dict[tuple[object, ...], tuple[int, Location, ArmCounts]] = {}
    for i, effect in enumerate(study.effects):
        group = (effect.outcome, effect.measure, effect.follow_up_months, effect.control)
        for j, piece in enumerate(effect.evidence):
            if not isinstance(piece, Counts):
                continue
            k, arm = next((k, a) for k, a in enumerate(piece.arms) if a.arm == effect.control)
            at: Location = ("effects", i, "evidence", j, "arms", k)
            first_effect, first, counts = known.setdefault(group, (i, at, arm))
            if first_effect != i and (counts.events, counts.total) != (arm.events, arm.total):
                yield Disagreement(first, at, _words(counts), _words(arm))


def _words(arm: ArmCounts) -> str:
    return f"{arm.events} of {arm.total} in {arm.arm}"
