"""An arm is one group of people: what effects of a study say of it must agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from livingreview.base.documents import Location
from livingreview.records.evidence.counts import ArmCounts, Counts
from livingreview.records.study import Study


@dataclass(frozen=True)
class Disagreement:
    """Two tables of counts about one arm.

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
    """Arms of one outcome and follow-up that stand with other counts a second time.

    Counts that one effect has twice are two reports of it, and no mistake in the record: they are
    compared as routes.
    """
    known: dict[tuple[object, ...], tuple[int, Location, ArmCounts]] = {}
    for i, effect in enumerate(study.effects):
        for j, piece in enumerate(effect.evidence):
            for k, arm in enumerate(piece.arms if isinstance(piece, Counts) else []):
                at: Location = ("effects", i, "evidence", j, "arms", k)
                group = (effect.outcome, effect.measure, effect.follow_up_months, arm.arm)
                first_effect, first, counts = known.setdefault(group, (i, at, arm))
                if first_effect != i and (counts.events, counts.total) != (arm.events, arm.total):
                    yield Disagreement(first, at, _words(counts), _words(arm))


def _words(arm: ArmCounts) -> str:
    return f"{arm.events} of {arm.total} in {arm.arm}"
