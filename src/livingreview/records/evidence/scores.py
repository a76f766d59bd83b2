"""From means of a score in two arms to θ: Hedges' g as log odds ratio, or the difference itself."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import Literal

from livingreview.records.evidence.comparison import Comparison
from livingreview.records.evidence.ranges import Range
from livingreview.records.evidence.route import Route, Term, join_assumptions
from livingreview.records.evidence.smd import LOGISTIC, SMD_TO_LOG_ODDS, hedges_g, z_from_t


@dataclass(frozen=True)
class Spread:
    """A standard deviation as printed or worked out, and what rounding leaves for it."""

    sd: float
    possible: Range


@dataclass(frozen=True)
class Score:
    """A score in one arm.

    Attributes
    ----------
    mean : float
        What is compared: the mean, or its change.
    possible : Range
        What rounding leaves for it.
    of_people : Spread
        Of the score among people, the unit of a standardised difference.
    of_mean : Spread
        Of what is averaged: the same, or that of the changes.
    total : int
    """

    mean: float
    possible: Range
    of_people: Spread
    of_mean: Spread
    total: int


Arms = tuple[Score, Score]


def route_of_scores(
    i: int,
    kind: str,
    alternative: str,
    arms: Arms,
    comparison: Comparison,
    source: str,
    assumption: str = "",
) -> Route:
    """Route from the scores of the treated and the control arm.

    Parameters
    ----------
    source : str
        What the scores were worked out from, for the formula's name.
    assumption : str
        What that assumes.
    """
    clusters = comparison.clusters
    treated, control = arms
    n = (treated.total, control.total)
    differences = [a - b for a, b in product(_ends(treated.possible), _ends(control.possible))]
    difference = treated.mean - control.mean
    means_sd, means_sds = _pooled(n, treated.of_mean, control.of_mean)
    root = math.sqrt(1 / n[0] + 1 / n[1]) * clusters.inflation
    t = [difference / means_sd, *_ends(_quotients(differences, means_sds))]
    z_printed, *z = (z_from_t(x / root, sum(n) - 2) for x in t)
    if comparison.assumed.measure == "mean_difference":
        law = _mean_difference(arms, differences)
    else:
        law = _standardised(arms, differences, means_sd, means_sds)
    error = law.error * clusters.inflation
    return Route(
        piece=i,
        kind=kind,
        alternative=alternative,
        terms=(Term("normal", value=law.value, standard_error=error),),
        assumption=join_assumptions(law.assumption, assumption, clusters.assumption),
        formula=f"{law.name} from {source}",
        value=law.value,
        error=error,
        possible=law.possible,
        standard_error=law.possible_error.times(clusters.inflation),
        z=Range.spanning(z),
        z_printed=z_printed,
        scale=law.scale,
        clustering=clusters.state,
    )


@dataclass(frozen=True)
class _Law:
    """A normal value with its standard error, clusters aside."""

    name: str
    scale: Literal["smd", "difference"]
    value: float
    error: float
    possible: Range
    possible_error: Range
    assumption: str = ""


def _standardised(
    arms: Arms, differences: list[float], means_sd: float, means_sds: list[float]
) -> _Law:
    """Hedges' g on the log odds ratio scale.

    `means_sd` is the pooled standard deviation of what is averaged, `means_sds` what rounding
    leaves for it.
    """
    treated, control = arms
    n = (treated.total, control.total)
    sd, sds = _pooled(n, treated.of_people, control.of_people)
    # Of the variance of a mean score, in units of that of the score among people.
    ratio, *ratios = ((a / b) ** 2 for a, b in ((means_sd, sd), *zip(means_sds, sds, strict=True)))
    g, error = hedges_g((treated.mean - control.mean) / sd, *n, ratio)
    possible = _quotients(differences, sds)
    bounds = [hedges_g(x, *n)[0] for x in _ends(possible)]
    # The standard error is least at g = 0 and grows to either side.
    closest = 0.0 if possible.low < 0 < possible.high else min(map(abs, _ends(possible)))
    errors = [hedges_g(x, *n, r)[1] for x in (closest, *_ends(possible)) for r in {ratio, *ratios}]
    return _Law(
        "Hedges g",
        "smd",
        g * SMD_TO_LOG_ODDS,
        error * SMD_TO_LOG_ODDS,
        Range.spanning(y * SMD_TO_LOG_ODDS for y in bounds),
        Range.spanning(e * SMD_TO_LOG_ODDS for e in errors),
        LOGISTIC,
    )


def _mean_difference(arms: Arms, differences: list[float]) -> _Law:
    """The difference of two means, each with its own standard deviation."""
    ends = [_ends(arm.of_mean.possible) for arm in arms]
    error, *errors = (
        math.sqrt(sum(sd**2 / arm.total for sd, arm in zip(sds, arms, strict=True)))
        for sds in ([arm.of_mean.sd for arm in arms], *product(*ends))
    )
    value = arms[0].mean - arms[1].mean
    possible = Range.spanning(differences)
    return _Law("mean difference", "difference", value, error, possible, Range.spanning(errors))


def _pooled(n: tuple[int, int], treated: Spread, control: Spread) -> tuple[float, list[float]]:
    """Pooled standard deviation within two arms, and what rounding leaves for it."""
    ends = product(_ends(treated.possible), _ends(control.possible))
    # A standard deviation printed as its own rounding error may have been anything down to 0.
    possible = [max(pooled_sd(n, (max(a, 0.0), max(b, 0.0))), 1e-12) for a, b in ends]
    return pooled_sd(n, (treated.sd, control.sd)), possible


def pooled_sd(n: tuple[int, int], sds: tuple[float, float]) -> float:
    """Pooled standard deviation within two arms, from their sizes and standard deviations."""
    degrees = [people - 1 for people in n]
    squares = sum(d * sd**2 for d, sd in zip(degrees, sds, strict=True))
    return math.sqrt(squares / sum(degrees))


def _quotients(differences: list[float], sds: list[float]) -> Range:
    return Range.spanning(difference / sd for difference, sd in product(differences, sds))


def _ends(possible: Range) -> tuple[float, float]:
    return possible.low, possible.high
