"""Whether another machine found what a release says, within what sampling leaves open.

One machine gives the same bytes each time. Between machines the last digits of floating point
differ, chains drift apart, and two builds are two independent samples of the same posterior.
So each figure may differ by `STANDARD_ERRORS` Monte Carlo standard errors of the difference,
√2 times that of one build. With effective sample size n and posterior density f,

    mean: sd / √n      probability p: √(p(1 − p) / n)      quantile of level p: √(p(1 − p) / n) / f

(the last: Kendall and Stuart, The Advanced Theory of Statistics, volume 1, section 10.10).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from scipy.stats import norm

# 5 is passed by chance once in two million figures, so that a difference is one.
STANDARD_ERRORS = 5
QUANTILES = {"q2_5": 0.025, "q50": 0.5, "q97_5": 0.975}
# ASSUME: the density at an outer quantile is at least half of the normal one with the same sd. It
# is for a half-normal, the shape of a τ near 0: 0.68 of it at the upper quantile.
THINNEST = 0.5
# Integration has no Monte Carlo error; only rounding is left.
ROUNDING = 1e-6


@dataclass(frozen=True)
class Disagreement:
    """A figure of a release that this build does not bear out."""

    fit: str
    engine: str
    quantity: str
    figure: str
    released: float
    here: float
    tolerance: float

    def __str__(self) -> str:
        return (
            f"{self.fit} {self.quantity} ({self.engine}), {self.figure}: released"
            f" {self.released:.4f}, here {self.here:.4f}, allowed ±{self.tolerance:.4f}"
        )


def tolerances(row: Mapping[str, Any]) -> dict[str, float]:
    """Largest difference allowed for each figure of one pooled quantity.

    Parameters
    ----------
    row : mapping
        Row of ``5_synthesis/pooled.csv``, log odds ratio scale.
    """
    figures = ("mean", *QUANTILES, "p_above_zero")
    if row["engine"] != "nuts":
        return dict.fromkeys(figures, ROUNDING)
    scale = STANDARD_ERRORS * math.sqrt(2)
    sd, bulk, tail = row["sd"], row["ess_bulk"], row["ess_tail"]
    allowed = {"mean": scale * sd / math.sqrt(bulk)}
    for name, p in QUANTILES.items():
        size, thinness = (bulk, 1.0) if p == 0.5 else (tail, THINNEST)
        density = thinness * norm.pdf(norm.ppf(p)) / sd
        allowed[name] = scale * math.sqrt(p * (1 - p) / size) / density
    # A probability of 0 or 1 among the draws is one of less than 1/n.
    p = min(max(row["p_above_zero"], 1 / bulk), 1 - 1 / bulk)
    allowed["p_above_zero"] = scale * math.sqrt(p * (1 - p) / bulk)
    return allowed


def disagreements(
    headline: Iterable[Mapping[str, Any]], pooled: pd.DataFrame
) -> tuple[int, list[Disagreement]]:
    """Number of figures compared, and those that differ by more than sampling does.

    Parameters
    ----------
    headline : iterable of mapping
        Of a release: fit, engine, quantity, and figures as in ``5_synthesis/pooled.csv``.
    pooled : DataFrame
        ``5_synthesis/pooled.csv`` of this build.

    Raises
    ------
    LookupError
        If this build has no such quantity.
    """
    rows = pooled.set_index(["fit", "engine", "quantity"])
    compared, apart = 0, []
    for released in headline:
        key = (released["fit"], released["engine"], released["quantity"])
        if key not in rows.index:
            raise LookupError(f"{key[0]} {key[2]} ({key[1]}) is in the release and not here")
        here = rows.loc[key].to_dict() | {"engine": key[1]}
        for figure, allowed in tolerances(here).items():
            compared += 1
            if abs(released[figure] - here[figure]) > allowed:
                apart.append(Disagreement(*key, figure, released[figure], here[figure], allowed))
    return compared, apart
