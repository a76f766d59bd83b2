"""What one row reports by itself, before any pooling, as figures show it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

from livingreview.base.rounding import significant
from livingreview.records.evidence.ranges import Range
from livingreview.records.evidence.statements import SIGNIFICANT_Z, z_interval
from livingreview.records.evidence.two_by_two import log_odds_ratio_at, standard_error_at

UNKNOWN_SIZES = "sizes not known"


@dataclass(frozen=True)
class Shown:
    """An effect with its 95% interval, or what a statement allows.

    Attributes
    ----------
    centre, low, high : float
        `centre` is NaN for a statement, whose bounds may be infinite.
    sizes, numbers : str or None
        Group sizes, and reported numbers in words; without words, the effect itself is reported.
    """

    centre: float
    low: float
    high: float
    sizes: str | None = None
    numbers: str | None = None

    @classmethod
    def normal(cls, centre: float, error: float, numbers: str | None = None) -> Self:
        """An estimate with its 95% interval."""
        reach = SIGNIFICANT_Z * error
        return cls(centre, centre - reach, centre + reach, numbers=numbers)

    @classmethod
    def without_error(cls, centre: float, n: tuple[float, float]) -> Self:
        """An odds ratio without an interval, as no source gives one; sizes may be NaN."""
        numbers = f"odds ratio {significant(math.exp(centre))}"
        return cls(centre, centre, centre, people(n), numbers)

    @classmethod
    def statement(cls, z: Range, n: tuple[float, float], share: float) -> Self:
        """The log odds ratios at the bounds of z, in groups of n at a control share."""
        low, high = (log_odds_ratio_at(bound, *n, share) for bound in (z.low, z.high))
        return cls(math.nan, low, high, people(n))

    @classmethod
    def of_z(cls, z: float, n: tuple[float, float], share: float, numbers: str) -> Self:
        """The log odds ratio that gives z; else as the statement that z amounts to."""
        centre = log_odds_ratio_at(z, *n, share)
        if math.isfinite(centre):
            shown = cls.normal(centre, standard_error_at(centre, *n, share))
            return cls(shown.centre, shown.low, shown.high, people(n), numbers)
        direction = "increase" if z > 0 else "decrease"
        significance = "significant" if abs(z) > SIGNIFICANT_Z else "not_significant"
        stated = z_interval(direction, significance)
        assert stated is not None
        shown = cls.statement(stated, n, share)
        return cls(math.nan, shown.low, shown.high, shown.sizes, numbers)


def people(n: tuple[float, float]) -> str:
    """Sizes of both arms; halves of an odd total, and shares of one, stay whole and as many."""
    if any(map(math.isnan, n)):
        return UNKNOWN_SIZES
    return f"{math.ceil(n[0])} + {math.floor(n[1])}"
