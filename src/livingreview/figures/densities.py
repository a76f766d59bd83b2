"""Posterior densities of the pooled effect, one panel per outcome."""

from __future__ import annotations

from collections.abc import Iterable

import matplotlib
import numpy as np
import pandas as pd
import seaborn as sns
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from livingreview.base.rounding import percent
from livingreview.figures.draws import MODEL, UNFITTED
from livingreview.figures.style import (
    BLUE,
    GREY,
    LIGHT_BLUE,
    MARGIN,
    PALE,
    RC,
    SMALL,
    TEXT,
    TITLE,
    WIDTH,
    axis_ends,
    line_height,
    new_page,
    odds_ratio_axis,
    panel,
    put_lines,
    wrapped,
)
from livingreview.figures.wording import OutcomeWords, of_studies

PANEL = 1.25
LEGEND = 1.0
# Central share of the draws that the axis shows at least.
SHOWN = (0.005, 0.995)


def pooled_draws(fits: Iterable[tuple[str, xr.DataTree]]) -> pd.DataFrame:
    """Draws of the pooled effect and of the effect in a new setting.

    Returns
    -------
    DataFrame
        Columns `outcome`, `mean_effect` and `new_setting` (log odds ratios), one
        row per draw of the model without moderators; no row where it was not fitted.
    """
    found = []
    for name, fit in fits:
        outcome, model = name.split("/")
        if model == MODEL:
            posterior = fit["posterior"].to_dataset()
            draws = {
                "mean_effect": posterior["mu"].to_numpy().ravel(),
                "new_setting": posterior["theta_new"].isel(setting=0).to_numpy().ravel(),
            }
            found.append(pd.DataFrame({"outcome": outcome, **draws}))
    columns = ["outcome", "mean_effect", "new_setting"]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)


@matplotlib.rc_context(RC)
def draw_densities(
    draws: pd.DataFrame,
    summary: pd.DataFrame,
    outcomes: dict[str, OutcomeWords],
    limit: float,
    treated: str,
) -> Figure:
    """Small multiples of posterior densities on a common odds ratio axis.

    Parameters
    ----------
    draws : DataFrame
        As `pooled_draws` returns them.
    summary : DataFrame
        Columns of `livingreview.tables.Summary`: the probabilities and numbers of studies.
    outcomes : dict of OutcomeWords
        One panel each, in this order.
    limit : float
        Odds ratio below which, and above whose inverse, a difference is practically none.
    treated : str
        What the treated arm got, inside a sentence.
    """
    width = WIDTH - 2 * MARGIN
    title = wrapped(f"How likely is each average effect of {treated}?", width, TITLE, bold=True)
    fits = summary[summary["model"] == MODEL].set_index("outcome")
    labels = {
        name: wrapped(f"{o.label}{_studies(fits, name)}", width, TEXT, bold=True)
        for name, o in outcomes.items()
    }
    head = 0.1 + len(title) * line_height(TITLE)
    above = {name: (len(lines) + 1) * line_height(TEXT) + 0.16 for name, lines in labels.items()}
    height = head + sum(above.values()) + len(outcomes) * (PANEL + 0.3) + 0.3 + LEGEND
    figure, page = new_page(height)
    top = put_lines(page, MARGIN, 0.1, title, TITLE, weight="bold")
    low, high = axis_ends(_shown(draws))
    for name, words in outcomes.items():
        of_outcome = draws[draws["outcome"] == name]
        under = put_lines(page, MARGIN, top + 0.1, labels[name], TEXT, weight="bold")
        axes = panel(figure, MARGIN + 0.1, top + above[name], width - 0.2, PANEL)
        odds_ratio_axis(axes, low, high, limit)
        if of_outcome.empty:
            _say_nothing(axes)
        else:
            _draw_panel(axes, of_outcome)
            less, more = fits.loc[name, ["p_less", "p_more"]].astype(float)
            _write_probability(page, MARGIN, under, "less", less, words, "left")
            _write_probability(page, WIDTH - MARGIN, under, "more", more, words, "right")
        top += above[name] + PANEL + 0.3
    axes.set_xlabel("odds ratio (1 = no difference)", fontsize=SMALL)
    _add_legend(figure, limit)
    return figure


def _studies(fits: pd.DataFrame, outcome: str) -> str:
    """How many studies the panel rests on, in brackets."""
    if outcome not in fits.index:
        return ""
    return f" ({of_studies(int(fits.loc[outcome, 'studies']))})"


def _shown(draws: pd.DataFrame) -> np.ndarray:
    """Ends of the central draws of every density."""
    if draws.empty:
        return np.array([])
    quantiles = draws.groupby("outcome")[["mean_effect", "new_setting"]].quantile(list(SHOWN))
    return quantiles.to_numpy(dtype=float).ravel()


def _draw_panel(axes: Axes, draws: pd.DataFrame) -> None:
    """Both densities of one outcome; the new setting behind."""
    common = {"ax": axes, "clip": axes.get_xlim(), "fill": True, "gridsize": 200, "bw_adjust": 1.3}
    sns.kdeplot(
        x=draws["new_setting"].to_numpy(dtype=float),
        color=LIGHT_BLUE,
        alpha=0.45,
        edgecolor=GREY,
        linestyle="--",
        linewidth=1.2,
        **common,
    )
    sns.kdeplot(
        x=draws["mean_effect"].to_numpy(dtype=float),
        color=BLUE,
        alpha=0.55,
        edgecolor=BLUE,
        linewidth=1.8,
        **common,
    )
    axes.set(xlabel="", ylabel="", yticks=[])


def _write_probability(
    page: Axes, x: float, top: float, side: str, probability: float, words: OutcomeWords, align: str
) -> None:
    """Probability of one direction, above its half of the panel."""
    text = f"{side} ({words.side(side)}): {percent(probability)} likely"
    text = f"← {text}" if side == "less" else f"{text} →"
    put_lines(page, x, top, [text], TEXT, ha=align)


def _say_nothing(axes: Axes) -> None:
    axes.text(
        0.5,
        0.5,
        UNFITTED,
        transform=axes.transAxes,
        ha="center",
        va="center",
        color=GREY,
        backgroundcolor="white",
    )


def _add_legend(figure: Figure, limit: float) -> None:
    handles = [
        Patch(facecolor=BLUE, alpha=0.55, edgecolor=BLUE, label="average over all settings"),
        Patch(
            facecolor=LIGHT_BLUE,
            alpha=0.6,
            edgecolor=GREY,
            linestyle="--",
            label="effect in one new setting",
        ),
        Patch(
            facecolor=PALE, label=f"practically no difference (odds ratio 1/{limit:g} to {limit:g})"
        ),
        Line2D(
            [],
            [],
            color="none",
            label="Percentages: probability that the average lies on that side",
        ),
    ]
    figure.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.01, 0.005),
        frameon=False,
        fontsize=SMALL,
    )
