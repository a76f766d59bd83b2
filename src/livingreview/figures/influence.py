"""How much each study moves the fit (Pareto k), and whether the others predict it (LOO-PIT).

Vehtari, Gelman and Gabry 2017, Statistics and Computing 27, 1413-1432. A k above the
line says that the shortcut for leaving the study out is not to be trusted; then the
model is fitted again without it.
"""

from __future__ import annotations

from collections.abc import Callable

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from scipy.stats import kstwo

from livingreview.figures.draws import MODEL, UNFITTED
from livingreview.figures.stack import (
    MOST_STUDIES,
    Block,
    charts_block,
    heading_block,
    legend_block,
    name_axis,
    note_block,
    rows_block,
    stacked,
    title_block,
    words_block,
)
from livingreview.figures.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE,
    RC,
    SMALL,
    WIDTH,
    line_height,
    put_lines,
    wrapped,
)
from livingreview.figures.wording import OutcomeWords, of_studies, study_names

PIT = 1.7
LEFT, GAP = 0.7, 0.72
# Fewer values draw no curve that could be read.
FEWEST_PITS = 8
WITHIN = 0.95


@matplotlib.rc_context(RC)
def draw_influence(
    influence: pd.DataFrame,
    studies: pd.DataFrame,
    outcomes: dict[str, OutcomeWords],
    most: float,
) -> Figure:
    """Pareto k by study, and the leave-one-out probability integral transform, by outcome.

    Parameters
    ----------
    influence : DataFrame
        Columns fit, study_id, pareto_k, pit and refitted.
    studies : DataFrame
        Columns of `livingreview.tables.records.Studies`.
    outcomes : dict of OutcomeWords
        In the order of the figure.
    most : float
        Pareto k from which the shortcut is not trusted.
    """
    names = study_names(studies)
    blocks = [title_block("Does the fit hang on one study?")]
    pits: dict[str, np.ndarray] = {}
    for outcome, words in outcomes.items():
        rows = influence[influence["fit"] == f"{outcome}/{MODEL}"]
        blocks.append(heading_block(words.label))
        if rows.empty:
            blocks.append(note_block(UNFITTED))
        else:
            blocks += _part(rows, names, most)
        pit = np.sort(rows["pit"].dropna().to_numpy(float))
        if pit.size >= FEWEST_PITS:
            pits[words.label] = pit
    blocks.append(legend_block(_handles(most)))
    if pits:
        blocks += _pit_blocks(pits)
    return stacked(blocks)


def _part(rows: pd.DataFrame, names: dict[str, str], most: float) -> list[Block]:
    """Rows of the studies, the most influential first."""
    ordered = rows.sort_values("pareto_k", ascending=False, kind="stable")
    shown, others = ordered.iloc[:MOST_STUDIES], ordered.iloc[MOST_STUDIES:]

    def draw(axes: Axes, middles: np.ndarray) -> None:
        k = shown["pareto_k"].to_numpy(float)
        axes.set_xlim(min(-0.2, k.min() - 0.05), max(1.0, k.max() + 0.08))
        axes.axvspan(most, axes.get_xlim()[1], color=PALE, linewidth=0, zorder=0)
        axes.axvline(most, color=INK, linewidth=1.2, linestyle=(0, (4, 3)), zorder=1)
        axes.axvline(0, color=GREY, linewidth=0.8, zorder=1)
        axes.hlines(middles, 0, k, color=BLUE, linewidth=1.4, zorder=2)
        for again, mark, face in ((False, "o", BLUE), (True, "D", "white")):
            of_kind = shown["refitted"].to_numpy(bool) == again
            colour = ORANGE if again else BLUE
            axes.plot(
                k[of_kind], middles[of_kind], mark, ms=7, mfc=face, mec=colour, mew=1.6, zorder=3
            )
        axes.set_yticks([])
        axes.spines[["left", "right", "top"]].set_visible(False)
        name_axis(axes, "Pareto k")

    blocks = [rows_block([names[study] for study in shown["study_id"]], draw)]
    if len(others):
        top = others["pareto_k"].max()
        blocks.append(note_block(f"Not drawn: {of_studies(len(others))}, k at most {top:.2f}."))
    return blocks


def _pit_blocks(pits: dict[str, np.ndarray]) -> list[Block]:
    """One square per outcome, with its label above."""
    # Always room for three, so that one alone is not stretched.
    places = max(len(pits), 3)
    width = (WIDTH - 0.2 - LEFT - GAP * (places - 1)) / places
    lines = [wrapped(label, width + GAP - 0.6, SMALL) for label in pits]

    def write(_: Figure, page: Axes, top: float) -> None:
        for i, words in enumerate(lines):
            put_lines(page, LEFT + i * (width + GAP), top + 0.06, words, SMALL)

    charts: list[Callable[[Axes], None]] = [_pit_chart(pit) for pit in pits.values()]
    charts += [lambda axes: axes.set_axis_off()] * (places - len(pits))
    text = "Where each study falls in what the others predict for it"
    handles = [
        Line2D([], [], color=BLUE, lw=1.8, label="studies, from the lowest predicted place on"),
        Patch(
            facecolor=PALE, label=f"{WITHIN:.0%} of such lines stay in here when the model is right"
        ),
    ]
    return [
        words_block(text, 11.0, before=0.2, weight="bold"),
        Block(max(map(len, lines)) * line_height(SMALL) + 0.04, write),
        charts_block(PIT, charts, LEFT, GAP),
        legend_block(handles),
    ]


def _pit_chart(pit: np.ndarray) -> Callable[[Axes], None]:
    """Empirical distribution of the transform, with the Kolmogorov-Smirnov band around even."""
    half = float(kstwo.ppf(WITHIN, pit.size))

    def draw(axes: Axes) -> None:
        even = np.array([0.0, 1.0])
        axes.fill_between(even, even - half, even + half, color=PALE, lw=0, zorder=0)
        axes.plot(even, even, color=INK, lw=0.8, zorder=1)
        steps = np.concatenate([[0.0], np.arange(1, pit.size + 1) / pit.size, [1.0]])
        axes.step(np.concatenate([[0.0], pit, [1.0]]), steps, where="post", color=BLUE, lw=1.8)
        axes.set(xlim=(0, 1), ylim=(0, 1))
        axes.set_xticks([0, 0.5, 1], ["0", "½", "1"])
        axes.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
        axes.tick_params(axis="y", labelsize=SMALL)
        axes.spines[["right", "top"]].set_visible(False)
        name_axis(axes, "predicted place")

    return draw


def _handles(most: float) -> list[Artist]:
    return [
        Line2D([], [], color=BLUE, marker="o", ms=7, lw=1.4, label="one study"),
        Line2D([], [], color=BLUE, marker="D", ms=7, mfc="white", mec=ORANGE, mew=1.6, lw=1.4,
               label="one study, and the model was fitted again without it"),
        Patch(facecolor=PALE, label=f"k above {most:g}: the shortcut is not trusted"),
    ]  # fmt: skip
