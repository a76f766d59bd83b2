"""How much each study moves the fit (Pareto k), and whether the others predict it (LOO-PIT).

Vehtari, Gelman and Gabry 2017, Statistics and Computing 27, 1413-1432. A k above the
line says that the shortcut for leaving the study out is not to be trusted; then the
model is fitted again without it.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import kstwo

from livingreview.figures import axis, legend, style
from livingreview.figures.posterior_draws import MODEL, UNFITTED
from livingreview.figures.sheet import Page, Sheet
from livingreview.figures.wording import OutcomeWords, count_studies, study_names

PIT = 1.7
LEFT, GAP = 0.7, 0.72
# Fewest values that make a readable curve.
FEWEST_PITS = 8
WITHIN = 0.95


@style.applied
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
    sheet = Sheet("Does the fit hang on one study?")
    pits: dict[str, np.ndarray] = {}
    for outcome, words in outcomes.items():
        rows = influence[influence["fit"] == f"{outcome}/{MODEL}"]
        sheet.heading(words.label)
        if rows.empty:
            sheet.note(UNFITTED)
        else:
            _add_studies(sheet, rows, names, most)
        pit = np.sort(rows["pit"].dropna().to_numpy(float))
        if pit.size >= FEWEST_PITS:
            pits[words.label] = pit
    refitted: Any = {"marker": "D", "ms": 7, "mfc": "white", "mec": style.ORANGE, "mew": 1.6}
    if sheet.has_charts:
        sheet.legend(
            [
                legend.line("one study", marker="o", ms=7, lw=1.4),
                legend.line(
                    "one study, and the model was fitted again without it", lw=1.4, **refitted
                ),
                legend.patch(f"k above {most:g}: the shortcut is not trusted"),
            ]
        )
    if pits:
        _add_pits(sheet, pits)
    return sheet.figure()


def _add_studies(sheet: Sheet, rows: pd.DataFrame, names: dict[str, str], most: float) -> None:
    """Rows of the studies, the most influential first."""
    ordered = rows.sort_values("pareto_k", ascending=False, kind="stable")
    shown, others = ordered.iloc[: style.MOST_STUDIES], ordered.iloc[style.MOST_STUDIES :]

    def draw(axes: Axes, middles: np.ndarray) -> None:
        k = shown["pareto_k"].to_numpy(float)
        # Too few weights leave k infinite.
        finite = k[np.isfinite(k)]
        left = min(-0.2, finite.min(initial=0.0) - 0.05)
        right = max(1.0, finite.max(initial=0.0) + 0.08)
        axes.set_xlim(left, right)
        axes.axvspan(most, axes.get_xlim()[1], color=style.PALE, linewidth=0, zorder=0)
        axes.axvline(most, color=style.INK, linewidth=1.2, linestyle=style.DASHED, zorder=1)
        axes.axvline(0, color=style.GREY, linewidth=0.8, zorder=1)
        axes.hlines(middles, 0, np.clip(k, left, right), color=style.BLUE, linewidth=1.4, zorder=2)
        axis.draw_arrows(axes, k, middles, style.BLUE)
        refitted = shown["refitted"].to_numpy(bool)
        for chosen, mark, face, edge in (
            (~refitted, "o", style.BLUE, style.BLUE),
            (refitted, "D", "white", style.ORANGE),
        ):
            look: Any = {"ms": 7, "mfc": face, "mec": edge, "mew": 1.6}
            axes.plot(k[chosen], middles[chosen], mark, zorder=3, **look)
        axis.leave_bottom(axes)
        axis.name_quantity(axes, "Pareto k")

    sheet.rows([names[study] for study in shown["study_id"]], draw)
    if len(others):
        top = others["pareto_k"].max()
        sheet.note(f"Not drawn: {count_studies(len(others))}, k at most {top:.2f}.")


def _add_pits(sheet: Sheet, pits: dict[str, np.ndarray]) -> None:
    """One square per outcome, with its label above."""
    # Always room for three, so that one alone is not stretched.
    places = max(len(pits), 3)
    width = (style.WIDTH - 0.2 - LEFT - GAP * (places - 1)) / places
    labels = [style.wrapped(label, width + GAP - 0.6) for label in pits]

    def write_labels(page: Page, top: float) -> None:
        for i, lines in enumerate(labels):
            page.write(top + 0.06, lines, x=LEFT + i * (width + GAP))

    charts = [partial(_draw_pit, pit) for pit in pits.values()]
    empty = [lambda axes: axes.set_axis_off()] * (places - len(pits))
    text = "Where each study falls in what the others predict for it"
    sheet.heading(text, before=0.2)
    sheet.add(max(map(len, labels)) * style.line_height() + 0.04, write_labels)
    sheet.charts(PIT, *charts, *empty, left=LEFT, gap=GAP)
    sheet.legend(
        [
            legend.line("studies, from the lowest predicted place on", lw=1.8),
            legend.patch(f"{WITHIN:.0%} of such lines stay in here when the model is right"),
        ]
    )


def _draw_pit(pit: np.ndarray, axes: Axes) -> None:
    """Draw the distribution of the transform, and the Kolmogorov-Smirnov band around even."""
    half = float(kstwo.ppf(WITHIN, pit.size))
    even = np.array([0.0, 1.0])
    axes.fill_between(even, even - half, even + half, color=style.PALE, lw=0, zorder=0)
    axes.plot(even, even, color=style.INK, lw=0.8, zorder=1)
    steps = np.concatenate([[0.0], np.arange(1, pit.size + 1) / pit.size, [1.0]])
    places = np.concatenate([[0.0], pit, [1.0]])
    axes.step(places, steps, where="post", color=style.BLUE, lw=1.8)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.set_xticks([0, 0.5, 1], ["0", "½", "1"])
    axes.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
    axes.spines[["right", "top"]].set_visible(False)
    axis.name_quantity(axes, "predicted place")
