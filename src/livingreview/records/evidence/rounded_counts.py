"""Counts that a rounded percentage or mean leaves possible."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from pydantic import Field

from livingreview.base.validation import field_error
from livingreview.records.evidence.route import AS_REPORTED

MOST_DECIMALS = 6
Decimals = Annotated[int, Field(ge=0, le=MOST_DECIMALS, description="Decimals as printed.")]


def as_many_as_shown(decimals: int, field: str, printed: float) -> int:
    """The decimals that a number in a field beside was printed with; not fewer than it has."""
    least = -int(Decimal(repr(printed)).normalize().as_tuple().exponent)
    if least > MOST_DECIMALS:
        allowed = f"a number as printed, with at most {MOST_DECIMALS} decimals"
        raise field_error((field,), printed, allowed, beside=True)
    if decimals < least:
        raise field_error((), decimals, f"at least {least}, the decimals of {printed}")
    return decimals


@dataclass(frozen=True)
class Possible:
    """Counts that are printed as one percentage, or one mean, of one group.

    Attributes
    ----------
    lowest, highest, nearest : int
        All whole numbers between the first two, ends included, fit; the last is the
        one nearest to the number as printed.
    total : int
    """

    lowest: int
    highest: int
    nearest: int
    total: int

    @property
    def turning(self) -> set[int]:
        """Counts among which the log odds ratio, its error and z take their extremes."""
        middle = min(max(self.total // 2, self.lowest), self.highest)
        beside = {min(self.lowest + 1, self.highest), max(self.highest - 1, self.lowest)}
        return {self.lowest, self.highest, middle} | beside


def alternatives(treated: Possible, control: Possible) -> dict[str, tuple[int, int]]:
    """Counts of both arms: the likeliest, and those of the lowest and the highest ratio."""
    # ASSUME: of the counts that fit a rounded number, the nearest was observed.
    events = {
        "nearest": (treated.nearest, control.nearest),
        "lowest": (treated.lowest, control.highest),
        "highest": (treated.highest, control.lowest),
    }
    return events if len(set(events.values())) > 1 else {AS_REPORTED: events["nearest"]}


def chosen_in_words(
    arms: Sequence[str],
    possible: Sequence[Possible],
    counts: Sequence[int],
    unit: str,
    printed: str,
) -> list[str]:
    """The count that was taken in each arm where several fit what was printed."""
    return [
        f"{count} {unit} in {arm} ({p.lowest} to {p.highest} fit the {printed})"
        for arm, p, count in zip(arms, possible, counts, strict=True)
        if p.lowest < p.highest
    ]


def possible_counts(
    printed: float, decimals: int, total: int, per: int = 1, most: float = math.inf
) -> Possible | None:
    """Counts e with |per e / total - printed| at most half a unit of the last printed decimal.

    None when no whole number up to `most` fits, so that number and total contradict.

    Examples
    --------
    >>> possible_counts(33.3, 1, 12, per=100)
    Possible(lowest=4, highest=4, nearest=4, total=12)
    """
    # Fractions, so that a count on the very edge is not lost to binary rounding.
    centre = Fraction(repr(printed)) * total / per
    half = Fraction(1, 2 * 10**decimals) * total / per
    lowest, highest = max(math.ceil(centre - half), 0), int(min(math.floor(centre + half), most))
    if lowest > highest:
        return None
    return Possible(lowest, highest, min(max(round(centre), lowest), highest), total)
