"""Forest plot of one outcome: each study's report, its posterior, and the pooled effect."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from livingreview.base.measures import Measure
from livingreview.figures import axis, legend, style
from livingreview.figures.forest_rows import (
    BY_DESIGN,
    OVERALL,
    DirectionRow,
    ForestTables,
    PooledRow,
    StudyRow,
    pooled_rows,
    study_rows,
)
from livingreview.figures.sheet import ASIDE, Page, Sheet
from livingreview.figures.wording import OutcomeWords, Wording

BREAK = 0.4
TICKS = 0.3
NO_EFFECT = "No study reported this outcome in a way that could be analysed."
UNFITTED = {OVERALL: "The studies were not pooled", BY_DESIGN: "Not pooled by study design"}


@style.applied
def draw_forest(
    outcome: str, tables: ForestTables, reported: pd.DataFrame, wording: Wording
) -> Figure:
    """Forest plot of one outcome; words stand above the marks, so that they can be large.

    `reported` is what `livingreview.figures.reported.reported_table` returns of the outcome.
    """
    words, measure = wording.outcomes[outcome], wording.measure
    sheet = Sheet(words.label)
    rows = study_rows(outcome, tables, reported, measure)
    if not rows:
        sheet.words(NO_EFFECT, size=style.TEXT, before=0.1)
        return sheet.figure()
    shown, pooled = rows[-style.MOST_ROWS :], pooled_rows(outcome, tables, measure)
    _add_heads(sheet, ["group sizes"] if reported["sizes"].notna().any() else [])
    notes = _why_not_pooled(outcome, tables.models)
    sheet.add(_height(shown, pooled, notes), partial(_draw_rows, shown, pooled, notes, measure))
    _add_sides(sheet, words, wording)
    sheet.legend(_handles(shown, pooled, measure), before=0.0, after=0.14)
    notes = _footnotes(reported, len(rows) - len(shown), wording)
    sheet.note(*notes, *_assumed_sizes(outcome, tables), before=0.0)
    sheet.add(0.02)
    return sheet.figure()


def _add_heads(sheet: Sheet, sizes: list[str]) -> None:
    """What stands at the left and at the right of the rows of studies."""

    def draw(page: Page, top: float) -> None:
        page.write(top + 0.04, ["Each study and what it reported"], color=style.GREY)
        page.write(top + 0.04, sizes, x=style.RIGHT, color=style.GREY, ha="right")

    sheet.add(style.line_height(), draw)
    sheet.add(0.14)


def _draw_rows(
    rows: list[StudyRow],
    pooled: list[PooledRow | DirectionRow],
    notes: list[str],
    measure: Measure,
    page: Page,
    top: float,
) -> None:
    """Draw the studies, a line, and what they say together, on one axis behind the words."""
    height = _height(rows, pooled, notes)
    axes = page.panel(ASIDE, top, style.WIDTH - 2 * ASIDE, height)
    values = [value for row in rows for value in (*row.own, *row.posterior)]
    values += [value for row in pooled for value in (row.low, row.high)]
    axis.lay_out(axes, np.array(values), measure)
    axes.set_ylim(top + height, top)
    # Words must stay readable where they cross the line of no difference and the band around it.
    axes.set_zorder(page.axes.get_zorder() - 1)
    y = top
    for row in rows:
        row.draw(page, axes, y)
        y += row.height
    page.axes.plot([style.MARGIN, style.RIGHT], [y + 0.03] * 2, color=style.INK, linewidth=1.2)
    page.write(y + 0.1, ["Studies together"], color=style.GREY)
    sized = any(isinstance(row, PooledRow) for row in pooled)
    heading = [f"{measure.phrase} (95% interval)" if sized else "how probable"] if pooled else []
    page.write(y + 0.1, heading, x=style.RIGHT, color=style.GREY, ha="right")
    y += BREAK
    for pooled_row in pooled:
        pooled_row.draw(page, axes, y)
        y += pooled_row.height
    page.write(y, notes, bbox=style.BOX, color=style.GREY)


def _height(
    rows: list[StudyRow], pooled: list[PooledRow | DirectionRow], notes: list[str]
) -> float:
    """Inches from the first row to the axis."""
    below = len(notes) * style.line_height() + 0.06 if notes else 0.0
    below += sum(row.height for row in pooled)
    return sum(row.height for row in rows) + BREAK + below


def _add_sides(sheet: Sheet, words: OutcomeWords, wording: Wording) -> None:
    """What the axis measures, and what each of its sides means."""
    marked = {
        "less": f"← {words.judged('less')}".strip(),
        "more": f"{words.judged('more')} →".strip(),
    }
    less, more = (
        [
            mark,
            *style.wrapped(
                f"{words.sides[side]} {words.phrase} with {wording.treated}", style.FULL / 2 - 0.2
            ),
        ]
        for side, mark in marked.items()
    )
    name = [wording.measure.axis]

    def draw(page: Page, top: float) -> None:
        y = top + TICKS
        page.write(y, name, x=style.WIDTH / 2, color=style.GREY, ha="center")
        page.write(y, less)
        page.write(y, more, x=style.RIGHT, ha="right")

    sheet.add(TICKS + max(len(less), len(more)) * style.line_height() + 0.12, draw)


def _why_not_pooled(outcome: str, models: pd.DataFrame) -> list[str]:
    """Why the studies could not be pooled, or not by design, as lines."""
    refused = models[(models["outcome"] == outcome) & (models["status"] == "refused")]
    lines = []
    for _, model in refused[refused["model"].isin(list(UNFITTED))].iterrows():
        lines += style.wrapped(f"{UNFITTED[model['model']]}: {model['reason']}.", style.FULL)
    return lines


def _footnotes(reported: pd.DataFrame, left_out: int, wording: Wording) -> list[str]:
    """Sentences below the legend."""
    measure = wording.measure
    notes = [
        f"“Could tell from”: no {measure.phrase} nearer to {measure.null_text} could the study have"
        " called significant (1.96 standard errors; where sizes or control shares are not known,"
        " those expected)."
    ]
    if reported["sizes"].notna().any():
        notes.append(f"Group sizes: {wording.treated} first.")
    parts = [part for text in reported["assumption"].dropna() for part in text.split("; ")]
    if parts:
        notes.append(f"* Assumed: {'; '.join(dict.fromkeys(parts))}.")
    if left_out:
        notes.append(f"Not drawn, but pooled: {left_out} earlier effects.")
    return notes


def _assumed_sizes(outcome: str, tables: ForestTables) -> list[str]:
    """That an average is stated by a rule which counts people whom no source counts."""
    fit = tables.summary[
        (tables.summary["outcome"] == outcome) & (tables.summary["model"] == OVERALL)
    ]
    if not fit["size_learnt"].any():
        return []
    people = tables.precision[tables.precision["outcome"] == outcome]
    # Where every effect is a number, the rule counts no people.
    if people["has_number"].all() or people["people_known"].all():
        return []
    unknown = (~people["people_known"]).sum()
    return [
        "Whether the average is told as a size hangs on how many people are behind numbers. No"
        f" source gives how many they are in {unknown} of {len(people)} effects; a prior does."
    ]


def _handles(
    rows: list[StudyRow], pooled: list[PooledRow | DirectionRow], measure: Measure
) -> list[Artist]:
    """Legend in words, of what this figure holds."""
    handles: list[Artist] = []
    if any(math.isnan(row.own[1]) for row in rows):
        label = f"all that the study said: {measure.plural} that fit its statement"
        handles.append(legend.patch(label, "white", edgecolor=style.GREY, hatch="/////"))
    if any(not math.isnan(row.own[1]) for row in rows):
        label = f"study's own numbers: {measure.phrase}, and 95% interval where it gives one"
        handles.append(legend.line(label, style.INK, marker="s", mfc="white", ms=6.5, lw=1.2))
    if any(not math.isnan(row.posterior[1]) for row in rows):
        label = "estimate for the study, given all studies (95% interval)"
        handles.append(legend.line(label, marker="o", ms=6.5, lw=2.6))
    if any(isinstance(row, DirectionRow) for row in pooled):
        label = "direction alone: a mark is as large as its side is probable, not as the effect"
        handles.append(legend.line(label, marker=">", mfc="white", ms=8, lw=0))
    if any(isinstance(row, PooledRow) for row in pooled):
        label = "average; the ends of the diamond are its 95% interval"
        handles.append(legend.line(label, marker="D", ms=8, lw=0))
        label = "where 95% of effects in new settings are expected"
        handles.append(legend.patch(label, style.LIGHT_BLUE, edgecolor=style.BLUE))
    return [*handles, legend.practically_none(measure, named=True)]
