"""What a rounded report leaves possible."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Range:
    """Values that a rounded report leaves possible."""

    low: float
    high: float

    @classmethod
    def spanning(cls, values: Iterable[float]) -> Range:
        """Smallest range that holds all values."""
        values = tuple(values)
        return cls(min(values), max(values))

    def apart_from(self, other: Range) -> bool:
        """Whether the two have no value in common."""
        return self.high < other.low or other.high < self.low

    def times(self, factor: float) -> Range:
        """All values multiplied; a negative factor turns the ends round."""
        return Range.spanning((self.low * factor, self.high * factor))

    def outward(self) -> Range:
        """These values and all further from 0 on the same side; all values when 0 is among them."""
        low = self.low if self.low > 0 else -math.inf
        high = self.high if self.high < 0 else math.inf
        return Range(low, high)

    def side(self) -> Range:
        """All values of the same sign; all values when 0 is among them."""
        return Range(0.0 if self.low > 0 else -math.inf, 0.0 if self.high < 0 else math.inf)

    def __str__(self) -> str:
        if self.low == self.high:
            return f"{self.low:.3g}"
        return f"{self.low:.3g} to {self.high:.3g}"


def rounding(value: float) -> Range:
    """Values that are printed as `value` with the decimals that it shows.

    A trailing zero is not known any more (2.0 reads as 2), so it counts for nothing.
    """
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    half = 0.5 * 10.0 ** min(exponent, 0)
    return Range(value - half, value + half)
