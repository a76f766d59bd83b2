"""Events over time in two arms: the log rate ratio, and the z of the usual tests."""

from __future__ import annotations

import math
from dataclasses import dataclass

from livingreview.records.evidence.comparison import Comparison
from livingreview.records.evidence.ranges import Range
from livingreview.records.evidence.route import Term


@dataclass(frozen=True)
class Rate:
    """Events in one arm, and the person-time or people that they are counted over.

    Attributes
    ----------
    shape : float
        Negative binomial size of the arm's total; infinite for Poisson.
    """

    events: float
    total: float
    shape: float = math.inf


def log_rate_ratio(treated: Rate, control: Rate) -> tuple[float, float]:
    """Log rate ratio and its standard error.

    The variance of a log rate is 1/events + 1/shape. Half an event is added in both arms
    where one has none. Used where one normal number is needed; the likelihood is exact.
    """
    half = 0.5 if 0 in (treated.events, control.events) else 0.0
    a, c = treated.events + half, control.events + half
    variance = 1 / a + 1 / treated.shape + 1 / c + 1 / control.shape
    return math.log(a / treated.total) - math.log(c / control.total), math.sqrt(variance)


def z_of_usual_tests(treated: Rate, control: Rate) -> tuple[float, ...]:
    """Z by the tests that a study may have made: of the log rate ratio, and of the difference.

    The latter with one variance for both arms, and with each arm's own.
    """
    value, error = log_rate_ratio(treated, control)
    difference = treated.events / treated.total - control.events / control.total
    common = (treated.events + control.events) / (treated.total + control.total)
    pooled = [
        common * arm.total * (1 + common * arm.total / arm.shape) for arm in (treated, control)
    ]
    own = [arm.events * (1 + arm.events / arm.shape) for arm in (treated, control)]
    tests = [value / error]
    for variances in (pooled, own):
        variance = variances[0] / treated.total**2 + variances[1] / control.total**2
        tests.append(difference / math.sqrt(variance) if variance > 0 else 0.0)
    return tuple(tests)


def poisson_terms(comparison: Comparison, treated: Rate, control: Rate) -> tuple[Term, Term]:
    """Rows of both arms, the control first; effective where clustered."""
    factor = comparison.clusters.design_effect
    first, second = (
        Term(
            "poisson",
            arm=name,
            events=arm.events / factor,
            total=arm.total / factor,
            shape=math.nan if math.isinf(arm.shape) else arm.shape / factor,
        )
        for name, arm in ((comparison.control, control), (comparison.treated, treated))
    )
    return first, second


def reported_ranges(tables: list[tuple[Rate, Rate]]) -> tuple[Range, Range, Range]:
    """Log rate ratios, standard errors and z that some possible tables span."""
    values, errors = zip(*(log_rate_ratio(*table) for table in tables), strict=True)
    z = [x for table in tables for x in z_of_usual_tests(*table)]
    return Range.spanning(values), Range.spanning(errors), Range.spanning(z)
