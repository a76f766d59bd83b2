"""Routes from the statistic or the p value of a significance test."""

from __future__ import annotations

import math
from itertools import product

from livingreview.records.evidence.baselines import ControlRisk
from livingreview.records.evidence.clusters import Clustering
from livingreview.records.evidence.estimates import z_from_p
from livingreview.records.evidence.ranges import Range, rounding
from livingreview.records.evidence.reported import Test
from livingreview.records.evidence.route import Route, Term, join_assumptions
from livingreview.records.evidence.smd import LOGISTIC, SMD_TO_LOG_ODDS, hedges_g, z_from_t
from livingreview.records.evidence.splits import Split, splits
from livingreview.records.evidence.two_by_two import (
    log_odds_ratio_at,
    log_odds_ratio_at_pooled_z,
    standard_error_at,
)

# Shortest interval of z: the likelihood is flat over it, and its probability still has digits.
NARROWEST = 1e-6


def routes_of_test(i: int, piece: Test, control: ControlRisk, clusters: Clustering) -> list[Route]:
    """One route for each reported pair of sizes and each split of an unknown one."""
    if piece.statistic in ("t", "f"):
        return [_route_of_means(i, piece, split, clusters) for split in splits(piece.sizes)]
    return [
        _route_of_proportions(i, piece, split, control, clusters) for split in splits(piece.sizes)
    ]


def _signed(piece: Test) -> tuple[float, Range]:
    """Signed z or t as printed, and what rounding leaves for it."""
    if piece.statistic == "p":
        possible = z_from_p(piece.value)
        size = z_from_p(piece.value, exactly=True).low
    else:
        rounded = rounding(piece.value)
        squared = piece.statistic in ("chi_squared", "f")
        low, high = max(rounded.low, 0.0), rounded.high
        possible = Range(math.sqrt(low), math.sqrt(high)) if squared else Range(low, high)
        size = math.sqrt(piece.value) if squared else piece.value
    sign = 1 if piece.direction == "increase" else -1
    return sign * size, possible.times(sign)


def _route_of_means(i: int, piece: Test, split: Split, clusters: Clustering) -> Route:
    """T or F(1, df) of a difference of means: Hedges' g."""
    n = (split.n_treated, split.n_control)
    degrees = sum(n) - 2
    if degrees <= 1:
        reason = f"{sum(n):g} people are too few for a standardised mean difference"
        return Route(i, "test", split.alternative, reason=reason, sizes=split.sizes)
    t, possible = _signed(piece)
    # √(1/n₁ + 1/n₀) at the effective sizes, times t as if people had been independent there.
    root = math.sqrt((1 / n[0] + 1 / n[1]) * clusters.design_effect) / clusters.inflation
    spread = math.sqrt(clusters.design_effect) * SMD_TO_LOG_ODDS
    g, error = hedges_g(t * root, *n)
    bounds = [hedges_g(x * root, *n) for x in (possible.low, possible.high)]
    values = Range.spanning(y * SMD_TO_LOG_ODDS for y, _ in bounds)
    z_printed, *z = (
        z_from_t(x / clusters.inflation, degrees) for x in (t, possible.low, possible.high)
    )
    name = "t" if piece.statistic == "t" else "F(1, df)"
    return Route(
        piece=i,
        kind="test",
        alternative=split.alternative,
        terms=(Term("normal", value=g * SMD_TO_LOG_ODDS, standard_error=error * spread),),
        assumption=join_assumptions(LOGISTIC, split.assumption, clusters.assumption),
        formula=f"Hedges g from {name}",
        value=g * SMD_TO_LOG_ODDS,
        error=error * spread,
        log_odds_ratio=values.side() if split.assumed else values,
        standard_error=None if split.assumed else Range.spanning(e * spread for _, e in bounds),
        z=Range.spanning(z),
        z_printed=z_printed,
        scale="smd",
        clustering=clusters.state,
        sizes=split.sizes,
    )


def _route_of_proportions(
    i: int, piece: Test, split: Split, control: ControlRisk, clusters: Clustering
) -> Route:
    """Z, chi-squared or p of two proportions.

    At the effect's own control probability, the θ at which θ / SE(θ) is z. Without one, z
    itself: an interval as narrow as its rounding, whose control probability is uncertain.
    """
    n = (split.n_treated / clusters.design_effect, split.n_control / clusters.design_effect)
    printed, rounded = _signed(piece)
    z, possible = printed / clusters.inflation, rounded.times(1 / clusters.inflation)
    # ASSUME: a test of two proportions tested the log odds ratio.
    value = log_odds_ratio_at(z, *n, control.probability)
    reached = math.isfinite(value)
    error = standard_error_at(value, *n, control.probability) if reached else math.nan
    values = _possible_log_odds(possible, n, control)
    name = {"z": "z", "chi_squared": "chi-squared", "p": "p"}[piece.statistic]
    at_own = bool(control.own) and reached
    if at_own:
        term = Term("normal", value=value, standard_error=error)
        formula = f"log odds ratio from {name} of two proportions{control.formula}"
    else:
        term = _interval_term(possible, *n)
        formula = f"interval of z from {name} of two proportions"
    return Route(
        piece=i,
        kind="test",
        alternative=split.alternative,
        terms=(term,),
        assumption=join_assumptions(
            "" if at_own else _control_assumed(control, z), split.assumption, clusters.assumption
        ),
        formula=formula,
        value=value if reached else None,
        error=error if reached else None,
        log_odds_ratio=values if at_own and not split.assumed else values.side(),
        z=possible,
        z_printed=z,
        converted=True,
        clustering=clusters.state,
        sizes=split.sizes,
    )


def _possible_log_odds(possible: Range, n: tuple[float, float], control: ControlRisk) -> Range:
    """Log odds ratios that give a possible z by any usual test; sources seldom name theirs."""
    bounds = (possible.low, possible.high), (control.possible.low, control.possible.high)
    return Range.spanning(
        value
        for z, p in product(*bounds)
        for value in (
            log_odds_ratio_at(z, *n, p),
            log_odds_ratio_at_pooled_z(z, *n, p),
            log_odds_ratio_at_pooled_z(z, *n, p, yates=True),
        )
    )


def _control_assumed(control: ControlRisk, z: float) -> str:
    """What an interval of z assumes of the control probability, in words."""
    if not control.own:
        return f"a control probability around {control.probability:.3g}"
    # ASSUME: where no odds ratio gives z at the reported control probability, the test was made
    # at another control probability.
    return (
        f"a control probability unlike the reported {control.probability:.3g},"
        f" at which no odds ratio gives z {z:.3g}"
    )


def _interval_term(possible: Range, n_treated: float, n_control: float) -> Term:
    """Z somewhere in what its rounding leaves."""
    middle = (possible.low + possible.high) / 2
    half = max(possible.high - possible.low, NARROWEST) / 2
    return Term(
        "interval",
        z_low=middle - half,
        z_high=middle + half,
        n_treated=n_treated,
        n_control=n_control,
    )
