"""Pooled effect as studies are added, from the oldest to the newest.

Each row pools the study that it names with all older ones, so the last row is the
planned analysis.
"""

from __future__ import annotations

from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from livingreview.figures.intervals import draw_interval
from livingreview.figures.leave_one_out import ENDS, not_varied
from livingreview.figures.stack import (
    MOST_STUDIES,
    Block,
    heading_block,
    legend_block,
    name_odds_ratio_axis,
    note_block,
    practically_none,
    rows_block,
    stacked,
    title_block,
)
from livingreview.figures.style import BLUE, INK, RC, axis_ends, odds_ratio_axis
from livingreview.figures.wording import OutcomeWords, study_names


@matplotlib.rc_context(RC)
def draw_cumulative(
    variations: pd.DataFrame,
    told: pd.DataFrame,
    studies: pd.DataFrame,
    outcomes: dict[str, OutcomeWords],
    limit: float,
    treated: str,
) -> Figure:
    """Draw the pooled odds ratio after each study, by outcome.

    Parameters
    ----------
    variations, told, studies : DataFrame
        Columns of `livingreview.tables.sensitivity.Variations`, the studies of the
        cumulative analyses from the oldest on, of `VariedOutcomes`, and of
        `livingreview.tables.records.Studies`.
    outcomes : dict of OutcomeWords
        In the order of the figure.
    limit : float
        Odds ratio below which, and above whose inverse, a difference is practically none.
    treated : str
        What the treated arm got, inside a sentence.
    """
    names = study_names(studies)
    blocks = [title_block(f"How the answer on {treated} changed as studies came in")]
    for outcome, words in outcomes.items():
        chosen = (variations["outcome"] == outcome) & (variations["analysis"] == "cumulative")
        blocks.append(heading_block(words.label))
        if chosen.any():
            blocks += _part(variations[chosen], names, words, limit)
        else:
            blocks.append(note_block(not_varied(told, outcome)))
    return stacked([*blocks, legend_block(_handles(limit))])


def _part(
    steps: pd.DataFrame, names: dict[str, str], words: OutcomeWords, limit: float
) -> list[Block]:
    """Rows from the oldest study down; the last one holds them all."""
    drawn = np.unique(np.linspace(0, len(steps) - 1, MOST_STUDIES).round().astype(int))
    shown = steps.iloc[drawn]
    after = zip(shown["variant"], shown["studies"], strict=True)
    labels = [f"{count}: {names[study]}" for study, count in after]

    def draw(axes: Axes, middles: np.ndarray) -> None:
        rows = shown[ENDS].to_numpy(float)
        odds_ratio_axis(axes, *axis_ends(rows.ravel()), limit)
        for (low, middle, high), y in zip(rows[:-1], middles[:-1], strict=True):
            draw_interval(axes, low, middle, high, y, face="white")
        low, middle, high = rows[-1]
        draw_interval(axes, low, middle, high, middles[-1], INK, marker="D")
        name_odds_ratio_axis(axes, words)

    blocks = [rows_block(labels, draw)]
    if len(shown) < len(steps):
        blocks.append(note_block(f"Drawn: {len(shown)} of {len(steps)} steps, evenly spaced."))
    return blocks


def _handles(limit: float) -> list[Artist]:
    line: Any = {"color": BLUE, "lw": 2.6, "mec": BLUE, "mew": 1.3, "ms": 6.5}
    label = "this study and all older ones (95% interval)"
    return [
        Line2D([], [], marker="o", mfc="white", label=label, **line),
        Line2D([], [], color=INK, marker="D", ms=6.5, lw=2.6, label="all studies, as planned"),
        practically_none(limit),
    ]
