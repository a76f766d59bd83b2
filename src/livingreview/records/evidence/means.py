"""Means and standard deviations by arm: Hedges' g, on the log odds ratio scale."""

from __future__ import annotations

import math
from itertools import product

from livingreview.records.evidence.clusters import Clustering
from livingreview.records.evidence.ranges import Range, rounding
from livingreview.records.evidence.reported import ArmMean, Means
from livingreview.records.evidence.route import AS_REPORTED, Route, Term, join_assumptions
from livingreview.records.evidence.smd import LOGISTIC, SMD_TO_LOG_ODDS, hedges_g, z_from_t
from livingreview.records.study import Effect


def routes_of_means(i: int, piece: Means, effect: Effect, clusters: Clustering) -> list[Route]:
    """The one route from means."""
    by_arm = {arm.arm: arm for arm in piece.arms}
    treated, control = by_arm[effect.treated], by_arm[effect.control]
    n = (treated.total, control.total)
    factor = SMD_TO_LOG_ODDS * clusters.inflation
    d = (treated.mean - control.mean) / pooled_sd(treated, control, treated.sd, control.sd)
    g, error = hedges_g(d, *n)
    possible = _possible_d(treated, control)
    bounds = [hedges_g(x, *n) for x in (possible.low, possible.high)]
    # The standard error is least at g = 0 and grows to either side.
    closest = 0.0 if possible.low < 0 < possible.high else min(map(abs, _ends(possible)))
    errors = [hedges_g(closest, *n)[1], *(e for _, e in bounds)]
    root = math.sqrt(1 / n[0] + 1 / n[1]) * clusters.inflation
    z_printed, *z = (z_from_t(x / root, sum(n) - 2) for x in (d, *_ends(possible)))
    return [
        Route(
            piece=i,
            kind="means",
            alternative=AS_REPORTED,
            terms=(
                Term(
                    "normal",
                    value=g * SMD_TO_LOG_ODDS,
                    standard_error=error * factor,
                ),
            ),
            assumption=join_assumptions(LOGISTIC, clusters.assumption),
            formula="Hedges g from means",
            value=g * SMD_TO_LOG_ODDS,
            error=error * factor,
            log_odds_ratio=Range.spanning(y * SMD_TO_LOG_ODDS for y, _ in bounds),
            standard_error=Range.spanning(e * factor for e in errors),
            z=Range.spanning(z),
            z_printed=z_printed,
            scale="smd",
            clustering=clusters.state,
        )
    ]


def pooled_sd(treated: ArmMean, control: ArmMean, sd_treated: float, sd_control: float) -> float:
    """Pooled standard deviation within the two arms, from the standard deviation of each."""
    degrees = (treated.total - 1, control.total - 1)
    squares = degrees[0] * sd_treated**2 + degrees[1] * sd_control**2
    return math.sqrt(squares / sum(degrees))


def _possible_d(treated: ArmMean, control: ArmMean) -> Range:
    """Values of d that the rounded means and standard deviations leave possible."""
    differences = [
        a - b for a, b in product(_ends(rounding(treated.mean)), _ends(rounding(control.mean)))
    ]
    # A standard deviation printed as its own rounding error may have been anything down to 0.
    sds = [
        max(pooled_sd(treated, control, max(a, 0.0), max(b, 0.0)), 1e-12)
        for a, b in product(_ends(rounding(treated.sd)), _ends(rounding(control.sd)))
    ]
    return Range.spanning(difference / sd for difference, sd in product(differences, sds))


def _ends(possible: Range) -> tuple[float, float]:
    return possible.low, possible.high
