"""Rows of the map of the evidence: studies by year, and results that have a row of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.patches import Rectangle

from livingreview.figures import style
from livingreview.figures.forest_rows import UNSEEN
from livingreview.figures.marks import FRAME, MARK, Mark, draw_mark
from livingreview.figures.record_link import RECORD_LINK
from livingreview.figures.sheet import Page
from livingreview.figures.wording import id_beside

# Columns: the year, the study, then the outcomes, each with room for months behind its mark.
YEAR, LABELS, COLUMN, MONTHS = 0.58, 1.3, 1.3, 0.27
FULL = style.NARROW - 2 * style.MARGIN
# Least room on each side of a frame.
AIR = 0.05
# Narrowest mark, and the steps from one row, and from one mark of a cell, to the next.
NARROWEST = 0.1
GAP, STEP = 0.12, 0.3
# Outcomes that stand beside one another; more of them go below.
MOST_BESIDE = 3
# A study with more effects on an outcome shows these.
MOST_IN_CELL = 3


@dataclass(frozen=True)
class Columns:
    """Where the outcomes stand; all blocks have as many columns, so that widths compare."""

    count: int

    @classmethod
    def of(cls, outcomes: int) -> Columns:
        """Columns of the blocks of so many outcomes."""
        return cls(min(outcomes, MOST_BESIDE))

    @property
    def width(self) -> float:
        """Inches of a column; the names of studies have at least `LABELS`."""
        return min(COLUMN, (FULL - YEAR - LABELS) / self.count)

    @property
    def labels(self) -> float:
        """Inches that the names of studies have."""
        return FULL - YEAR - self.count * self.width

    @property
    def widest(self) -> float:
        """Inches of the widest mark."""
        return self.width - MONTHS - 2 * (FRAME + AIR)

    def left(self, column: int) -> float:
        """Where a column starts."""
        return style.MARGIN + YEAR + self.labels + column * self.width


@dataclass(frozen=True)
class Cell:
    """Weighed effects of a study that look alike: a mark as wide as the people of the largest.

    `beside` says the months of follow-up of one, and how many they are of several.
    """

    mark: Mark
    width: float
    beside: str


@dataclass(frozen=True)
class StudyRow:
    """A study on the line of years, with its effects on each outcome of a block.

    Attributes
    ----------
    study_id, year : str
    label : list of str
        Lines.
    cells : list
        Of each outcome.
    columns : Columns
    """

    study_id: str
    year: str
    label: list[str]
    cells: list[list[Cell]]
    columns: Columns

    @property
    def height(self) -> float:
        """Inches from this row to the next."""
        marks = max(len(cell[:MOST_IN_CELL]) for cell in self.cells)
        more = any(len(cell) > MOST_IN_CELL for cell in self.cells) * style.line_height()
        return max(len(self.label) * style.line_height() + GAP, marks * STEP + more)

    def draw(self, page: Page, top: float) -> None:
        """Draw the row from `top` down."""
        page.write(top + GAP / 2, [self.year], weight="bold")
        page.write(top + GAP / 2, self.label, x=style.MARGIN + YEAR)
        spine, ends = style.MARGIN + YEAR - 0.09, [top, top + self.height]
        page.axes.plot([spine, spine], ends, color=style.GREY, linewidth=1)
        page.axes.plot([spine], [top + STEP / 2], "o", color=style.GREY, markersize=4)
        width = self.columns.width
        for i, cell in enumerate(self.cells):
            left, y = self.columns.left(i), top + STEP / 2
            for effect in cell[:MOST_IN_CELL]:
                middle = left + (width - MONTHS) / 2
                draw_mark(page.axes, middle, y, effect.mark, width=effect.width)
                months = y - style.line_height() / 2
                page.write(months, [effect.beside], x=left + width - MONTHS, color=style.GREY)
                y += STEP
            if more := len(cell) - MOST_IN_CELL:
                words = [f"+ {more} more"] if more > 0 else []
                page.write(y - STEP / 2, words, x=left, color=style.GREY)
        below(page, top + self.height)
        link(page, top, self.height, self.study_id)


@dataclass(frozen=True)
class OtherRow:
    """A result, or a study without one, in words; `mark` is None where there is no result."""

    study_id: str
    mark: Mark | None
    label: list[str]
    detail: list[str]

    @classmethod
    def of(cls, study_id: str, mark: Mark | None, label: str, detail: str = "") -> OtherRow:
        """Break the words into lines."""
        width = FULL - YEAR
        return cls(
            study_id,
            mark,
            style.wrapped(label, width),
            style.wrapped(detail, width) if detail else [],
        )

    @property
    def height(self) -> float:
        """Inches from this row to the next."""
        return (len(self.label) + len(self.detail)) * style.line_height() + GAP

    def draw(self, page: Page, top: float) -> None:
        """Draw the row from `top` down."""
        x = style.MARGIN + YEAR
        after = page.write(top + GAP / 2, self.label, x=x)
        page.write(after, self.detail, x=x, color=style.GREY)
        if self.mark is not None:
            middle = top + (GAP + style.line_height()) / 2 + 0.02
            draw_mark(page.axes, style.MARGIN + MARK / 2 + FRAME, middle, self.mark)
        below(page, top + self.height)
        link(page, top, self.height, self.study_id)


def draw_rows(rows: list[StudyRow] | list[OtherRow], page: Page, top: float) -> None:
    """Draw rows below one another, below a line."""
    below(page, top, color=style.INK, linewidth=1)
    for row in rows:
        row.draw(page, top)
        top += row.height


def below(page: Page, y: float, **look: Any) -> None:
    """Draw a line across the page."""
    line: Any = {"color": style.PALE, "linewidth": 0.8} | look
    page.axes.plot([style.MARGIN, page.right], [y, y], **line)


def link(page: Page, top: float, height: float, study: str) -> None:
    """Let a row lead to the record of its study."""
    # Nobody sees it, but a browser needs something that is painted to take a click.
    unseen = Rectangle((style.MARGIN / 2, top), page.width - style.MARGIN, height, zorder=9)
    unseen.set(facecolor="white", alpha=UNSEEN, linewidth=0, url=f"{RECORD_LINK}{study}")
    page.axes.add_patch(unseen)


def study_rows(
    effects: pd.DataFrame, outcomes: list[str], columns: Columns, large: bool = False
) -> list[StudyRow]:
    """Rows of the studies with an effect on one of the outcomes.

    Parameters
    ----------
    effects : DataFrame
        Rows of `livingreview.figures.map_tables.mapped_effects` that are weighed.
    outcomes : list of str
    columns : Columns
    large : bool
        Whether effects that look alike share a mark also where a cell has few.
    """
    rows = []
    chosen = effects[effects["outcome"].isin(outcomes)]
    for study, own in chosen.groupby("study_id", sort=False):
        cells = [_cells(own[own["outcome"] == name], columns, large) for name in outcomes]
        label, year, place = own.iloc[0][["label", "year", "place"]]
        name = _undated(label, year) + id_beside(label, str(study))
        lines = style.wrapped(f"{name}{place}", columns.labels - 0.08)
        rows.append(
            StudyRow(str(study), "?" if pd.isna(year) else str(year), lines, cells, columns)
        )
    return rows


def _cells(effects: pd.DataFrame, columns: Columns, large: bool) -> list[Cell]:
    """Effects of a study on an outcome, those that look alike as one if they are many."""
    widths = (columns.widest * effects["share"]).clip(NARROWEST)
    several = large or len(effects) > MOST_IN_CELL
    keys = list(effects["mark"]) if several else list(range(len(effects)))
    cells = []
    for key in dict.fromkeys(keys):
        alike = [i for i, other in enumerate(keys) if other == key]
        first = effects.iloc[alike[0]]
        assumed = "" if effects["people_known"].iloc[alike].all() else "*"
        beside = f"×{len(alike)}" if len(alike) > 1 else first["months"]
        cells.append(Cell(first["mark"], widths.iloc[alike].max(), beside + assumed))
    return cells


def _undated(label: str, year: Any) -> str:
    """Label of a study without its year, which stands beside it where it is known."""
    return " ".join(label.replace(str(year), "").split()).strip(" ,;:") or label
