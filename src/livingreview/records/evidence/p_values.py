"""From a p value to z, and from the level of an interval to its width in standard errors."""

from __future__ import annotations

import math

from livingreview.records.evidence.ranges import Range, rounding


def z_from_p(p_value: float, exactly: bool = False) -> Range:
    """Absolute z that a two-sided p value leaves possible, its rounding allowed for or not."""
    from scipy.special import ndtri  # slow to import, and a check of records needs none of it

    p = Range(p_value, p_value) if exactly else rounding(p_value)
    low, high = (-float(ndtri(bound / 2)) for bound in (min(p.high, 1 - 1e-12), p.low))
    return Range(low, high)


def width_of_interval(percent: float, degrees: float = math.inf) -> float:
    """Standard errors from end to end of a confidence interval of that many percent.

    By the t distribution with these degrees of freedom; by the normal one where they are infinite.
    """
    from scipy.special import ndtri, stdtrit  # as above

    share = 0.5 + percent / 200
    return 2 * float(ndtri(share) if math.isinf(degrees) else stdtrit(degrees, share))
