"""Probability that one more trial would move the verdict, by its size and the true effect.

A line per true effect. Where it crosses the dashed line, a trial of that size would
more likely than not change what the review says.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from livingreview.base.measures import Measure
from livingreview.figures import axis, legend, style
from livingreview.figures.sheet import Sheet
from livingreview.figures.wording import Wording

CHART = 2.1
LEFT = 0.75
NONE_PLANNED = "no size and no true effect were given"
# Lines of true effects differ in colour, filling, dash and mark, so that they read in grey.
DASHES: list[str | tuple] = ["-", style.LONG_DASHED, (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2))]
MARKS = "osD^v"
WANTED: Any = {"color": style.GREY, "ls": (0, (2, 2)), "lw": 1.2}


@style.applied
def draw_next_trial(
    next_trial: pd.DataFrame, summary: pd.DataFrame, power: float, wording: Wording
) -> Figure:
    """Draw the probability of moving the verdict against the size of the next trial.

    Parameters
    ----------
    next_trial : DataFrame
        Columns outcome, true_effect, people_per_arm, p_moves and mcse.
    summary : DataFrame
        Columns outcome, verdict_now and reason.
    power : float
        Probability from which a trial counts as large enough.
    wording : Wording
    """
    measure = wording.measure
    effects = np.unique(next_trial["true_effect"].to_numpy(float))
    thetas = measure.on_line(effects)
    sheet = Sheet(f"How large a new trial of {wording.treated} would change the verdict?")
    for outcome, words in wording.outcomes.items():
        sheet.heading(words.label)
        rows = next_trial[next_trial["outcome"] == outcome]
        notes = summary[summary["outcome"] == outcome]
        for verdict in notes["verdict_now"].dropna().unique():
            sheet.note(f"Verdict now: {verdict}.")
        if not rows.empty:
            draw = partial(_draw_chart, rows, measure, thetas, power)
            sheet.charts(CHART, draw, left=LEFT, right=style.MARGIN + 0.2)
            continue
        for reason in list(notes["reason"].dropna().unique()) or [NONE_PLANNED]:
            sheet.note(f"Nothing was simulated: {reason}.")
    if effects.size:
        lines = [
            legend.line(
                f"if the true {measure.label} is {measure.assumed(effect)}", **_look(theta, thetas)
            )
            for effect, theta in zip(effects.tolist(), thetas.tolist(), strict=True)
        ]
        sheet.legend([*lines, legend.line(f"{power:.0%}, a trial worth its size", **WANTED)])
    return sheet.figure()


def _draw_chart(
    rows: pd.DataFrame, measure: Measure, thetas: np.ndarray, power: float, axes: Axes
) -> None:
    sizes = np.sort(rows["people_per_arm"].unique()).astype(float)
    axes.set_xscale("log")
    axes.set(xlim=(sizes[0] / 1.08, sizes[-1] * 1.03), ylim=(0, 1))
    axes.axhline(power, zorder=1, **WANTED)
    for effect, line in rows.groupby("true_effect"):
        line = line.sort_values("people_per_arm")
        x, y = line["people_per_arm"].to_numpy(float), line["p_moves"].to_numpy(float)
        error = 1.96 * line["mcse"].to_numpy(float)
        axes.fill_between(x, y - error, y + error, color=style.PALE, lw=0, zorder=1.5)
        axes.plot(
            x,
            y,
            zorder=3,
            clip_on=False,
            **_look(float(measure.on_line(float(str(effect)))), thetas),
        )
    axes.set_xticks(*_size_ticks(sizes))
    axes.minorticks_off()
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
    axes.spines[["right", "top"]].set_visible(False)
    axis.name_quantity(axes, "people in each arm of the new trial")


def _look(theta: float, thetas: np.ndarray) -> dict[str, Any]:
    """Colour and filling by side of no difference, dash and mark by distance from it."""
    look: dict[str, Any] = {"color": style.INK, "ls": "-", "marker": "o", "lw": 1.8, "ms": 5.5}
    if math.isclose(theta, 0, abs_tol=1e-9):
        return look
    side = np.sort([abs(t) for t in thetas if t * theta > 0])
    order = int(np.argmin(np.abs(side - abs(theta))))
    look |= {"ls": DASHES[order % len(DASHES)], "marker": MARKS[(order + 1) % len(MARKS)]}
    return look | ({"color": style.ORANGE} if theta > 0 else {"color": style.BLUE, "mfc": "white"})


def _size_ticks(sizes: np.ndarray) -> tuple[list[float], list[str]]:
    """Sizes that are labelled: those far enough apart on the logarithmic axis."""
    span = math.log(sizes[-1] / sizes[0]) or 1.0
    labelled = [sizes[0]]
    for size in sizes[1:]:
        if math.log(size / labelled[-1]) / span > 0.11:
            labelled.append(size)
    return labelled, [f"{size:,.0f}" for size in labelled]
