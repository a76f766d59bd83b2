"""What was observed against what the model predicts, before and after it saw the studies.

A mark outside both lines says that the model does not produce studies like these.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from livingreview.figures.draws import MODEL, UNFITTED
from livingreview.figures.intervals import draw_interval
from livingreview.figures.stack import (
    Block,
    heading_block,
    legend_block,
    name_axis,
    name_odds_ratio_axis,
    note_block,
    rows_block,
    stacked,
    title_block,
)
from livingreview.figures.style import BLUE, GREY, ORANGE, RC, axis_ends, odds_ratio_axis
from livingreview.figures.wording import OutcomeWords

# Statistics by the axis that they share, in the order of the figure, with their words.
RATIOS = {
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
ENDS = ["q2_5", "q50", "q97_5"]
# Prior and posterior of one row, in inches from its middle.
APART = 0.07
GAP = 0.18


@matplotlib.rc_context(RC)
def draw_predictive(
    predictive: pd.DataFrame,
    outcomes: dict[str, OutcomeWords],
    limit: float,
) -> Figure:
    """Observed statistics and their predictive intervals, by outcome.

    Parameters
    ----------
    predictive : DataFrame
        Columns fit, based_on, statistic, observed, q2_5, q50 and q97_5.
    outcomes : dict of OutcomeWords
        In the order of the figure.
    limit : float
        Odds ratio below which, and above whose inverse, a difference is practically none.
    """
    blocks = [title_block("Does the model produce studies like these?")]
    for outcome, words in outcomes.items():
        blocks.append(heading_block(words.label))
        rows = predictive[predictive["fit"] == f"{outcome}/{MODEL}"]
        if rows.empty:
            blocks.append(note_block(UNFITTED))
            continue
        charts = [
            _chart(rows, RATIOS, partial(_ratios, words=words, limit=limit)),
            _chart(rows, SPREAD, _spread),
            _chart(rows, SHARES, _shares),
        ]
        blocks += [chart for chart in charts if chart is not None]
    return stacked([*blocks, legend_block(_handles())])


def _chart(
    rows: pd.DataFrame,
    statistics: dict[str, str],
    lay_out: Callable[[Axes, np.ndarray], None],
) -> Block | None:
    """Rows of the statistics that share an axis; none when the fit has none of them."""
    known = [name for name in statistics if (rows["statistic"] == name).any()]
    if not known:
        return None

    def draw(axes: Axes, middles: np.ndarray) -> None:
        chosen = rows[rows["statistic"].isin(known)]
        lay_out(axes, chosen[[*ENDS, "observed"]].to_numpy(float).ravel())
        for name, y in zip(known, middles, strict=True):
            of_statistic = chosen[chosen["statistic"] == name]
            apart = APART if of_statistic["based_on"].nunique() > 1 else 0.0
            for _, row in of_statistic.iterrows():
                _draw_base(axes, row, y - apart if row["based_on"] == "prior" else y + apart)
            observed = of_statistic["observed"].dropna()
            if len(observed):
                axes.plot(
                    [observed.iloc[0]] * 2, [y - 0.15, y + 0.15], color=ORANGE, lw=3.2,
                    solid_capstyle="butt", zorder=6, clip_on=False,
                )  # fmt: skip

    return rows_block([statistics[name] for name in known], draw, gap=GAP)


def _draw_base(axes: Axes, row: pd.Series, y: float) -> None:
    low, middle, high = row[ENDS].astype(float)
    if row["based_on"] == "prior":
        draw_interval(axes, low, middle, high, y, GREY, linewidth=1.4, face="white")
    else:
        draw_interval(axes, low, middle, high, y, BLUE, linewidth=3.2, face="white")


def _ratios(axes: Axes, values: np.ndarray, words: OutcomeWords, limit: float) -> None:
    odds_ratio_axis(axes, *axis_ends(values), limit)
    name_odds_ratio_axis(axes, words)


def _spread(axes: Axes, values: np.ndarray) -> None:
    axes.set_xlim(0, 1.05 * np.nanmax(values))
    axes.xaxis.set_major_locator(MaxNLocator(5))
    _plain(axes)
    name_axis(axes, "more than the number of studies: effects differ")


def _shares(axes: Axes, _: np.ndarray) -> None:
    axes.set_xlim(-0.02, 1.02)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
    _plain(axes)
    name_axis(axes, "share of the studies")


def _plain(axes: Axes) -> None:
    axes.set_yticks([])
    axes.spines[["left", "right", "top"]].set_visible(False)


def _handles() -> list[Line2D]:
    mark: Any = {"marker": "o", "ms": 6.5, "mfc": "white", "mew": 1.3}
    return [
        Line2D([], [], color=GREY, lw=1.4, label="prior: what is expected, 95% and middle", **mark),
        Line2D([], [], color=BLUE, lw=3.2, label="posterior: what the fit predicts", **mark),
        Line2D([], [], color=ORANGE, lw=0, marker="|", ms=13, mew=3.2, label="observed"),
    ]
