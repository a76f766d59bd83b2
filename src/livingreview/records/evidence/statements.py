"""The interval for a study's z that a statement of direction and significance names."""

from __future__ import annotations

import math

from livingreview.records.evidence.ranges import Range

# Two-sided 5%: what "significant" means in the studies reviewed.
# ASSUME: a statement of significance without a level refers to 5%, two-sided.
SIGNIFICANT_Z = 1.96


def z_interval(direction: str, significance: str) -> Range | None:
    """Interval for the study's z that a statement names; None when it names none.

    Examples
    --------
    >>> z_interval("increase", "not_significant")
    Range(low=0.0, high=1.96)
    """
    signed = {
        ("increase", "significant"): Range(SIGNIFICANT_Z, math.inf),
        ("decrease", "significant"): Range(-math.inf, -SIGNIFICANT_Z),
        ("increase", "not_significant"): Range(0.0, SIGNIFICANT_Z),
        ("decrease", "not_significant"): Range(-SIGNIFICANT_Z, 0.0),
        ("none", "not_significant"): Range(-SIGNIFICANT_Z, SIGNIFICANT_Z),
        ("unclear", "not_significant"): Range(-SIGNIFICANT_Z, SIGNIFICANT_Z),
        ("increase", "not_stated"): Range(0.0, math.inf),
        ("decrease", "not_stated"): Range(-math.inf, 0.0),
    }
    return signed.get((direction, significance))
