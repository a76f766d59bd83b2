"""Mean and standard deviation from a median with quartiles, a range, or both."""

from __future__ import annotations

from collections.abc import Sequence


def mean_and_sd(
    n: int,
    median: float,
    quartiles: Sequence[float] | None,
    extremes: Sequence[float] | None,
) -> tuple[float, float]:
    """Mean and standard deviation of a normal sample of n people.

    Means by Luo and others 2018 (Statistical Methods in Medical Research 27, 1785-1805), standard
    deviations by Wan and others 2014 (BMC Medical Research Methodology 14, 135) and, where both
    quartiles and range are given, by Shi and others 2020 (Research Synthesis Methods 11, 641-654).

    Parameters
    ----------
    quartiles, extremes
        First and third quartile; least and greatest value. At least one pair.

    Examples
    --------
    >>> [round(x, 3) for x in mean_and_sd(20, 6, (4, 10), None)]
    [6.72, 4.787]
    """
    of_range = 4 / (4 + n**0.75)
    of_quartiles = 0.7 + 0.39 / n
    range_in_sds = _distance((n - 0.375) / (n + 0.25))
    quartiles_in_sds = _distance((0.75 * n - 0.125) / (n + 0.25))
    if quartiles is None:
        assert extremes is not None
        mean = of_range * sum(extremes) / 2 + (1 - of_range) * median
        return mean, (extremes[1] - extremes[0]) / range_in_sds
    if extremes is None:
        mean = of_quartiles * sum(quartiles) / 2 + (1 - of_quartiles) * median
        return mean, (quartiles[1] - quartiles[0]) / quartiles_in_sds
    of_range, of_quartiles = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
    mean = of_range * sum(extremes) / 2 + of_quartiles * sum(quartiles) / 2
    mean += (1 - of_range - of_quartiles) * median
    weight = 1 / (1 + 0.07 * n**0.6)
    sd = weight * (extremes[1] - extremes[0]) / range_in_sds
    return mean, sd + (1 - weight) * (quartiles[1] - quartiles[0]) / quartiles_in_sds


def _distance(share: float) -> float:
    """Standard deviations between a normal quantile and the one opposite."""
    from scipy.special import ndtri  # slow to import, and a check of records needs none of it

    return 2 * float(ndtri(share))
