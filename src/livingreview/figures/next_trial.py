"""Probability that one more trial would move the verdict, by its size and the true effect.

A line per true odds ratio. Where it crosses the dashed line, a trial of that size would
more likely than not change what the review says.
"""

from __future__ import annotations

import math
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from livingreview.figures.stack import (
    Block,
    chart_block,
    heading_block,
    legend_block,
    name_axis,
    note_block,
    stacked,
    title_block,
)
from livingreview.figures.style import (
    BLUE,
    GREY,
    INK,
    MARGIN,
    ORANGE,
    PALE,
    RC,
    SMALL,
    WIDTH,
)
from livingreview.figures.wording import OutcomeWords

CHART = 2.1
LEFT = 0.75
NONE_PLANNED = "no size and no true effect were given"
# Lines of odds ratios differ in colour, filling, dash and mark, so that they read in grey.
BELOW, SAME, ABOVE = BLUE, INK, ORANGE
DASHES: list[str | tuple] = ["-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2))]
MARKS = "osD^v"


@matplotlib.rc_context(RC)
def draw_next_trial(
    next_trial: pd.DataFrame,
    summary: pd.DataFrame,
    outcomes: dict[str, OutcomeWords],
    wanted: float,
    treated: str,
) -> Figure:
    """Draw the probability of moving the verdict against the size of the next trial.

    Parameters
    ----------
    next_trial : DataFrame
        Columns outcome, true_odds_ratio, people_per_arm, p_moves and mcse.
    summary : DataFrame
        Columns outcome, verdict_now and reason.
    outcomes : dict of OutcomeWords
        In the order of the figure.
    wanted : float
        Probability from which a trial counts as large enough.
    treated : str
        What the treated arm got, inside a sentence.
    """
    ratios = np.unique(next_trial["true_odds_ratio"].to_numpy(float))
    blocks = [title_block(f"How large a new trial of {treated} would change the verdict?")]
    for outcome, words in outcomes.items():
        blocks.append(heading_block(words.label))
        of_outcome = next_trial[next_trial["outcome"] == outcome]
        said = summary[summary["outcome"] == outcome]
        verdicts = said["verdict_now"].dropna().unique()
        blocks += [note_block(f"Verdict now: {verdict}.") for verdict in verdicts]
        if of_outcome.empty:
            reasons = list(said["reason"].dropna().unique()) or [NONE_PLANNED]
            blocks += [note_block(f"Nothing was simulated: {reason}.") for reason in reasons]
        else:
            blocks.append(_chart(of_outcome, ratios, wanted))
    return stacked([*blocks, legend_block(_handles(ratios, wanted))] if ratios.size else blocks)


def _handles(ratios: np.ndarray, wanted: float) -> list[Artist]:
    """One entry per line, and the probability that is enough."""
    lines: list[Artist] = []
    for ratio in ratios:
        label = f"if the true odds ratio is {ratio:g}"
        lines.append(Line2D([], [], label=label, **_look(float(ratio), ratios)))
    label = f"{wanted:.0%}, a trial worth its size"
    return [*lines, Line2D([], [], color=GREY, ls=(0, (2, 2)), lw=1.2, label=label)]


def _chart(rows: pd.DataFrame, ratios: np.ndarray, wanted: float) -> Block:
    sizes = np.sort(rows["people_per_arm"].unique()).astype(float)

    def draw(axes: Axes) -> None:
        axes.set_xscale("log")
        axes.set(xlim=(sizes[0] / 1.08, sizes[-1] * 1.03), ylim=(0, 1))
        axes.axhline(wanted, color=GREY, linewidth=1.2, linestyle=(0, (2, 2)), zorder=1)
        for ratio, line in rows.groupby("true_odds_ratio"):
            line = line.sort_values("people_per_arm")
            x, y = line["people_per_arm"].to_numpy(float), line["p_moves"].to_numpy(float)
            error = 1.96 * line["mcse"].to_numpy(float)
            axes.fill_between(x, y - error, y + error, color=PALE, lw=0, zorder=1.5)
            axes.plot(x, y, zorder=3, clip_on=False, **_look(float(str(ratio)), ratios))
        axes.set_xticks(*_size_ticks(sizes))
        axes.minorticks_off()
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
        axes.tick_params(axis="y", labelsize=SMALL)
        axes.spines[["right", "top"]].set_visible(False)
        name_axis(axes, "people in each arm of the new trial")

    return chart_block(CHART, draw, left=LEFT, width=WIDTH - LEFT - MARGIN - 0.2)


def _look(ratio: float, ratios: np.ndarray) -> dict[str, Any]:
    """Colour and filling by side of 1, dash and mark by distance from it."""
    style: dict[str, Any] = {"color": SAME, "ls": "-", "marker": "o", "lw": 1.8, "ms": 5.5}
    if math.isclose(ratio, 1):
        return style
    side = np.sort([abs(math.log(r)) for r in ratios if (r > 1) == (ratio > 1) and r != 1])
    order = int(np.argmin(np.abs(side - abs(math.log(ratio)))))
    style |= {"ls": DASHES[order % len(DASHES)], "marker": MARKS[(order + 1) % len(MARKS)]}
    return style | ({"color": ABOVE} if ratio > 1 else {"color": BELOW, "mfc": "white"})


def _size_ticks(sizes: np.ndarray) -> tuple[list[float], list[str]]:
    """Sizes that are labelled: those far enough apart on the logarithmic axis."""
    span = math.log(sizes[-1] / sizes[0]) or 1.0
    kept = [sizes[0]]
    for size in sizes[1:]:
        if math.log(size / kept[-1]) / span > 0.11:
            kept.append(size)
    return kept, [f"{size:,.0f}" for size in kept]
