"""What was observed against what the model predicts, before and after it saw the studies.

A mark outside both lines says that the model does not produce studies like these.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from livingreview.base.measures import Measure
from livingreview.figures import axis, legend, style
from livingreview.figures.posterior_draws import MODEL, UNFITTED
from livingreview.figures.sheet import Sheet
from livingreview.figures.wording import OutcomeWords

# Statistics by the axis that they share, in the order of the figure, with their words.
EFFECTS = {
    "pooled_effect": "average effect",
    "new_effect": "effect of a new study",
    "smallest": "smallest effect",
    "largest": "largest effect",
}
SPREAD = {"spread": "spread of the effects (Cochran's Q)"}
SHARES = {
    "significant_increases": "significant increases",
    "significant_decreases": "significant decreases",
    "not_significant": "not significant",
}
# Distance of prior and posterior from the middle of their row, in inches.
APART = 0.07
GAP = 0.18


@style.applied
def draw_predictive(
    predictive: pd.DataFrame, outcomes: dict[str, OutcomeWords], measure: Measure
) -> Figure:
    """Observed statistics and their predictive intervals, by outcome.

    Parameters
    ----------
    predictive : DataFrame
        Columns fit, based_on, statistic, observed, q2_5, q50 and q97_5.
    outcomes : dict of OutcomeWords
        In the order of the figure.
    measure : Measure
    """
    sheet = Sheet("Does the model produce studies like these?")
    for outcome, words in outcomes.items():
        sheet.heading(words.label)
        rows = predictive[predictive["fit"] == f"{outcome}/{MODEL}"]
        if rows.empty:
            sheet.note(UNFITTED)
        _add_statistics(sheet, rows, EFFECTS, partial(_lay_out_effects, words, measure))
        _add_statistics(sheet, rows, SPREAD, _lay_out_spread)
        _add_statistics(sheet, rows, SHARES, _lay_out_shares)
    mark: Any = {"marker": "o", "ms": 6.5, "mfc": "white", "mew": 1.3}
    bar: Any = {"lw": 0, "marker": "|", "ms": 13, "mew": 3.2}
    if sheet.has_charts:
        sheet.legend(
            [
                legend.line("prior: what is expected, 95% and middle", style.GREY, lw=1.4, **mark),
                legend.line("posterior: what the fit predicts", lw=3.2, **mark),
                legend.line("observed", style.ORANGE, **bar),
            ]
        )
    return sheet.figure()


def _add_statistics(
    sheet: Sheet,
    rows: pd.DataFrame,
    statistics: dict[str, str],
    lay_out: Callable[[Axes, np.ndarray], None],
) -> None:
    """Rows of the statistics that share an axis; nothing when the fit has none of them."""
    known = [name for name in statistics if (rows["statistic"] == name).any()]
    if not known:
        return

    def draw(axes: Axes, middles: np.ndarray) -> None:
        chosen = rows[rows["statistic"].isin(known)]
        lay_out(axes, chosen[[*axis.ENDS, "observed"]].to_numpy(float).ravel())
        for name, y in zip(known, middles, strict=True):
            _draw_statistic(axes, chosen[chosen["statistic"] == name], y)

    sheet.rows([statistics[name] for name in known], draw, gap=GAP)


def _draw_statistic(axes: Axes, rows: pd.DataFrame, y: float) -> None:
    """Draw the prior interval above the posterior one, and a bar where the observed value is."""
    apart = APART if rows["based_on"].nunique() > 1 else 0.0
    for _, row in rows.iterrows():
        interval = row[axis.ENDS].astype(float)
        if row["based_on"] == "prior":
            axis.draw_interval(axes, interval, y - apart, style.GREY, 1.4)
        else:
            axis.draw_interval(axes, interval, y + apart, style.BLUE, 3.2)
    left, right = axes.get_xlim()
    for observed in rows["observed"].dropna().iloc[:1]:
        bar: Any = {"lw": 3.2, "solid_capstyle": "butt", "zorder": 6, "clip_on": False}
        if left <= observed <= right:
            axes.plot([observed] * 2, [y - 0.15, y + 0.15], color=style.ORANGE, **bar)
        axis.draw_arrows(axes, observed, y, style.ORANGE)


def _lay_out_effects(words: OutcomeWords, measure: Measure, axes: Axes, values: np.ndarray) -> None:
    axis.lay_out(axes, values, measure)
    axis.name_sides(axes, words, measure.label)


def _lay_out_spread(axes: Axes, values: np.ndarray) -> None:
    axes.set_xlim(0, 1.05 * np.nanmax(values))
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axis.leave_bottom(axes)
    axis.name_quantity(axes, "more than the number of studies: effects differ")


def _lay_out_shares(axes: Axes, _: np.ndarray) -> None:
    axes.set_xlim(-0.02, 1.02)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
    axis.leave_bottom(axes)
    axis.name_quantity(axes, "share of the studies")
