"""Forest plot of one outcome: each study's report, its posterior, and the pooled effect."""

from __future__ import annotations

import math

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from livingreview.figures.forest_rows import (
    BY_DESIGN,
    OVERALL,
    PooledRow,
    StudyRow,
    draw_pooled_row,
    draw_study_row,
    pooled_rows,
    study_rows,
)
from livingreview.figures.style import (
    BLUE,
    FULL,
    GREY,
    INK,
    LIGHT_BLUE,
    MARGIN,
    MOST_ROWS,
    PALE,
    RC,
    SMALL,
    TEXT,
    TITLE,
    WIDTH,
    axis_ends,
    line_height,
    new_page,
    odds_ratio_axis,
    panel,
    put_lines,
    wrapped,
)
from livingreview.figures.wording import OutcomeWords

BREAK = 0.4
TICKS = 0.3
NO_EFFECT = "No study reported this outcome in a way that could be analysed."
UNFITTED = {OVERALL: "The studies were not pooled", BY_DESIGN: "Not pooled by study design"}


@matplotlib.rc_context(RC)
def draw_forest(
    outcome: str,
    words: OutcomeWords,
    studies: pd.DataFrame,
    effects: pd.DataFrame,
    reported: pd.DataFrame,
    study_effects: pd.DataFrame,
    summary: pd.DataFrame,
    models: pd.DataFrame,
    settings: dict[str, str],
    limit: float,
    treated: str,
) -> Figure:
    """Forest plot of one outcome; words stand above the marks, so that they can be large.

    Parameters
    ----------
    outcome : str
    words : OutcomeWords
        How the protocol speaks of it.
    studies, effects, study_effects, summary, models : DataFrame
        Columns of the classes of that name in `livingreview.tables`.
    reported : DataFrame
        As `livingreview.figures.reported.reported_table` returns it.
    settings : dict of str
        Label of each setting of the model by design, such as ``design=experimental``.
    limit : float
        Odds ratio below which, and above whose inverse, a difference is practically none.
    treated : str
        What the treated arm got, inside a sentence.
    """
    title = wrapped(words.label, FULL, TITLE, bold=True)
    rows = study_rows(effects, studies, reported, study_effects, outcome)
    if not rows:
        return _empty(title)
    shown, pooled = rows[-MOST_ROWS:], pooled_rows(summary, outcome, settings)
    notes = _refused(models, outcome)
    footnotes = _footnotes(reported, len(rows) - len(shown), treated)
    sides = [_side(words, side, treated) for side in ("less", "more")]
    handles = _handles(shown, bool(pooled), limit)

    small = line_height(SMALL)
    start = 0.1 + len(title) * line_height(TITLE) + small + 0.14
    body = sum(row.height for row in shown) + BREAK
    body += sum(row.height for row in pooled) + (len(notes) * small + 0.06 if notes else 0.0)
    below = TICKS + max(map(len, sides)) * small + 0.12
    legend = len(handles) * 1.07 * small + 0.14
    height = start + body + below + legend + len(footnotes) * small + 0.12

    figure, page = new_page(height)
    y = put_lines(page, MARGIN, 0.1, title, TITLE, weight="bold") + 0.04
    put_lines(page, MARGIN, y, ["Each study and what it reported"], SMALL, color=GREY)
    sizes = ["group sizes"] if reported["sizes"].notna().any() else []
    put_lines(page, WIDTH - MARGIN, y, sizes, SMALL, color=GREY, ha="right")
    axes = panel(figure, MARGIN + 0.08, start, FULL - 0.16, body)
    odds_ratio_axis(axes, *axis_ends(_values(shown, pooled)), limit)
    axes.set_ylim(start + body, start)
    # Words must stay readable where they cross the line at 1 and the band around it.
    axes.set_zorder(page.get_zorder() - 1)
    y = start
    for row in shown:
        draw_study_row(page, axes, row, y)
        y += row.height
    page.plot([MARGIN, WIDTH - MARGIN], [y + 0.03] * 2, color=INK, linewidth=1.2)
    put_lines(page, MARGIN, y + 0.1, ["Studies together"], SMALL, color=GREY)
    heading = ["odds ratio (95% interval)"] if pooled else []
    put_lines(page, WIDTH - MARGIN, y + 0.1, heading, SMALL, color=GREY, ha="right")
    y += BREAK
    for pooled_row in pooled:
        draw_pooled_row(page, axes, pooled_row, y)
        y += pooled_row.height
    put_lines(page, MARGIN, y, notes, SMALL, boxed=True, color=GREY)

    y = start + body + TICKS
    put_lines(
        page, WIDTH / 2, y, ["odds ratio (1 = no difference)"], SMALL, color=GREY, ha="center"
    )
    put_lines(page, MARGIN, y, sides[0], SMALL)
    put_lines(page, WIDTH - MARGIN, y, sides[1], SMALL, ha="right")
    y += max(map(len, sides)) * small + 0.12
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.005, 1 - y / height),
        frameon=False,
        fontsize=SMALL,
        handlelength=2.4,
        labelspacing=0.35,
        borderaxespad=0,
    )
    put_lines(page, MARGIN, y + legend, footnotes, SMALL, color=GREY)
    return figure


