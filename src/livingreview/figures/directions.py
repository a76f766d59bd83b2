"""Strip of effect directions of one outcome: a mark for each analysed effect, and no votes.

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
from livingreview.figures.forest_rows import UNSEEN
from livingreview.figures.sheet import Page, Sheet
from livingreview.figures.widths import root_widths
from livingreview.figures.wording import RECORD_LINK, OutcomeWords, Wording, dated
from livingreview.tables.statuses import ANALYSED

LABELS, PEOPLE = 2.3, 0.75
LANE = (style.FULL - LABELS - PEOPLE) / 3
# Half the height of a mark, how far its point reaches, and the least room beside it in its lane.
HALF, POINT, AIR = 0.075, 0.09, 0.1
GAP = 0.12
# Lanes from left to right by direction; a direction that is not told stands in the middle.
LANES = {"decrease": 0, "none": 1, "unclear": 1, "increase": 2}
DESIGN = "moderator_design"
NO_EFFECT = "No study reported this outcome in a way that could be analysed."
UNKNOWN = "design not known"
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
class DirectionRow:
    """One effect."""

    study_id: str
    label: list[str]
    people: str
    width: float
    direction: str
    hollow: bool
    design: str

    @property
    def height(self) -> float:
        """Inches from this row to the next."""
        return len(self.label) * style.line_height() + GAP

    def draw(self, page: Page, top: float) -> None:
        """Draw the row from `top` down."""
        page.write(top + GAP / 2, self.label)
        page.write(top + GAP / 2, [self.people], x=style.RIGHT, ha="right", color=style.GREY)
        x = style.MARGIN + LABELS + (LANES[self.direction] + 0.5) * LANE
        y = top + self.height / 2
        draw_mark(page, x, y, self.width, self.direction, self.design, self.hollow)
        link = Rectangle((style.MARGIN / 2, top), style.WIDTH - style.MARGIN, self.height, zorder=9)
        link.set(facecolor="white", alpha=UNSEEN, linewidth=0, url=f"{RECORD_LINK}{self.study_id}")
        page.axes.add_patch(link)


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
    sheet = Sheet(f"Directions: {words.label}")
    rows = direction_rows(outcome, tables)
    if not rows:
        sheet.words(NO_EFFECT, size=style.TEXT, before=0.1)
        return sheet.figure()
    shown = rows[-style.MOST_ROWS :]
    _add_heads(sheet, words)
    sheet.add(sum(row.height for row in shown) + 0.06, partial(_draw_rows, shown))
    _add_legend(sheet, shown, tables.designs, wording.treated)
    notes = ["* No source gives the number of people: it is the middle of what is assumed."] * any(
        row.people.endswith("*") for row in shown
    )
    if len(rows) > len(shown):
        notes.append(f"Not drawn: {len(rows) - len(shown)} earlier effects.")
    sheet.note(*notes, before=0.06)
    sheet.add(0.02)
    return sheet.figure()


def direction_rows(outcome: str, tables: DirectionTables) -> list[DirectionRow]:
    """Analysed effects of one outcome, by year."""
    effects = tables.effects
    chosen = effects[(effects["outcome"] == outcome) & (effects["status"] == ANALYSED)]
    chosen = chosen.merge(tables.studies.drop(columns="status"), on="study_id")
    chosen = chosen.merge(tables.precision.drop(columns=["study_id", "outcome"]), on="effect_id")
    chosen = chosen.sort_values(["year", "label", "effect_id"], kind="stable")
    several = chosen["study_id"].duplicated(keep=False)
    # The largest fills its lane.
    widths = root_widths(chosen["people"], LANE - 2 * (AIR + POINT))
    rows = []
    for (_, effect), repeated, width in zip(chosen.iterrows(), several, widths, strict=True):
        label = dated(effect["label"], effect["year"])
        label = f"{label}: {effect['measure']}" if repeated else label
        design = effect.get(DESIGN)
        rows.append(
            DirectionRow(
                effect["study_id"],
                style.wrapped(label, LABELS - 0.15),
                f"{round(effect['people']):,}{'' if effect['people_known'] else '*'}",
                width,
                effect["direction"],
                not effect["has_number"],
                design if design in tables.designs else UNKNOWN,
            )
        )
    return rows


def _add_heads(sheet: Sheet, words: OutcomeWords) -> None:
    """What each lane stands for."""
    heads = [
        ["less", *([f"({judged})"] if (judged := words.judged("less")) else [])],
        ["no difference,", "or not told"],
        ["more", *([f"({judged})"] if (judged := words.judged("more")) else [])],
    ]

    def draw(page: Page, top: float) -> None:
        page.write(top + style.line_height(), ["Study"], color=style.GREY)
        for i, lines in enumerate(heads):
            x = style.MARGIN + LABELS + (i + 0.5) * LANE
            page.write(top, lines, x=x, ha="center", color=style.GREY)
        page.write(
            top + style.line_height(), ["people"], x=style.RIGHT, ha="right", color=style.GREY
        )

    sheet.add(0.06)
    sheet.add(2 * style.line_height() + 0.04, draw)


def _draw_rows(rows: list[DirectionRow], page: Page, top: float) -> None:
    bottom = top + sum(row.height for row in rows)
    page.axes.plot([style.MARGIN, style.RIGHT], [top, top], color=style.INK, linewidth=1)
    middle = Rectangle((style.MARGIN + LABELS + LANE, top), LANE, bottom - top, zorder=0)
    middle.set(facecolor=style.PALE, alpha=0.55, linewidth=0)
    page.axes.add_patch(middle)
    for row in rows:
        row.draw(page, top)
        top += row.height
    page.axes.plot([style.MARGIN, style.RIGHT], [bottom, bottom], color=style.INK, linewidth=1)


def _add_legend(
    sheet: Sheet, rows: list[DirectionRow], designs: dict[str, str], treated: str
) -> None:
    """What marks mean, of those that are drawn."""
    entries: list[tuple[str, str, bool, str]] = []
    for design, label in (*designs.items(), (UNKNOWN, UNKNOWN)):
        for hollow, what in ((False, "gave a number"), (True, "gave a direction alone")):
            if any(row.design == design and row.hollow == hollow for row in rows):
                entries.append((design, "increase", hollow, f"{label}, {what}"))
    if any(row.direction == "unclear" for row in rows):
        entries.append((rows[0].design, "unclear", True, "the direction could not be told"))
    step = 1.35 * style.line_height()

    def draw(page: Page, top: float) -> None:
        for design, direction, hollow, words in entries:
            draw_mark(page, style.MARGIN + 0.3, top + step / 2, 0.4, direction, design, hollow)
            page.write(top + 0.04, [words], x=style.MARGIN + 0.75)
            top += step

    sheet.add(0.1)
    sheet.add(len(entries) * step, draw)
    sheet.words(
        f"Pointed to the right: more with {treated}. To the left: less.",
        "Width: the root of the number of people.",
        "Marks are not votes: how many point one way decides nothing.",
        before=0.05,
    )
