"""Strip of effect directions of one outcome: a mark for each analysed effect, and no votes.

Of many effects, those of a study share its row, and a mark stands for all that look alike.

A mark stands in the lane of its direction. Its width grows with the root of the people behind it,
so that a large study looks as much firmer as it is. Its shade tells the design; it is hollow where
the study gave a direction and no number.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from livingreview.figures import style
from livingreview.figures.large_reviews import is_large, largest_studies, left_out
from livingreview.figures.map_rows import below, link
from livingreview.figures.sheet import Page, Sheet
from livingreview.figures.widths import root_widths
from livingreview.figures.wording import OutcomeWords, Wording, effect_name, study_name
from livingreview.tables.statuses import ANALYSED

LABELS, PEOPLE = 1.22, 0.78
LANE = (style.NARROW - 2 * style.MARGIN - LABELS - PEOPLE) / 3
# Half the height of a mark, how far its point reaches, and the least room beside it in its lane.
HALF, POINT, AIR = 0.075, 0.08, 0.05
# Widths of the mark of most people, and of the least: a narrower one would not show its face.
WIDEST, NARROWEST = LANE - 2 * (AIR + POINT), 0.12
# Widest mark where counts stand beside marks.
BESIDE_COUNT = 0.28
GAP = 0.12
# Lanes from left to right by direction; a direction that is not told stands in the middle.
LANES = {"decrease": 0, "none": 1, "unclear": 1, "increase": 2}
# Head of the lane in the middle; its wider lines stand above the heads of the others.
MIDDLE = ["no significant", "difference said,", "or direction", "not told"]
HEADS = len(MIDDLE) * style.line_height() + 0.06
DESIGN = "moderator_design"
NO_EFFECT = "No study reported this outcome in a way that could be analysed."
UNKNOWN = "design not known"
ASSUMED = "* No source gives the number of people: it is the middle of what is assumed."
# Looks of designs: face of a mark with a number, and its edge.
LOOKS: dict[str, dict[str, Any]] = {
    "quasi_experimental": {
        "facecolor": "#b8b8b8",
        "edgecolor": style.GREY,
        "linestyle": (0, (2.5, 1.2)),
    },
    "experimental": {"facecolor": style.INK, "edgecolor": style.INK, "linestyle": "solid"},
    UNKNOWN: {"facecolor": style.PALE, "edgecolor": style.GREY, "linestyle": (0, (1, 1))},
}


@dataclass(frozen=True)
class DirectionTables:
    """What the strips of all outcomes are drawn from.

    Attributes
    ----------
    studies, effects, precision : DataFrame
        Columns of the classes `Studies`, `Effects` and `Precision`.
    designs : dict of str
        Label of each design, as the protocol words it.
    """

    studies: pd.DataFrame
    effects: pd.DataFrame
    precision: pd.DataFrame
    designs: dict[str, str]


@dataclass(frozen=True)
class DirectionMark:
    """Effects of a row that point one way, hollow if they gave no number."""

    direction: str
    hollow: bool
    width: float
    count: int = 1


@dataclass(frozen=True)
class DirectionRow:
    """One effect, or all of one study."""

    study_id: str
    label: list[str]
    people: str
    design: str
    marks: list[DirectionMark]
    counted: bool = False

    @property
    def lanes(self) -> list[list[DirectionMark]]:
        """Marks of each lane, from the top down."""
        return [[mark for mark in self.marks if LANES[mark.direction] == i] for i in range(3)]

    @property
    def height(self) -> float:
        """Inches from this row to the next."""
        deepest = max(map(len, self.lanes))
        return max(len(self.label), deepest) * style.line_height() + GAP

    def draw(self, page: Page, top: float) -> None:
        """Draw the row from `top` down."""
        page.write(top + GAP / 2, self.label)
        page.write(top + GAP / 2, [self.people], x=page.right, ha="right", color=style.GREY)
        for i, marks in enumerate(self.lanes):
            left = style.MARGIN + LABELS + i * LANE
            x = left + AIR + POINT + BESIDE_COUNT / 2 if self.counted else left + LANE / 2
            start = top + GAP / 2
            for mark in marks:
                y = start + style.line_height() / 2
                draw_mark(page, x, y, mark.width, mark.direction, self.design, mark.hollow)
                count = [f"×{mark.count}"] if mark.count > 1 else []
                page.write(start, count, x=left + LANE - AIR, ha="right", color=style.GREY)
                start += style.line_height()
        below(page, top + self.height)
        link(page, top, self.height, self.study_id)


def draw_mark(
    page: Page,
    x: float,
    y: float,
    width: float,
    direction: str,
    design: str,
    hollow: bool,
) -> None:
    """Draw a mark centred at (x, y): pointed in its direction, with a question mark if unclear."""
    left, right = x - width / 2, x + width / 2
    corners = [(left, y - HALF), (right, y - HALF), (right, y + HALF), (left, y + HALF)]
    if direction == "increase":
        corners.insert(2, (right + POINT, y))
    if direction == "decrease":
        corners.append((left - POINT, y))
    mark = Polygon(corners, closed=True, linewidth=1.6, **LOOKS[design])
    if hollow:
        mark.set_facecolor("white")
    page.axes.add_patch(mark)
    if direction == "unclear":
        page.axes.text(x, y, "?", fontsize=8, weight="bold", ha="center", va="center_baseline")


@style.applied
def draw_directions(outcome: str, tables: DirectionTables, wording: Wording) -> Figure:
    """Strip of effect directions of one outcome."""
    words = wording.outcomes[outcome]
    sheet = Sheet(f"Directions: {words.label}", width=style.NARROW)
    effects = directed_effects(outcome, tables)
    if effects.empty:
        sheet.words(NO_EFFECT, size=style.TEXT, before=0.1)
        return sheet.figure()
    if is_large(len(effects)):
        largest = largest_studies(effects)
        sheet.note(*left_out(effects, largest))
        rows = study_direction_rows(effects[effects["study_id"].isin(largest)])
    else:
        rows = direction_rows(effects)
    _add_rows(sheet, rows, words)
    _add_legend(sheet, rows, tables.designs, wording.treated)
    if any(row.people.endswith("*") for row in rows):
        sheet.note(ASSUMED, before=0.06)
    sheet.add(0.02)
    return sheet.figure()


def directed_effects(outcome: str, tables: DirectionTables) -> pd.DataFrame:
    """Analysed effects of one outcome, by year, with `people`, `design`, and whether `hollow`."""
    effects = tables.effects
    chosen = effects[(effects["outcome"] == outcome) & (effects["status"] == ANALYSED)]
    chosen = chosen.merge(tables.studies.drop(columns="status"), on="study_id")
    chosen = chosen.merge(tables.precision.drop(columns=["study_id", "outcome"]), on="effect_id")
    chosen = chosen.sort_values(["year", "label"], kind="stable")
    known = chosen.reindex(columns=[DESIGN])[DESIGN]
    design = known.where(known.isin(list(tables.designs)), UNKNOWN)
    return chosen.assign(design=design, hollow=~chosen["has_number"].astype(bool))


def direction_rows(effects: pd.DataFrame) -> list[DirectionRow]:
    """A row for each of some `directed_effects`."""
    widths = root_widths(effects["people"], WIDEST).clip(NARROWEST)
    return [
        DirectionRow(
            effect["study_id"],
            style.wrapped(effect_name(effect), LABELS - 0.06),
            _people(effect),
            effect["design"],
            [DirectionMark(effect["direction"], effect["hollow"], width)],
        )
        for (_, effect), width in zip(effects.iterrows(), widths, strict=True)
    ]


def study_direction_rows(effects: pd.DataFrame) -> list[DirectionRow]:
    """A row for each study of some `directed_effects`; marks that look alike are one."""
    effects = effects.assign(width=root_widths(effects["people"], BESIDE_COUNT).clip(NARROWEST))
    rows = []
    for study, own in effects.groupby("study_id", sort=False):
        largest = own.loc[own["people"].idxmax()]
        marks = [
            DirectionMark(str(direction), bool(hollow), alike["width"].max(), len(alike))
            for (direction, hollow), alike in own.groupby(["direction", "hollow"], sort=False)
        ]
        label = style.wrapped(study_name(largest), LABELS - 0.06)
        people, design = _people(largest), largest["design"]
        rows.append(DirectionRow(str(study), label, people, design, marks, counted=True))
    return rows


def _people(effect: pd.Series) -> str:
    return f"{round(effect['people']):,}{'' if effect['people_known'] else '*'}"


def draw_lanes(
    page: Page, top: float, left: float, lane: float, height: float, *sides: str
) -> None:
    """Draw the heads of three lanes that start at `left`, and the middle lane below them.

    `sides` are the heads of the outer lanes; each word has a line.
    """
    middles = [left + (i + 0.5) * lane for i in range(3)]
    grey: Any = {"ha": "center", "color": style.GREY}
    page.write(top, MIDDLE, x=middles[1], **grey)
    for words, x in zip(sides, middles[::2], strict=True):
        side, *judged = words.split()
        y = top + (len(MIDDLE) - 1 - len(judged)) * style.line_height()
        page.write(page.write(y, [side], x=x, ha="center", weight="bold"), judged, x=x, **grey)
    middle = Rectangle((left + lane, top + HEADS), lane, height, zorder=0)
    middle.set(facecolor=style.PALE, alpha=0.55, linewidth=0)
    page.axes.add_patch(middle)


def _add_rows(sheet: Sheet, rows: list[DirectionRow], words: OutcomeWords) -> None:
    """Rows below the heads of their lanes."""
    height = sum(row.height for row in rows)

    def draw(page: Page, top: float) -> None:
        start = style.MARGIN + LABELS
        draw_lanes(page, top, start, LANE, height, words.side("less"), words.side("more"))
        last = top + (len(MIDDLE) - 1) * style.line_height()
        page.write(last, ["Study"], color=style.GREY)
        page.write(last, ["people"], x=page.right, ha="right", color=style.GREY)
        top += HEADS
        for row in rows:
            row.draw(page, top)
            top += row.height
        for y in (top - height, top):
            below(page, y, color=style.INK, linewidth=1)

    sheet.add(0.08)
    sheet.add(HEADS + height + 0.06, draw)


def _add_legend(
    sheet: Sheet, rows: list[DirectionRow], designs: dict[str, str], treated: str
) -> None:
    """What marks mean, of those that are drawn."""
    drawn = [(row, mark) for row in rows for mark in row.marks]
    entries: list[tuple[str, str, bool, str]] = []
    for design, label in (*designs.items(), (UNKNOWN, UNKNOWN)):
        for hollow, what in ((False, "gave a number"), (True, "gave a direction alone")):
            if any((row.design, mark.hollow) == (design, hollow) for row, mark in drawn):
                entries.append((design, "increase", hollow, f"{label}, {what}"))
    if any(mark.direction == "unclear" for _, mark in drawn):
        entries.append((rows[0].design, "unclear", True, "the direction could not be told"))
    sheet.add(0.04)
    for design, direction, hollow, words in entries:
        sheet.beside(words, 0.62, partial(_draw_sample, direction, design, hollow), gap=0.07)
    sheet.words(
        f"Pointed right: more with {treated}. Left: less.",
        "Width: the root of the number of people."
        + " The narrowest marks are drawn wider than that."
        * any(mark.width == NARROWEST for _, mark in drawn),
        *["×: so many effects of the study that look alike; its people are those of its largest."]
        * any(mark.count > 1 for _, mark in drawn),
        "Marks are not votes: how many point one way decides nothing.",
        before=0.05,
    )


def _draw_sample(direction: str, design: str, hollow: bool, page: Page, y: float) -> None:
    draw_mark(page, style.MARGIN + 0.23, y, 0.4, direction, design, hollow)