def _empty(title: list[str]) -> Figure:
    """Figure of an outcome without any analysed effect."""
    lines = wrapped(NO_EFFECT, FULL, TEXT)
    height = 0.3 + len(title) * line_height(TITLE) + len(lines) * line_height(TEXT)
    _, page = (made := new_page(height))
    put_lines(page, MARGIN, put_lines(page, MARGIN, 0.1, title, TITLE, weight="bold") + 0.1, lines)
    return made[0]


def _side(words: OutcomeWords, side: str, treated: str) -> list[str]:
    """What one side of the axis means, as lines below it."""
    text = f"{side} {words.phrase} with {treated}"
    lines = wrapped(text, FULL / 2 - 0.2, SMALL)
    return [f"← {words.side(side)}" if side == "less" else f"{words.side(side)} →", *lines]


def _refused(models: pd.DataFrame, outcome: str) -> list[str]:
    """Why the studies could not be pooled, or not by design."""
    lines = []
    of_outcome = models[(models["outcome"] == outcome) & (models["status"] == "refused")]
    for _, refusal in of_outcome[of_outcome["model"].isin(list(UNFITTED))].iterrows():
        lines += wrapped(f"{UNFITTED[refusal['model']]}: {refusal['reason']}.", FULL, SMALL)
    return lines


def _footnotes(reported: pd.DataFrame, left_out: int, treated: str) -> list[str]:
    """Lines below the legend."""
    lines = wrapped(f"Group sizes: {treated} first.", FULL, SMALL)
    if reported["sizes"].isna().all():
        lines = []
    parts = [part for text in reported["assumption"].dropna() for part in text.split("; ")]
    if parts:
        lines += wrapped(f"* Assumed: {'; '.join(dict.fromkeys(parts))}.", FULL, SMALL)
    if left_out:
        lines += wrapped(f"Not drawn, but pooled: {left_out} earlier effects.", FULL, SMALL)
    return lines


def _values(rows: list[StudyRow], pooled: list[PooledRow]) -> np.ndarray:
    """Everything that the axis should reach, if it can."""
    own = [value for row in rows for value in (row.low, row.high, *row.posterior)]
    return np.array([*own, *(value for row in pooled for value in (row.low, row.high))])


def _handles(rows: list[StudyRow], pooled: bool, limit: float) -> list[Patch | Line2D]:
    """Legend in words, of what this figure holds."""
    handles: list[Patch | Line2D] = []
    if any(math.isnan(row.centre) for row in rows):
        label = "all that the study said: odds ratios that fit its statement"
        handles.append(Patch(facecolor="white", edgecolor=GREY, hatch="/////", label=label))
    if any(not math.isnan(row.centre) for row in rows):
        label = "study's own numbers: odds ratio and 95% interval"
        handles.append(
            Line2D([], [], color=INK, marker="s", mfc="white", ms=6.5, lw=1.2, label=label)
        )
    if any(not math.isnan(row.posterior[1]) for row in rows):
        label = "estimate for the study, given all studies (95% interval)"
        handles.append(Line2D([], [], color=BLUE, marker="o", ms=6.5, lw=2.6, label=label))
    if pooled:
        label = "average; the ends of the diamond are its 95% interval"
        handles.append(Line2D([], [], color=BLUE, marker="D", ms=8, lw=0, label=label))
        label = "where 95% of effects in new settings are expected"
        handles.append(Patch(facecolor=LIGHT_BLUE, edgecolor=BLUE, label=label))
    label = f"practically no difference (odds ratio 1/{limit:g} to {limit:g})"
    return [*handles, Patch(facecolor=PALE, label=label)]
