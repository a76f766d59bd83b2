"""Rank plots of the pooled effect and the spread, which show whether the chains agree.

Säilynoja, Bürkner and Vehtari 2022, Statistics and Computing 32, 32. A chain whose line
leaves the band visits low or high values more often than the others do.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from functools import partial
from itertools import cycle, islice

import arviz_stats  # noqa: F401  # gives xarray its accessor `azstats`
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from livingreview.figures import axis, legend, style
from livingreview.figures.posterior_draws import UNFITTED
from livingreview.figures.sheet import Sheet
from livingreview.figures.wording import OutcomeWords

NAMES = {"mu": "average effect μ", "tau": "spread τ"}
NOT_SAMPLED = "Integrated and not sampled, so there are no chains."
CHART = 1.25
LEFT, GAP = 0.8, 0.75
# Number of points of each line; more could not be seen.
POINTS = 120
# Colour and dash of each chain, over again where there are more.
CHAINS = [
    (style.BLUE, "-"),
    (style.ORANGE, (0, (5, 1.5))),
    (style.INK, (0, (1.5, 1.2))),
    (style.LIGHT_BLUE, (0, (6, 1.5, 1.5, 1.5))),
]
# Probability that no chain of a sound sampler leaves the band.
WITHIN = 0.95


@style.applied
def draw_ranks(
    draws: Mapping[str, xr.Dataset],
    not_sampled: Collection[str],
    outcomes: dict[str, OutcomeWords],
) -> Figure:
    """Departure of each chain's ranks from uniform, by outcome and quantity.

    Parameters
    ----------
    draws : mapping of Dataset
        By outcome, variables mu and tau over chain and draw; outcomes without a sampled fit are
        missing.
    not_sampled : collection of str
        Outcomes whose fit was not sampled.
    outcomes : dict of OutcomeWords
        In the order of the figure.
    """
    sheet = Sheet("Do the sampler's chains agree?")
    sheet.note("Share of a chain's draws up to each rank, less the share expected")
    chains = 0
    for outcome, words in outcomes.items():
        sheet.heading(words.label)
        if outcome in draws:
            chains = max(chains, draws[outcome].sizes["chain"])
            charts = [partial(_draw_chart, draws[outcome][[name]], name) for name in NAMES]
            sheet.charts(CHART, *charts, left=LEFT, gap=GAP)
        else:
            sheet.note(NOT_SAMPLED if outcome in not_sampled else UNFITTED)
    if chains:
        label = f"chains that agree stay in here with a probability of at least {WITHIN:.0%}"
        lines = [
            legend.line(f"chain {i + 1}", colour, ls=dash, lw=1.5)
            for i, (colour, dash) in enumerate(CHAINS[:chains])
        ]
        sheet.legend([*lines, legend.patch(label)])
    return sheet.figure()


def rank_departures(draws: xr.Dataset, points: np.ndarray) -> np.ndarray:
    """Share of each chain's ranks up to each point, less the share expected.

    Parameters
    ----------
    draws : Dataset
        One variable over chain and draw.
    points : ndarray, shape (points,)
        Between 0 and 1.

    Returns
    -------
    ndarray, shape (chains, points)
    """
    [ranks] = draws.azstats.compute_ranks(dim=["chain", "draw"], relative=True).values()
    by_chain = np.sort(ranks.transpose("chain", "draw").to_numpy(), axis=1)
    size = by_chain.shape[1]
    return np.array([np.searchsorted(r, points, side="right") / size for r in by_chain]) - points


def band(draws: xr.Dataset) -> float:
    """Half height of the band that all chains stay in together, with probability `WITHIN`.

    The Dvoretzky-Kiefer-Wolfowitz inequality bounds the departure of n independent
    draws: P(max > d) <= 2 exp(-2 n d^2). Here n is the mean effective number of draws of a
    chain by itself, as draws of a chain depend on one another; over all chains together it
    would shrink, and the band widen, just when they disagree. The error is shared among
    the chains.
    """
    chains = draws.sizes["chain"]
    alone = [draws.isel(chain=[i]).azstats.ess() for i in range(chains)]
    effective = np.mean([float(value) for ess in alone for value in ess.values()])
    return math.sqrt(math.log(2 * chains / (1 - WITHIN)) / (2 * effective))


def _draw_chart(draws: xr.Dataset, quantity: str, axes: Axes) -> None:
    points = np.linspace(0, 1, POINTS)
    lines, half = rank_departures(draws, points), band(draws)
    axes.axhspan(-half, half, color=style.PALE, linewidth=0, zorder=0)
    axes.axhline(0, color=style.INK, linewidth=0.8, zorder=1)
    for line, (colour, dash) in zip(lines, islice(cycle(CHAINS), len(lines)), strict=True):
        axes.plot(points, line, color=colour, linestyle=dash, linewidth=1.5, zorder=2)
    reach = 1.3 * max(half, float(np.abs(lines).max()))
    axes.set(xlim=(0, 1), ylim=(-reach, reach))
    tick = round(half, 2)
    axes.set_yticks([-tick, 0, tick], [f"−{tick:g}", "0", f"+{tick:g}"])
    axes.set_xticks([0, 0.5, 1], ["lowest", "middle", "highest"])
    first, _, last = axes.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")
    axes.spines[["right", "top"]].set_visible(False)
    axis.name_quantity(axes, f"rank of the {NAMES[quantity]}")
