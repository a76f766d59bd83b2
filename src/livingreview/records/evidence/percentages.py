"""Percentages and group sizes by arm: the counts that the rounding leaves possible."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from livingreview.records.evidence.clusters import Clustering
from livingreview.records.evidence.counts import binomial_terms
from livingreview.records.evidence.ranges import Range
from livingreview.records.evidence.reported import ArmPercent, Percentages
from livingreview.records.evidence.route import AS_REPORTED, Route, join_assumptions
from livingreview.records.evidence.two_by_two import log_odds_ratio, z_of_usual_tests
from livingreview.records.study import Effect


@dataclass(frozen=True)
class Possible:
    """Event counts that are printed as one percentage of one group.

    Attributes
    ----------
    lowest, highest, nearest : int
        All whole numbers between the first two, ends included, fit; the last is the
        one nearest to the percentage of the total.
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


def possible_events(percent: float, decimals: int, total: int) -> Possible | None:
    """Counts e with |100 e / total - percent| at most half a unit of the last printed decimal.

    None when no whole number fits, so that percentage and total contradict.

    Examples
    --------
    >>> possible_events(33.3, 1, 12)
    Possible(lowest=4, highest=4, nearest=4, total=12)
    """
    # Fractions, so that a count on the very edge is not lost to binary rounding.
    centre = Fraction(repr(percent)) * total / 100
    half = Fraction(1, 2 * 10**decimals) * total / 100
    lowest, highest = max(math.ceil(centre - half), 0), min(math.floor(centre + half), total)
    if lowest > highest:
        return None
    return Possible(lowest, highest, min(max(round(centre), lowest), highest), total)


def possible_counts(arm: ArmPercent) -> Possible | None:
    """Counts that fit an arm; None when it has no total or none fits."""
    if arm.total is None:
        return None
    return possible_events(arm.percent, arm.decimals, arm.total)


def routes_of_percentages(
    i: int, piece: Percentages, effect: Effect, clusters: Clustering
) -> list[Route]:
    """Exact counts where one count fits in each arm; else the nearest, the lowest, the highest."""
    by_arm = {arm.arm: arm for arm in piece.arms}
    arms = [by_arm[effect.treated], by_arm[effect.control]]
    possible: list[Possible] = []
    for arm in arms:
        counts = possible_counts(arm)
        if counts is None:
            return [Route(i, "percentages", AS_REPORTED, reason=_why_none(arm))]
        possible.append(counts)
    treated, control = possible
    tables = [
        (a, treated.total, c, control.total) for a, c in product(treated.turning, control.turning)
    ]
    values, errors = zip(*(log_odds_ratio(*table) for table in tables), strict=True)
    z = Range.spanning(x for table in tables for x in z_of_usual_tests(*table))
    routes = []
    for name, (a, c) in _alternatives(treated, control).items():
        table = (a, treated.total, c, control.total)
        value, error = log_odds_ratio(*table)
        error *= clusters.inflation
        rounded = [
            f"{events} events in {arm.arm} ({p.lowest} to {p.highest} fit the percentage)"
            for arm, p, events in zip(arms, possible, (a, c), strict=True)
            if p.lowest < p.highest
        ]
        routes.append(
            Route(
                piece=i,
                kind="percentages",
                alternative=name,
                terms=binomial_terms(effect, table, clusters),
                assumption=join_assumptions(*rounded, clusters.assumption),
                formula="binomial, events from percentages",
                value=value,
                error=error,
                log_odds_ratio=Range.spanning(values),
                standard_error=Range.spanning(errors).times(clusters.inflation),
                z=z.times(1 / clusters.inflation),
                z_printed=value / error,
                clustering=clusters.state,
            )
        )
    return routes


def _alternatives(treated: Possible, control: Possible) -> dict[str, tuple[int, int]]:
    """Events of both arms: the likeliest, and those of the lowest and highest odds ratio."""
    # ASSUME: of the counts that fit a rounded percentage, the nearest was observed.
    events = {
        "nearest": (treated.nearest, control.nearest),
        "lowest": (treated.lowest, control.highest),
        "highest": (treated.highest, control.lowest),
    }
    return events if len(set(events.values())) > 1 else {AS_REPORTED: events["nearest"]}


def _why_none(arm: ArmPercent) -> str:
    percent = f"{arm.percent:.{arm.decimals}f}%"
    if arm.total is None:
        return f"a percentage without its total ({percent} in {arm.arm})"
    return f"no whole number of {arm.total} people is {percent} ({arm.arm})"
