"""Prior against posterior of the pooled effect and of the spread.

Where the two nearly coincide, the studies have said little, and the prior speaks.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from livingreview.base.measures import Measure
from livingreview.figures import axis, legend, style
from livingreview.figures.posterior_draws import POINTS, UNFITTED, density
from livingreview.figures.sheet import Sheet
from livingreview.figures.wording import OutcomeWords
from livingreview.protocol.models import Priors

CHART = 1.15
GAP = 0.5
# Central share of prior and posterior that the axes show at least, or arrowheads where it goes on,
# at these shares of the height.
SHOWN = (0.01, 0.99)
PRIOR_ARROW, POSTERIOR_ARROW = 0.3, 0.12


@style.applied
def draw_priors(
    draws: Mapping[str, xr.Dataset],
    priors: Priors,
    outcomes: dict[str, OutcomeWords],
    measure: Measure,
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
    measure : Measure
    """
    sheet = Sheet("What the studies add to what was assumed before")
    sheet.note(
        f"Left: average {measure.label}. Right: spread τ, the standard deviation of the studies' "
        f"{measure.line}s."
    )
    for outcome, words in outcomes.items():
        sheet.heading(words.label)
        if outcome in draws:
            effect = partial(_draw_effect, draws[outcome]["mu"], priors, words, measure)
            spread = partial(_draw_spread, draws[outcome]["tau"], priors)
            sheet.charts(CHART, effect, spread, gap=GAP)
        else:
            sheet.note(UNFITTED)
    if sheet.has_charts:
        sheet.legend(
            [
                legend.line("before: prior", style.INK, ls=style.LONG_DASHED, lw=1.8),
                legend.patch("after: posterior", style.LIGHT_BLUE, edgecolor=style.BLUE, lw=1.8),
                legend.practically_none(measure),
            ]
        )
    return sheet.figure()


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


def _draw_effect(
    mu: xr.DataArray, priors: Priors, words: OutcomeWords, measure: Measure, axes: Axes
) -> None:
    prior = priors.mu.distribution
    before, after = prior.ppf(SHOWN), np.quantile(mu, SHOWN)
    axis.lay_out(axes, np.array([*before, *after]), measure)
    grid = np.linspace(*axes.get_xlim(), POINTS)
    _draw_densities(axes, grid, prior.pdf(grid), mu)
    top = axes.get_ylim()[1]
    axis.draw_arrows(axes, before, PRIOR_ARROW * top, style.INK)
    axis.draw_arrows(axes, after, POSTERIOR_ARROW * top, style.BLUE)
    axis.name_sides(axes, words, "")


def _draw_spread(tau: xr.DataArray, priors: Priors, axes: Axes) -> None:
    high = max(spread_quantile(priors, SHOWN[1]), float(np.quantile(tau, SHOWN[1])))
    # The prior may be unbounded at 0; the grid starts where it is not.
    grid = np.linspace(0, high, POINTS + 1)[1:]
    _draw_densities(axes, grid, spread_density(priors, grid), tau)
    axes.set_xlim(0, high)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axis.leave_bottom(axes)
    axis.name_quantity(axes, "spread between studies, τ")


def _draw_densities(axes: Axes, grid: np.ndarray, prior: np.ndarray, draws: xr.DataArray) -> None:
    """Draw the posterior filled, and the prior as a dashed line above it."""
    x, y = density(draws)
    axes.fill_between(x, 0, y, fc=style.LIGHT_BLUE, ec=style.BLUE, lw=1.8, zorder=2)
    axes.plot(grid, prior, color=style.INK, ls=style.LONG_DASHED, lw=1.8, zorder=3)
    axes.set_ylim(0, 1.06 * max(y.max(), min(prior.max(), 3 * y.max())))
