"""Which study says what about which outcome, and on what kind of evidence."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from livingreview.figures import style
from livingreview.figures.marks import MARK, Mark, draw_mark, legend_entries
from livingreview.figures.sheet import Page, Sheet
from livingreview.figures.wording import OutcomeWords, dated
from livingreview.tables.statuses import ANALYSED

LABELS = 1.95
STATUS_WORDS = {
    "awaiting_data": "awaiting data",
    "to_screen": "not yet screened",
    "excluded": "excluded",
}
EXTRACTED = "extracted"
DESIGN = "moderator_design"
GAP = 0.12
LEGEND_LINE = 1.5


@dataclass
class MapRow:
    """One line of the map: a heading, a study with its cells, or a study outside the analysis.

    Attributes
    ----------
    label : list of str
        Lines.
    heading : bool
    note : str
        Why a study is not in the analysis.
    cells : list
        For each outcome, mark and words of each effect.
    """

    label: list[str]
    heading: bool = False
    note: str = ""
    cells: list[list[tuple[Mark, list[str]]]] = field(default_factory=list)

    @property
    def height(self) -> float:
        """Inches that the highest cell needs."""
        size = style.TEXT if self.heading else style.SMALL
        lines = [len(self.label), *(sum(len(words) for _, words in marks) for marks in self.cells)]
        more = max([len(marks) for marks in self.cells], default=1) - 1
        return max(lines) * style.line_height(size) + (0.5 * GAP) * more + GAP

    def draw(self, page: Page, top: float, column: float) -> None:
        """Draw the row; the cell of each outcome is `column` inches wide."""
        start, right = top + GAP / 2, style.RIGHT
        if self.heading:
            width = right - style.MARGIN + 0.12
            box = Rectangle((style.MARGIN - 0.06, top + 0.03), width, self.height - 0.06)
            box.set(color=style.PALE, linewidth=0)
            page.axes.add_patch(box)
            page.write(start, self.label, style.TEXT, weight="bold")
            return
        page.write(start, self.label, color=style.GREY if self.note else style.INK)
        if self.note:
            x = style.MARGIN + LABELS
            page.write(start, [self.note], x=x, color=style.GREY, style="italic")
        for i, cell in enumerate(self.cells):
            x, y = style.MARGIN + LABELS + i * column, start
            for mark, lines in cell:
                draw_mark(page.axes, x + MARK / 2 + 0.04, y + style.line_height(), mark)
                colour = style.INK if mark.analysed else style.GREY
                y = page.write(y, lines, x=x + 0.4, color=colour) + 0.5 * GAP
        ends = [style.MARGIN, right]
        page.axes.plot(ends, [top + self.height] * 2, color=style.PALE, linewidth=0.8)


@style.applied
def draw_evidence_map(
    studies: pd.DataFrame,
    effects: pd.DataFrame,
    outcomes: dict[str, OutcomeWords],
    designs: dict[str, str],
    treated: str,
) -> Figure:
    """Map of studies (rows) by outcomes (columns).

    Parameters
    ----------
    studies, effects : DataFrame
        Columns of the classes of that name in `livingreview.tables.records`.
    outcomes : dict of OutcomeWords
        Columns of the map, in this order.
    designs : dict of str
        Label of each study design, in the order of the groups; may be empty.
    treated : str
        What the treated arm got, inside a sentence.
    """
    column = (style.FULL - LABELS) / len(outcomes)
    studies = studies.sort_values(["year", "label"], kind="stable")
    within = studies[studies["status"] == EXTRACTED]
    outside = studies[studies["status"] != EXTRACTED]
    rows = _rows_within(within.iloc[-style.MOST_ROWS :], effects, outcomes, designs, column)
    if not outside.empty:
        rows.append(MapRow(["Not in the analysis"], heading=True))
    for _, study in outside.iloc[-style.MOST_ROWS :].iterrows():
        rows.append(MapRow(_label(study), note=STATUS_WORDS[study["status"]]))
    left_out = sum(max(len(part) - style.MOST_ROWS, 0) for part in (within, outside))
    sheet = Sheet("What each study found", bottom=0.0)
    sheet.add(0.05)
    _add_heads(sheet, outcomes, column)
    entries = legend_entries(treated)
    note = [f"Not shown: {left_out} earlier studies."] if left_out else []
    legend = (len(entries) * LEGEND_LINE + len(note)) * style.line_height() + 0.3

    def draw(page: Page, top: float) -> None:
        for row in rows:
            row.draw(page, top, column)
            top += row.height
        page.axes.plot([style.MARGIN, style.RIGHT], [top, top], color=style.INK, linewidth=1)
        _draw_legend(page, top + 0.12, entries, note)

    sheet.add(sum(row.height for row in rows) + legend, draw)
    return sheet.figure()


def _rows_within(
    studies: pd.DataFrame,
    effects: pd.DataFrame,
    outcomes: dict[str, OutcomeWords],
    designs: dict[str, str],
    column: float,
) -> list[MapRow]:
    """Studies in the analysis, by design where the protocol knows designs."""
    groups = [("", studies)]
    if designs and DESIGN in studies:
        groups = [(label, studies[studies[DESIGN] == level]) for level, label in designs.items()]
        groups.append(("Design not known", studies[~studies[DESIGN].isin(list(designs))]))
    rows = []
    for label, members in groups:
        if label and not members.empty:
            lines = style.wrapped(label, style.FULL, style.TEXT, bold=True)
            rows.append(MapRow(lines, heading=True))
        for _, study in members.iterrows():
            own = effects[effects["study_id"] == study["study_id"]]
            cells = [
                _cell(own[own["outcome"] == outcome], words, column)
                for outcome, words in outcomes.items()
            ]
            rows.append(MapRow(_label(study), cells=cells))
    return rows


def _label(study: pd.Series) -> list[str]:
    """Label of a study, with its year, as lines."""
    return style.wrapped(dated(study["label"], study["year"]), LABELS - 0.15)


def _cell(
    effects: pd.DataFrame, words: OutcomeWords, column: float
) -> list[tuple[Mark, list[str]]]:
    """Mark and words of each effect of one study on one outcome."""
    cell = []
    for _, effect in effects.iterrows():
        mark = Mark(
            direction=effect["direction"],
            significance=effect["significance"],
            numbers=effect["kind"] != "finding",
            analysed=effect["status"] == ANALYSED,
            lower_is_better=words.lower_is_better,
        )
        lines = [line for part in mark.words for line in style.wrapped(part, column - 0.44)]
        cell.append((mark, lines))
    return cell


def _add_heads(sheet: Sheet, outcomes: dict[str, OutcomeWords], column: float) -> None:
    """Names of the outcomes, and which side of each is the better one."""
    heads = [style.wrapped(words.label, column - 0.1, bold=True) for words in outcomes.values()]

    def draw(page: Page, top: float) -> None:
        for i, (lines, words) in enumerate(zip(heads, outcomes.values(), strict=True)):
            x = style.MARGIN + LABELS + i * column
            after = page.write(top, lines, x=x, weight="bold")
            if words.one_meaning:
                page.write(after, [f"({words.better} is better)"], x=x, color=style.GREY)

    sheet.add((max(map(len, heads)) + 1) * style.line_height() + GAP, draw)


def _draw_legend(
    page: Page, top: float, entries: list[tuple[list[Mark], str]], note: list[str]
) -> None:
    """What each mark means, and how many studies are not shown."""
    step = LEGEND_LINE * style.line_height()
    for marks, words in entries:
        for i, mark in enumerate(marks):
            x = style.MARGIN + 0.05 + MARK / 2 + i * 0.3
            draw_mark(page.axes, x, top + step / 2, mark)
        page.write(top + (step - style.line_height()) / 2, [words], x=style.MARGIN + 0.72)
        top += step
    page.write(top + 0.02, note, color=style.GREY)
