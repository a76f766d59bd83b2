"""The pooled effects under other priors and assumed frequencies, for a reader to move between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from livingreview.protocol.review import Protocol
from livingreview.report.claims import Claim, Claims
from livingreview.report.varied_outcome import VARIATIONS

KINDS = {"planned": "As planned", "priors": "Prior", "baseline": "Assumed frequency"}
# Odds ratios at the ends of the scale: intervals beyond them are cut there.
FURTHEST = 16


@dataclass(frozen=True)
class Pooled:
    """Pooled effect of one outcome under one option.

    Attributes
    ----------
    outcome : str
        Its label.
    middle, low, high, more : Claim
        Odds ratio with its 95% interval, and the probability that it is above 1.
    left, width, dot : float
        Where interval and middle stand on a log scale from 1/`FURTHEST` to `FURTHEST`, percent.
    """

    outcome: str
    middle: Claim
    low: Claim
    high: Claim
    more: Claim
    left: float
    width: float
    dot: float


@dataclass(frozen=True)
class Option:
    """Something that could have been assumed instead."""

    id: str
    label: str
    pooled: list[Pooled]


def options(claims: Claims, variations: pd.DataFrame, protocol: Protocol) -> list[Option]:
    """What was planned, then each other prior set and assumed frequency."""
    rows = variations[variations["analysis"].isin(KINDS)]
    keys = rows[["analysis", "variant"]].drop_duplicates().itertuples(index=False, name=None)
    ordered = sorted(keys, key=lambda key: list(KINDS).index(key[0]))
    found = []
    for analysis, variant in ordered:
        chosen = rows[(rows["analysis"] == analysis) & (rows["variant"] == variant)]
        label = KINDS[analysis] + ("" if analysis == "planned" else f": {variant}")
        pooled = [
            _pooled(claims, row, protocol.outcomes[str(row["outcome"])].label)
            for _, row in chosen.iterrows()
        ]
        found.append(Option(f"{analysis}-{variant}".replace(" ", "_"), label, pooled))
    return found


def _pooled(claims: Claims, row: pd.Series, label: str) -> Pooled:
    where = {name: row[name] for name in ("outcome", "analysis", "variant")}

    def ratio(column: str) -> Claim:
        return claims.cell(VARIATIONS, column, "exponential", **where)

    left, dot, right = (_place(row[name]) for name in ("q2_5", "q50", "q97_5"))
    return Pooled(
        label,
        ratio("q50"),
        ratio("q2_5"),
        ratio("q97_5"),
        claims.cell(VARIATIONS, "p_above_zero", "percent", **where),
        left,
        round(right - left, 2),
        dot,
    )


def _place(log_odds_ratio: float) -> float:
    """Percent of the scale's width."""
    share = 0.5 + log_odds_ratio / (2 * np.log(FURTHEST))
    return round(100 * float(np.clip(share, 0, 1)), 2)
