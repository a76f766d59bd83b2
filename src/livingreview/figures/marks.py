"""Marks of reported effects: direction by shape, significance by fill, numbers by a frame."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse, Patch, Polygon, Rectangle

from livingreview.figures import style
from livingreview.figures.sheet import Page, Sheet
from livingreview.figures.wording import OutcomeWords
from livingreview.tables.statuses import ANALYSED

# Height of a mark, and its width where that says nothing; air inside its frame on each side.
MARK, FRAME = 0.17, 0.05
DIRECTIONS = {
    "increase": "more",
    "decrease": "less",
    "none": "no difference said",
    "unclear": "direction unclear",
}
NOT_SAID = "no significant difference said"
SIGNIFICANCES = {
    "significant": "significant",
    "not_significant": "not significant",
    "not_stated": "significance not stated",
}
# In a legend, from one mark to the next, and from the margin to the words.
BESIDE, WORDS = 0.27, 0.9


@dataclass(frozen=True)
class Mark:
    """What one study reported about one outcome.

    `direction` and `significance` are those of `livingreview.tables.records.Effects`;
    `numbers` says whether numbers were reported and not only a statement; `lower_is_better`
    is None where neither direction may be called the better one.
    """

    direction: str = "increase"
    significance: str = "significant"
    numbers: bool = False
    analysed: bool = True
    lower_is_better: bool | None = None

    @classmethod
    def of(cls, effect: pd.Series, words: OutcomeWords) -> Mark:
        """Mark of a row of `livingreview.tables.records.Effects`."""
        return cls(
            effect["direction"],
            effect["significance"],
            effect["kind"] != "finding",
            effect["status"] == ANALYSED,
            words.lower_is_better,
        )

    @property
    def words(self) -> str:
        """Direction and significance."""
        if (self.direction, self.significance) == ("none", "not_significant"):
            return NOT_SAID
        return f"{DIRECTIONS[self.direction]}, {SIGNIFICANCES[self.significance]}"

    @property
    def judges(self) -> bool:
        """Whether its colour tells the better direction from the worse."""
        known = self.lower_is_better is not None and self.direction in ("increase", "decrease")
        return known and self.analysed

    @property
    def colours(self) -> tuple[str, str]:
        """Full and light colour: blue for the better side, orange for the worse."""
        if not self.analysed:
            return style.GREY, style.PALE
        if not self.judges:
            return style.INK, style.PALE
        better = (self.direction == "decrease") == self.lower_is_better
        return (style.BLUE, style.LIGHT_BLUE) if better else (style.ORANGE, style.LIGHT_ORANGE)


def draw_mark(page: Axes, x: float, y: float, mark: Mark, width: float = MARK) -> None:
    """Draw a mark centred at (x, y), in inches, y downwards."""
    full, light = mark.colours
    fill = {"significant": full, "not_stated": light, "not_significant": "white"}[mark.significance]
    half, side = MARK / 2, width / 2
    if not mark.analysed:
        reach = half + 0.04
        ends = [x - reach, x + reach], [y + reach, y - reach]
        page.plot(*ends, color=style.GREY, linewidth=1.5, zorder=2.5)
    shape: Patch
    match mark.direction:
        case "increase" | "decrease":
            tip = -half if mark.direction == "increase" else half
            corners = [(x - side, y - tip), (x + side, y - tip), (x, y + tip)]
            shape = Polygon(corners, closed=True)
        case "none":
            shape = Rectangle((x - side, y - half / 2.5), width, MARK / 2.5)
        case _:
            # Wide enough for its question mark.
            shape = Ellipse((x, y), max(width, MARK), MARK)
    shape.set(facecolor=fill, edgecolor=full, linewidth=1.5, zorder=3)
    page.add_patch(shape)
    if mark.direction == "unclear":
        ink = "white" if mark.significance == "significant" else full
        look: Any = {"weight": "bold", "ha": "center", "va": "center_baseline", "zorder": 4}
        page.text(x, y, "?", fontsize=style.SMALL, color=ink, **look)
    if mark.numbers:
        corner = (x - side - FRAME, y - half - FRAME)
        frame = Rectangle(corner, width + 2 * FRAME, MARK + 2 * FRAME, fill=False, zorder=3)
        frame.set(edgecolor=style.INK, linewidth=1)
        page.add_patch(frame)


def add_legend(sheet: Sheet, drawn: list[Mark], treated: str) -> None:
    """What the marks mean of those that are drawn; `treated` is what the treated arm got."""
    more, less, white = Mark(), Mark("decrease"), "not_significant"
    entries = [([more, less], f"Up: more with {treated}. Down: less.")]
    if any(mark.direction in ("none", "unclear") for mark in drawn):
        flat = [Mark("none", white), Mark("unclear", white)]
        entries.append((flat, f"Flat: {NOT_SAID}. With ?: the direction could not be told."))
    fills = [more, Mark(significance=white), Mark(significance="not_stated")]
    entries.append((fills, "Full: significant. White: not. Pale: not said."))
    if any(mark.numbers for mark in drawn):
        framed = [Mark(numbers=True), more]
        entries.append((framed, "Framed: gave numbers. Not framed: a statement only."))
    if not all(mark.analysed for mark in drawn):
        entries.append(([Mark(analysed=False)], "Struck out: reported, but not weighed."))
    if any(mark.judges for mark in drawn):
        judged = [Mark("decrease", lower_is_better=True), Mark(lower_is_better=True)]
        entries.append((judged, "Blue: the direction hoped for. Orange: the opposite."))
    sheet.add(0.08)
    for marks, words in entries:
        sheet.beside(words, WORDS, partial(_draw_sample, marks))


def _draw_sample(marks: list[Mark], page: Page, y: float) -> None:
    for i, mark in enumerate(marks):
        draw_mark(page.axes, style.MARGIN + FRAME + MARK / 2 + i * BESIDE, y, mark)
