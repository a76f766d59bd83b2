"""Pooled effect with each study left out in turn, against the planned analysis.

A row that leaves the line of the planned analysis far behind is a study on which the
answer hangs.
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
from livingreview.figures.wording import (
    OutcomeWords,
    interval_text,
    of_studies,
    study_names,
)

ENDS = ["q2_5", "q50", "q97_5"]
NOTHING = "no effect on this outcome can be analysed"
ONLY_ONE = "There is only one study: without it, nothing is left."


@matplotlib.rc_context(RC)
def draw_leave_one_out(
    variations: pd.DataFrame,
    told: pd.DataFrame,
    studies: pd.DataFrame,
    outcomes: dict[str, OutcomeWords],
    limit: float,
    treated: str,
) -> Figure:
    """Draw the pooled odds ratio without each study, by outcome.

    Parameters
    ----------
    variations, told, studies : DataFrame
        Columns of `livingreview.tables.sensitivity.Variations` and `VariedOutcomes`, and
        of `livingreview.tables.records.Studies`.
    outcomes : dict of OutcomeWords
        In the order of the figure.
    limit : float
        Odds ratio below which, and above whose inverse, a difference is practically none.
    treated : str
        What the treated arm got, inside a sentence.
    """
    names = study_names(studies)
    blocks = [title_block(f"Does the answer on {treated} hang on one study?")]
    for outcome, words in outcomes.items():
        of_outcome = variations[variations["outcome"] == outcome]
        planned = of_outcome[of_outcome["analysis"] == "planned"]
        without = of_outcome[of_outcome["analysis"] == "leave_one_out"]
        count = f" ({of_studies(int(planned['studies'].iloc[0]))})" if len(planned) else ""
        blocks.append(heading_block(words.label + count))
        if without.empty:
            nothing = not_varied(told, outcome) if planned.empty else ONLY_ONE
            blocks.append(note_block(nothing))
        else:
            blocks += _part(planned.iloc[0], without, names, words, limit)
    return stacked([*blocks, legend_block(_handles(limit))])


def not_varied(told: pd.DataFrame, outcome: str) -> str:
    """Sentence on an outcome whose analyses could not be varied, with the reason.

    Parameters
    ----------
    told : DataFrame
        Columns of `livingreview.tables.sensitivity.VariedOutcomes`.
    outcome : str
    """
    reasons = told.loc[told["outcome"] == outcome, "reason"].dropna()
    return f"Nothing to draw: {reasons.iloc[0] if len(reasons) else NOTHING}."


def _part(
    planned: pd.Series,
    without: pd.DataFrame,
    names: dict[str, str],
    words: OutcomeWords,
    limit: float,
) -> list[Block]:
    """One row for all studies and one without each, from the lowest to the highest."""
    moved = (without["q50"] - planned["q50"]).abs().to_numpy()
    first = np.argsort(-moved, kind="stable")[:MOST_STUDIES]
    shown = without.iloc[first].sort_values("q50", kind="stable")
    labels = ["all studies", *(f"without {names[study]}" for study in shown["variant"])]

    def draw(axes: Axes, middles: np.ndarray) -> None:
        values = np.concatenate([without[ENDS].to_numpy(float).ravel(), planned[ENDS]])
        odds_ratio_axis(axes, *axis_ends(values.astype(float)), limit)
        axes.axvline(planned["q50"], color=BLUE, linewidth=1.2, linestyle=(0, (4, 3)), zorder=2)
        low, middle, high = planned[ENDS].astype(float)
        draw_interval(axes, low, middle, high, middles[0], INK, marker="D")
        rows = shown[ENDS].to_numpy(float)
        for (low, middle, high), y in zip(rows, middles[1:], strict=True):
            draw_interval(axes, low, middle, high, y, face="white")
        name_odds_ratio_axis(axes, words)

    blocks = [rows_block(labels, draw)]
    others = np.delete(without["q50"].to_numpy(float), first)
    if others.size:
        between = interval_text(np.exp(others.min()), np.exp(others.max()))
        text = f"Not drawn, as they move the answer less: {of_studies(others.size)}, each of "
        blocks.append(note_block(f"{text}which left out gives an odds ratio of {between}."))
    return blocks


def _handles(limit: float) -> list[Artist]:
    line: Any = {"color": BLUE, "lw": 2.6, "mec": BLUE, "mew": 1.3, "ms": 6.5}
    return [
        Line2D([], [], color=INK, marker="D", ms=6.5, lw=2.6, label="all studies (95% interval)"),
        Line2D([], [], marker="o", mfc="white", label="without one study (95% interval)", **line),
        Line2D([], [], color=BLUE, ls=(0, (4, 3)), lw=1.2, label="middle of all studies"),
        practically_none(limit),
    ]
