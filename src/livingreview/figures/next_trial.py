"""Where one more trial would move the verdict, by its size and the true pooled effect.

A chart for each true pooled effect, in which the chances are stacked: from the bottom the verdict
moves towards the truth, from the top away from it, and below that to "cannot tell".
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from livingreview.figures import axis, legend, style
from livingreview.figures.sheet import Sheet
from livingreview.figures.wording import Wording

CHART = 1.35
LEFT, GAP = 0.62, 0.4
# Charts beside one another, whose numbers still stand apart.
BESIDE = 5
NONE_PLANNED = "no size and no true effect were given"
WANTED: Any = {"color": style.GREY, "ls": (0, (2, 2)), "lw": 1.2}
# Surfaces differ in lightness, and the only two that could be taken for each other in hatching.
TOWARDS: Any = {"facecolor": style.BLUE}
STAYS: Any = {"facecolor": "white"}
CANNOT_TELL: Any = {"facecolor": style.PALE}
AWAY: Any = {"facecolor": style.ORANGE, "hatch": "////", "edgecolor": "white"}


@style.applied
def draw_next_trial(
    next_trial: pd.DataFrame, summary: pd.DataFrame, power: float, wording: Wording
) -> Figure:
    """Draw the chances that a trial moves the verdict against its size.

    Parameters
    ----------
    next_trial : DataFrame
        Columns outcome, true_effect, people_per_arm, p_towards, p_away and p_cannot_tell.
    summary : DataFrame
        Columns outcome, verdict_now and reason.
    power : float
        Probability of moving it towards the truth from which a trial counts as large enough.
    wording : Wording
    """
    measure = wording.measure
    sheet = Sheet(f"Where would a new trial of {wording.treated} move the verdict?")
    if not next_trial.empty:
        sheet.note(
            f"The number below each chart is the pooled {measure.label}, over all settings, that is"
            " assumed to be true. Across: people in each arm of the trial."
        )
    for outcome, words in wording.outcomes.items():
        sheet.heading(words.label)
        rows = next_trial[next_trial["outcome"] == outcome]
        notes = summary[summary["outcome"] == outcome]
        for verdict in notes["verdict_now"].dropna().unique():
            sheet.note(f"Verdict now: {verdict}.")
        charts = [
            partial(_draw_chart, of_effect, measure.assumed(float(str(effect))), power)
            for effect, of_effect in rows.groupby("true_effect")
        ]
        for first in range(0, len(charts), BESIDE):
            beside = charts[first : first + BESIDE]
            # A row that is not full has charts of the same width.
            room = (style.RIGHT - 0.2 - LEFT + GAP) / BESIDE
            right = style.WIDTH - LEFT + GAP - room * len(beside)
            sheet.charts(CHART, *beside, left=LEFT, right=right, gap=GAP)
        if charts:
            continue
        for reason in list(notes["reason"].dropna().unique()) or [NONE_PLANNED]:
            sheet.note(f"Nothing was simulated: {reason}.")
    if not next_trial.empty:
        sheet.legend(
            [
                legend.patch("moves away from the truth", **_face(AWAY)),
                legend.patch("moves to “cannot tell”", **_face(CANNOT_TELL)),
                legend.patch("stays as it is", **_face(STAYS | {"edgecolor": style.GREY})),
                legend.patch("moves towards the truth", **_face(TOWARDS)),
                legend.line(f"{power:.0%}, the power asked of a trial", **WANTED),
            ]
        )
    return sheet.figure()


def _face(look: dict[str, Any]) -> dict[str, Any]:
    """Options of a patch as those of a sample in the legend."""
    return {"face" if name == "facecolor" else name: value for name, value in look.items()}


def _draw_chart(rows: pd.DataFrame, effect: str, power: float, axes: Axes) -> None:
    rows = rows.sort_values("people_per_arm")
    sizes = rows["people_per_arm"].to_numpy(float)
    ends = sizes[0] / 1.08, sizes[-1] * 1.03
    axes.set_xscale("log")
    axes.set(xlim=ends, ylim=(0, 1))
    towards, away, none = (
        np.pad(rows[f"p_{name}"].to_numpy(float), 1, mode="edge")
        for name in ("towards", "away", "cannot_tell")
    )
    x = np.array([ends[0], *sizes, ends[1]])
    levels = [np.zeros(x.size), towards, 1 - away - none, 1 - away, np.ones(x.size)]
    surfaces = zip(levels, levels[1:], (TOWARDS, STAYS, CANNOT_TELL, AWAY), strict=False)
    for low, high, look in surfaces:
        axes.fill_between(x, low, high, lw=0, zorder=1, **look)
    axes.axhline(power, zorder=2, **WANTED)
    labelled = [sizes[0], sizes[-1]] if len(sizes) > 1 else [sizes[0]]
    axes.set_xticks(labelled, [f"{size:,.0f}" for size in labelled])
    axes.minorticks_off()
    is_first = axes.get_position().x0 * style.WIDTH < LEFT + 0.01
    shares = [0, 0.25, 0.5, 0.75, 1]
    axes.set_yticks(shares, [f"{share:.0%}" if is_first else "" for share in shares])
    axes.spines[["right", "top"]].set_visible(False)
    axis.name_quantity(axes, effect)
