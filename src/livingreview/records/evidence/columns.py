"""Marks on a field of evidence that say how spreadsheets hold it, where its type does not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ends:
    """Two numbers that stand in a column each, under these names."""

    low: str
    high: str


@dataclass(frozen=True)
class OrWithout:
    """A whole that may be given by its other part: people without the event, beside the events."""

    part: str
    rest: str


@dataclass(frozen=True)
class DecimalsOf:
    """Decimals of another field's number; where no column gives them, as they stand in its cell."""

    field: str


@dataclass(frozen=True)
class OnlyWith:
    """Read only in rows that give another field."""

    field: str


@dataclass(frozen=True)
class InPercent:
    """A number that may have a percent sign."""


@dataclass(frozen=True)
class InWords:
    """Given, along with the other fields marked so, by the wording in one column `statement`."""
