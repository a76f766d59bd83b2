"""The pooled effects under other priors and assumed frequencies, for a reader to move between."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from livingreview.protocol.review import Protocol
from livingreview.report.claims import Claim, ClaimRow, Claims
from livingreview.report.outcome_analyses import KEYS
from livingreview.report.row_selection import Condition
from livingreview.tables.sensitivity import Variations

KINDS = {"planned": "As planned", "priors": "Prior", "baseline": "Assumed frequency"}
# Ratio at the ends of the scale: intervals beyond are cut there. Differences have the farthest.
FURTHEST = 16


@dataclass(frozen=True)
class PooledBar:
    """Pooled effect of one outcome under one option.

    Attributes
    ----------
    size_learnt
        Whether the studies tell how large it is; else that is the option's making.
    claims
        Quantiles of the effect, and the probability of more.
    left, width, middle
        Where interval and median stand on a log scale from 1/`FURTHEST` to `FURTHEST`, percent;
        differences on one that holds them all.
    """

    outcome: str
    size_learnt: bool
    claims: dict[str, Claim]
    left: float
    width: float
    middle: float


@dataclass(frozen=True)
class ExplorerOption:
    """Something that could have been assumed instead."""

    id: str
    label: str
    pooled: list[PooledBar]


def options(claims: Claims, protocol: Protocol) -> list[ExplorerOption]:
    """What was planned, then each other prior set and assumed frequency."""
    rows = claims.rows(Variations.file, KEYS, analysis=Condition.any_of(*KINDS))
    furthest = math.log(FURTHEST)
    if not claims.measure.is_ratio:
        ends = (abs(row[end]) for row in rows for end in ("q2_5", "q97_5"))
        furthest = 1.05 * max(ends, default=1.0)
    chosen: dict[tuple[str, str], list[ClaimRow]] = {}
    for row in sorted(rows, key=lambda row: list(KINDS).index(row["analysis"])):
        chosen.setdefault((row["analysis"], row["variant"]), []).append(row)
    return [
        ExplorerOption(
            f"{analysis}-{variant}".replace(" ", "_"),
            KINDS[analysis] + ("" if analysis == "planned" else f": {variant}"),
            [_pooled(claims, row, protocol, furthest) for row in of_option],
        )
        for (analysis, variant), of_option in chosen.items()
    ]


def _pooled(claims: Claims, row: ClaimRow, protocol: Protocol, furthest: float) -> PooledBar:
    label, learnt = protocol.outcomes[row["outcome"]].label, bool(row["size_learnt"])
    cells = row.claimed("q50", "q2_5", "q97_5", "p_above_zero")
    left, middle, right = (_place(row[column], furthest) for column in ("q2_5", "q50", "q97_5"))
    return PooledBar(label, learnt, cells, left, round(right - left, 2), middle)


def _place(theta: float, furthest: float) -> float:
    """Percent of the scale's width."""
    share = 0.5 + theta / (2 * furthest)
    return round(100 * float(np.clip(share, 0, 1)), 2)
