"""Forest plot of one outcome: each study's report, its posterior, and the pooled effect."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from livingreview.base.measures import Measure
from livingreview.figures import axis, legend, style
from livingreview.figures.forest_marks import COUNT, LABELS, StudyMarks, small_handles, study_marks
from livingreview.figures.forest_rows import (
    BY_DESIGN,
    OVERALL,
    DirectionRow,
    ForestTables,
    PooledRow,
    StudyRow,
    analysed_effects,
    pooled_rows,
    study_rows,
)
from livingreview.figures.large_reviews import is_large, largest_studies, left_out
from livingreview.figures.sheet import ASIDE, Page, Sheet
from livingreview.figures.wording import OutcomeWords, Wording

Row = StudyRow | StudyMarks
BREAK = 0.4
TICKS = 0.3
NO_EFFECT = "No study reported this outcome in a way that could be analysed."
POOLED_TOO = "All studies are pooled, also those that are not drawn."
UNFITTED = {OVERALL: "The studies were not pooled", BY_DESIGN: "Not pooled by study design"}


@style.applied
def draw_forest(
    outcome: str, tables: ForestTables, reported: pd.DataFrame, wording: Wording
) -> Figure:
    """Forest plot of one outcome: each effect below the name of its study, or, of many, beside it.

    `reported` is what `livingreview.figures.reported.reported_table` returns of the outcome.
    """
    words, measure = wording.outcomes[outcome], wording.measure
    effects = analysed_effects(outcome, tables, reported)
    large = is_large(len(effects))
    sheet = Sheet(words.label, width=style.NARROW if large else style.WIDTH)
    if effects.empty:
        sheet.words(NO_EFFECT, size=style.TEXT, before=0.1)
        return sheet.figure()
    pooled = pooled_rows(outcome, tables, measure, sheet.full)
    refused = _why_not_pooled(outcome, tables.models, sheet.full)
    if large:
        largest = largest_studies(effects)
        sheet.note(*(others := left_out(effects, largest)))
        marks = study_marks(effects[effects["study_id"].isin(largest)])
        _add_heads(sheet, "Study", "effects")
        _add_rows(sheet, marks, (style.MARGIN + LABELS, COUNT), pooled, refused, measure)
        handles, notes = small_handles(marks, measure), [POOLED_TOO] * len(others)
    else:
        rows = study_rows(effects, reported, measure)
        sizes = "group sizes" if reported["sizes"].notna().any() else ""
        _add_heads(sheet, "Each study and what it reported", sizes)
        _add_rows(sheet, rows, (ASIDE, ASIDE), pooled, refused, measure)
        handles, notes = _handles(rows, measure), _footnotes(reported, wording)
    _add_sides(sheet, words, wording)
    sheet.legend([*handles, *_pooled_handles(pooled, measure)], before=0.0, after=0.14)
    sheet.note(*notes, *_assumed_sizes(outcome, tables), before=0.0)
    sheet.add(0.02)
    return sheet.figure()


def _add_heads(sheet: Sheet, left: str, right: str) -> None:
    """What stands at the left and at the right of the rows of studies."""

    def draw(page: Page, top: float) -> None:
        page.write(top + 0.04, [left], color=style.GREY)
        page.write(top + 0.04, [right], x=page.right, color=style.GREY, ha="right")

    sheet.add(style.line_height(), draw)
    sheet.add(0.14)


def _add_rows(
    sheet: Sheet,
    rows: Sequence[Row],
    sides: tuple[float, float],
    pooled: list[PooledRow | DirectionRow],
    notes: list[str],
    measure: Measure,
) -> None:
    """Add the studies, a line, and what they say together; `sides` of their one axis are free."""
    height = _height(rows, pooled, notes)
    sheet.add(height, partial(_draw_rows, rows, pooled, notes, measure, sides, height))


def _draw_rows(
    rows: Sequence[Row],
    pooled: list[PooledRow | DirectionRow],
    notes: list[str],
    measure: Measure,
    sides: tuple[float, float],
    height: float,
    page: Page,
    top: float,
) -> None:
    """Draw the studies, a line, and what they say together, on one axis behind the words."""
    axes = page.panel(sides[0], top, page.width - sum(sides), height)
    values = [value for row in rows for value in row.values]
    values += [value for row in pooled for value in (row.low, row.high)]
    axis.lay_out(axes, np.array(values), measure)
    axes.set_ylim(top + height, top)
    # Words must stay readable where they cross the line of no difference and the band around it.
    axes.set_zorder(page.axes.get_zorder() - 1)
    y = top
    for row in rows:
        row.draw(page, axes, y)
        y += row.height
    page.axes.plot([style.MARGIN, page.right], [y + 0.03] * 2, color=style.INK, linewidth=1.2)
    page.write(y + 0.1, ["Studies together"], color=style.GREY)
    sized = any(isinstance(row, PooledRow) for row in pooled)
    heading = [f"{measure.phrase} (95% interval)" if sized else "how probable"] if pooled else []
    page.write(y + 0.1, heading, x=page.right, color=style.GREY, ha="right")
    y += BREAK
    for pooled_row in pooled:
        pooled_row.draw(page, axes, y)
        y += pooled_row.height
    page.write(y, notes, bbox=style.BOX, color=style.GREY)


def _height(rows: Sequence[Row], pooled: list[PooledRow | DirectionRow], notes: list[str]) -> float:
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
                f"{words.sides[side]} {words.phrase} with {wording.treated}",
                sheet.width / 2 - style.MARGIN - 0.2,
            ),
        ]
        for side, mark in marked.items()
    )
    name = [wording.measure.axis]

    def draw(page: Page, top: float) -> None:
        y = top + TICKS
        page.write(y, name, x=page.width / 2, color=style.GREY, ha="center")
        page.write(y, less)
        page.write(y, more, x=page.right, ha="right")

    sheet.add(TICKS + max(len(less), len(more)) * style.line_height() + 0.12, draw)


def _why_not_pooled(outcome: str, models: pd.DataFrame, full: float) -> list[str]:
    """Why the studies could not be pooled, or not by design, as lines."""
    refused = models[(models["outcome"] == outcome) & (models["status"] == "refused")]
    lines = []
    for _, model in refused[refused["model"].isin(list(UNFITTED))].iterrows():
        lines += style.wrapped(f"{UNFITTED[model['model']]}: {model['reason']}.", full)
    return lines


def _footnotes(reported: pd.DataFrame, wording: Wording) -> list[str]:
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


def _handles(rows: list[StudyRow], measure: Measure) -> list[Artist]:
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
    return handles


def _pooled_handles(pooled: list[PooledRow | DirectionRow], measure: Measure) -> list[Artist]:
    """Legend in words, of what the studies say together, and of the strip behind them."""
    handles: list[Artist] = []
    if any(isinstance(row, DirectionRow) for row in pooled):
        label = "direction alone: a mark is as large as its side is probable, not as the effect"
        handles.append(legend.line(label, marker=">", mfc="white", ms=8, lw=0))
    if any(isinstance(row, PooledRow) for row in pooled):
        label = "average; the ends of the diamond are its 95% interval"
        handles.append(legend.line(label, marker="D", ms=8, lw=0))
        label = "where 95% of effects in new settings are expected"
        handles.append(legend.patch(label, style.LIGHT_BLUE, edgecolor=style.BLUE))
    return [*handles, legend.practically_none(measure, named=True)]
