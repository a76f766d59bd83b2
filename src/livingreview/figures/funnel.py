"""Contour-enhanced funnel of the effects with numbers: estimate against standard error.

Peters and others 2008, Journal of Clinical Epidemiology 61, 991-996. Small studies that
are missing on one side, where results are not significant, hint at selective printing.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from scipy.special import ndtri

from livingreview.base.measures import Measure
from livingreview.figures import axis, legend, style
from livingreview.figures.sheet import Sheet
from livingreview.figures.variants import NOTHING, Variants
from livingreview.figures.wording import OutcomeWords
from livingreview.records.evidence.statements import SIGNIFICANT_Z

CHART = 2.5
LEFT = 0.85
# Two-sided p of the contours, from the middle out, and the grey of what lies inside each.
CONTOURS = {0.1: "#ffffff", 0.05: "#d9d9d9", 0.01: "#b5b5b5"}
BEYOND = "#8f8f8f"
POOLED: Any = {"lw": 1.6, "ls": style.DASHED}
# More points than this are drawn as an image inside the figure.
MOST_POINTS = 400


@style.applied
def draw_funnel(
    reported: dict[str, pd.DataFrame], small_studies: pd.DataFrame, variants: Variants
) -> Figure:
    """Funnel of each outcome's effects with numbers, or the reason why there is none.

    Parameters
    ----------
    reported : dict of DataFrame
        By outcome, as `livingreview.figures.reported.reported_table` returns it.
    small_studies : DataFrame
        Columns outcome, status and reason: whether small-study effects could be assessed.
    variants : Variants
        The planned analyses among them.
    """
    measure = variants.wording.measure
    sheet = Sheet("Do small studies tell another story than large ones?")
    drawn = lined = False
    for outcome, words in variants.wording.outcomes.items():
        table = reported[outcome]
        # A number that comes without an interval has no place in a funnel.
        numeric = table[table["centre"].notna() & (standard_errors(table) > 0)]
        sheet.heading(words.label)
        if numeric.empty:
            sheet.note(_why_no_funnel(len(table), bool(table["centre"].notna().any())))
        else:
            planned = variants.select(outcome, "planned")
            # A line at a size that the studies do not tell would be the prior's.
            pooled = planned.loc[planned["size_learnt"], "q50"].to_numpy(float)
            lined = lined or pooled.size > 0
            draw = partial(_draw_chart, numeric, pooled, words, measure)
            sheet.charts(CHART, draw, left=LEFT, right=style.MARGIN + 0.1)
            drawn = True
            if count := len(table) - len(numeric):
                sheet.note(f"Effects without a number and its error, which have no place: {count}.")
        refused = small_studies.query("outcome == @outcome and status == 'refused'")
        for reason in refused["reason"]:
            sheet.note(f"Small-study effects were not assessed: {reason}.")
    if drawn:
        sheet.legend(_handles(measure, lined))
    return sheet.figure()


def _why_no_funnel(effects: int, numbers: bool) -> str:
    if effects == 0:
        return f"Nothing to draw: {NOTHING}."
    if numbers:
        return "No funnel: no effect on record has a number and its standard error."
    if effects == 1:
        return "No funnel: the one effect on record is a statement without numbers."
    return f"No funnel: all {effects} effects on record are statements without numbers."


def standard_errors(numeric: pd.DataFrame) -> np.ndarray:
    """Standard errors behind the 95% intervals of `reported_table`."""
    return (numeric["high"] - numeric["low"]).to_numpy(float) / (2 * SIGNIFICANT_Z)


def _draw_chart(
    numeric: pd.DataFrame,
    pooled: np.ndarray,
    words: OutcomeWords,
    measure: Measure,
    axes: Axes,
) -> None:
    effect, error = numeric["centre"].to_numpy(float), standard_errors(numeric)
    low, high = axis.limits(measure, np.append(effect, pooled), widest=64)
    largest = 1.08 * error.max()
    # The page is the outermost grey; each contour is laid upon it, the inner one last.
    axes.patch.set(facecolor=BEYOND, alpha=1)
    for p, grey in reversed(CONTOURS.items()):
        reach = -ndtri(p / 2) * largest
        axes.fill([0, -reach, reach], [0, largest, largest], color=grey, lw=0, zorder=1)
    axes.plot([0, 0], [0, largest], color=style.INK, lw=1, zorder=2)
    axes.set(xlim=(low, high), ylim=(largest, 0))
    # None where the effects could not be pooled, or no size is told.
    for middle in pooled:
        axis.draw_line(axes, middle, 0.0, style.BLUE, **POOLED)
    inside = (low <= effect) & (effect <= high)
    axes.scatter(
        effect[inside], error[inside], s=34, facecolor="white", edgecolor=style.BLUE,
        linewidth=1.5, zorder=3, rasterized=len(effect) > MOST_POINTS, clip_on=False,
    )  # fmt: skip
    axis.draw_arrows(axes, effect, error, style.BLUE)
    axes.set_xticks(*axis.ticks(measure, low, high))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.set_ylabel("standard error", fontsize=style.SMALL)
    axis.name_sides(axes, words, measure.label)


def _handles(measure: Measure, lined: bool) -> list[Artist]:
    bounds = list(CONTOURS)
    labels = [f"p above {bounds[0]:g}"]
    labels += [f"p from {lower:g} to {p:g}" for p, lower in pairwise(bounds)]
    labels.append(f"p below {bounds[-1]:g} (two-sided, by the study alone)")
    return [
        legend.line("one effect", marker="o", mfc="white", mew=1.5, lw=0),
        *([legend.line(f"pooled {measure.phrase}", **POOLED)] if lined else []),
        *(
            legend.patch(label, grey, edgecolor=style.INK, linewidth=0.6)
            for grey, label in zip([*CONTOURS.values(), BEYOND], labels, strict=True)
        ),
    ]
