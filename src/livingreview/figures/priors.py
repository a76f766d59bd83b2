"""Prior against posterior of the pooled effect and of the spread.

Where the two nearly coincide, the studies have said little, and the prior speaks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import matplotlib
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from livingreview.figures.draws import UNFITTED
from livingreview.figures.kde import POINTS, density
from livingreview.figures.stack import (
    charts_block,
    heading_block,
    legend_block,
    name_axis,
    name_odds_ratio_axis,
    note_block,
    practically_none,
    stacked,
    title_block,
)
from livingreview.figures.style import (
    BLUE,
    INK,
    LIGHT_BLUE,
    MARGIN,
    RC,
    axis_ends,
    odds_ratio_axis,
)
from livingreview.figures.wording import OutcomeWords
from livingreview.protocol.models import Priors

CHART = 1.15
LEFT, GAP = MARGIN + 0.08, 0.5
# Central share of prior and posterior that the axes show at least.
SHOWN = (0.01, 0.99)


@matplotlib.rc_context(RC)
def draw_priors(
    draws: Mapping[str, xr.Dataset],
    priors: Priors,
    outcomes: dict[str, OutcomeWords],
    limit: float,
) -> Figure:
    """Densities of the pooled effect and the spread before and after the studies.

    Parameters
    ----------
    draws : mapping of Dataset
        By outcome, variables mu and tau over chain and draw; outcomes without a fit
        are missing.
    priors : Priors
        Of the model.
    outcomes : dict of OutcomeWords
        In the order of the figure.
    limit : float
        Odds ratio below which, and above whose inverse, a difference is practically none.
    """
    blocks = [
        title_block("What the studies add to what was assumed before"),
        note_block(
            "Left: average odds ratio. Right: spread τ, the standard deviation of the studies' "
            "log odds ratios."
        ),
    ]
    for outcome, words in outcomes.items():
        blocks.append(heading_block(words.label))
        if outcome in draws:
            of_outcome = draws[outcome]
            charts = [
                _effect_chart(of_outcome, priors, words, limit),
                _spread_chart(of_outcome, priors),
            ]
            blocks.append(charts_block(CHART, charts, LEFT, GAP))
        else:
            blocks.append(note_block(UNFITTED))
    handles = [
        Line2D([], [], color=INK, ls=(0, (5, 2)), lw=1.8, label="before: prior"),
        Patch(facecolor=LIGHT_BLUE, edgecolor=BLUE, lw=1.8, label="after: posterior"),
        practically_none(limit),
    ]
    return stacked([*blocks, legend_block(handles)])


def spread_density(priors: Priors, tau: np.ndarray) -> np.ndarray:
    """Prior density of the standard deviation, also where the prior is on its square."""
    if priors.tau is not None:
        return priors.tau.distribution.pdf(tau)
    # p(tau) = p(tau^2) 2 tau.
    return priors.spread.distribution.pdf(tau**2) * 2 * tau


def spread_quantile(priors: Priors, share: float) -> float:
    """Prior quantile of the standard deviation."""
    quantile = float(priors.spread.distribution.ppf(share))
    return quantile if priors.tau is not None else quantile**0.5


def _effect_chart(
    draws: xr.Dataset, priors: Priors, words: OutcomeWords, limit: float
) -> Callable[[Axes], None]:
    prior = priors.mu.distribution

    def draw(axes: Axes) -> None:
        ends = [*prior.ppf(SHOWN), *np.quantile(draws["mu"], SHOWN)]
        low, high = axis_ends(np.array(ends))
        odds_ratio_axis(axes, low, high, limit)
        grid = np.linspace(low, high, POINTS)
        _draw_densities(axes, grid, prior.pdf(grid), draws["mu"])
        name_odds_ratio_axis(axes, words, "")

    return draw


def _spread_chart(draws: xr.Dataset, priors: Priors) -> Callable[[Axes], None]:
    def draw(axes: Axes) -> None:
        high = max(spread_quantile(priors, SHOWN[1]), float(np.quantile(draws["tau"], SHOWN[1])))
        # The prior may be unbounded at 0; the grid starts where it is not.
        grid = np.linspace(0, high, POINTS + 1)[1:]
        _draw_densities(axes, grid, spread_density(priors, grid), draws["tau"])
        axes.set_xlim(0, high)
        axes.set_yticks([])
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.spines[["left", "right", "top"]].set_visible(False)
        name_axis(axes, "spread between studies, τ")

    return draw


def _draw_densities(axes: Axes, grid: np.ndarray, prior: np.ndarray, draws: xr.DataArray) -> None:
    """Posterior filled, prior as a dashed line above it."""
    x, y = density(draws)
    axes.fill_between(x, 0, y, facecolor=LIGHT_BLUE, edgecolor=BLUE, linewidth=1.8, zorder=2)
    axes.plot(grid, prior, color=INK, linestyle=(0, (5, 2)), linewidth=1.8, zorder=3)
    axes.set_ylim(0, 1.06 * max(y.max(), min(prior.max(), 3 * y.max())))
