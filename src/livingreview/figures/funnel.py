"""Contour-enhanced funnel of the effects with numbers: estimate against standard error.

Peters and others 2008, Journal of Clinical Epidemiology 61, 991-996. Small studies that
are missing on one side, where results are not significant, hint at selective printing.
"""

from __future__ import annotations

from itertools import pairwise

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from scipy.stats import norm

from livingreview.figures.leave_one_out import NOTHING
from livingreview.figures.stack import (
    Block,
    chart_block,
    heading_block,
    legend_block,
    name_odds_ratio_axis,
    note_block,
    stacked,
    title_block,
)
from livingreview.figures.style import (
    BLUE,
    INK,
    MARGIN,
    RC,
    SMALL,
    WIDTH,
    axis_ends,
    odds_ratio_ticks,
)
from livingreview.figures.wording import OutcomeWords
from livingreview.records.evidence.statements import SIGNIFICANT_Z

CHART = 2.5
LEFT = 0.85
# Two-sided p of the contours, from the middle out, and the grey of what lies inside each.
CONTOURS = {0.1: "#ffffff", 0.05: "#d9d9d9", 0.01: "#b5b5b5"}
BEYOND = "#8f8f8f"
# More points than this are drawn as an image inside the figure.
MOST_POINTS = 400


@matplotlib.rc_context(RC)
def draw_funnel(
    reported: dict[str, pd.DataFrame],
    variations: pd.DataFrame,
    small_studies: pd.DataFrame,
    outcomes: dict[str, OutcomeWords],
) -> Figure:
    """Funnel of each outcome's effects with numbers, or the reason why there is none.

    Parameters
    ----------
    reported : dict of DataFrame
        By outcome, as `livingreview.figures.reported.reported_table` returns it.
    variations : DataFrame
        Columns of `livingreview.tables.sensitivity.Variations`.
    small_studies : DataFrame
        Columns outcome, status and reason: whether small-study effects could be assessed.
    outcomes : dict of OutcomeWords
        In the order of the figure.
    """
    blocks = [title_block("Do small studies tell another story than large ones?")]
    drawn = False
    for outcome, words in outcomes.items():
        table = reported[outcome]
        numeric = table.dropna(subset="centre")
        blocks.append(heading_block(words.label))
        if numeric.empty:
            blocks.append(note_block(_no_numbers(len(table))))
        else:
            chosen = (variations["outcome"] == outcome) & (variations["analysis"] == "planned")
            blocks.append(_chart(numeric, variations.loc[chosen, "q50"].to_numpy(float), words))
            drawn = True
            if len(numeric) < len(table):
                count = len(table) - len(numeric)
                blocks.append(note_block(f"Effects without numbers, which have no place: {count}."))
        for _, told in small_studies[small_studies["outcome"] == outcome].iterrows():
            if told["status"] == "refused":
                text = f"Small-study effects were not assessed: {told['reason']}."
                blocks.append(note_block(text))
    return stacked([*blocks, legend_block(_handles())] if drawn else blocks)


def _no_numbers(effects: int) -> str:
    """Why an outcome has no funnel."""
    if effects == 0:
        return f"Nothing to draw: {NOTHING}."
    if effects == 1:
        return "No funnel: the one effect on record is a statement without numbers."
    return f"No funnel: all {effects} effects on record are statements without numbers."


def standard_errors(numeric: pd.DataFrame) -> np.ndarray:
    """Standard errors behind the 95% intervals of `reported_table`."""
    return (numeric["high"] - numeric["low"]).to_numpy(float) / (2 * SIGNIFICANT_Z)


def _chart(numeric: pd.DataFrame, pooled: np.ndarray, words: OutcomeWords) -> Block:
    effect, error = numeric["centre"].to_numpy(float), standard_errors(numeric)

    def draw(axes: Axes) -> None:
        low, high = axis_ends(np.append(effect, pooled), widest=64)
        largest = 1.08 * error.max()
        # The page is the outermost grey; each contour is laid upon it, the inner one last.
        axes.patch.set(facecolor=BEYOND, alpha=1)
        for p, grey in reversed(CONTOURS.items()):
            reach = norm.isf(p / 2) * largest
            axes.fill([0, -reach, reach], [0, largest, largest], color=grey, lw=0, zorder=1)
        axes.plot([0, 0], [0, largest], color=INK, linewidth=1, zorder=2)
        # None where the effects could not be pooled.
        for middle in pooled:
            dashes = (0, (4, 3))
            axes.plot([middle, middle], [0, largest], color=BLUE, lw=1.6, ls=dashes, zorder=2)
        axes.scatter(
            effect, error, s=34, facecolor="white", edgecolor=BLUE, linewidth=1.5, zorder=3,
            rasterized=len(effect) > MOST_POINTS, clip_on=False,
        )  # fmt: skip
        axes.set(xlim=(low, high), ylim=(largest, 0))
        axes.set_xticks(*odds_ratio_ticks(low, high))
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.tick_params(axis="y", labelsize=SMALL)
        axes.set_ylabel("standard error", fontsize=SMALL)
        name_odds_ratio_axis(axes, words)

    return chart_block(CHART, draw, left=LEFT, width=WIDTH - LEFT - MARGIN - 0.1)


def _handles() -> list[Artist]:
    bounds = list(CONTOURS)
    labels = [f"p above {bounds[0]:g}"]
    labels += [f"p from {lower:g} to {p:g}" for p, lower in pairwise(bounds)]
    labels.append(f"p below {bounds[-1]:g} (two-sided, by the study alone)")
    greys = [*CONTOURS.values(), BEYOND]
    shades = [
        Patch(facecolor=grey, edgecolor=INK, linewidth=0.6, label=label)
        for grey, label in zip(greys, labels, strict=True)
    ]
    return [
        Line2D([], [], color=BLUE, marker="o", mfc="white", mew=1.5, lw=0, label="one effect"),
        Line2D([], [], color=BLUE, lw=1.6, ls=(0, (4, 3)), label="pooled odds ratio"),
        *shades,
    ]
