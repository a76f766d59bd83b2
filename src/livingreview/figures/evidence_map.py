"""Which study says what about which outcome, and on what kind of evidence."""

from __future__ import annotations

from dataclasses import dataclass, field

import matplotlib
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from livingreview.figures.marks import MARK, Mark, draw_mark, legend_entries
from livingreview.figures.style import (
    GREY,
    INK,
    MARGIN,
    MOST_ROWS,
    PALE,
    RC,
    SMALL,
    TEXT,
    TITLE,
    WIDTH,
    line_height,
    new_page,
    put_lines,
    wrapped,
)
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
class Row:
    """One line of the map: a heading, a study with its cells, or a study outside the analysis."""

    label: list[str]
    heading: bool = False
    note: list[str] | None = None
    cells: dict[str, list[tuple[Mark, list[str]]]] = field(default_factory=dict)

    @property
    def height(self) -> float:
        """Inches that the highest cell needs."""
        size = TEXT if self.heading else SMALL
        lines = [len(self.label), len(self.note or [])]
        lines += [sum(len(words) for _, words in marks) for marks in self.cells.values()]
        more = max([len(marks) for marks in self.cells.values()], default=1) - 1
        return max(lines) * line_height(size) + (0.5 * GAP) * more + GAP


@matplotlib.rc_context(RC)
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
        Columns of `livingreview.tables.Studies` and `livingreview.tables.Effects`.
    outcomes : dict of OutcomeWords
        Columns of the map, in this order.
    designs : dict of str
        Label of each study design, in the order of the groups; may be empty.
    treated : str
        What the treated arm got, inside a sentence.
    """
    column = (WIDTH - 2 * MARGIN - LABELS) / len(outcomes)
    rows, left_out = _rows(studies, effects, outcomes, designs, column)
    title = wrapped("What each study found", WIDTH - 2 * MARGIN, TITLE, bold=True)
    heads = {
        name: [*wrapped(o.label, column - 0.1, SMALL, bold=True), f"({o.better} is better)"]
        for name, o in outcomes.items()
    }
    head = max(map(len, heads.values())) * line_height(SMALL) + GAP
    top = 0.1 + len(title) * line_height(TITLE) + 0.05
    entries = legend_entries(treated)
    note = [f"Not shown: {left_out} earlier studies."] if left_out else []
    body = sum(row.height for row in rows)
    legend = (len(entries) * LEGEND_LINE + len(note)) * line_height(SMALL) + 0.3
    figure, page = new_page(top + head + body + legend)
    put_lines(page, MARGIN, 0.1, title, TITLE, weight="bold")
    for i, lines in enumerate(heads.values()):
        x = MARGIN + LABELS + i * column
        after = put_lines(page, x, top, lines[:-1], SMALL, weight="bold")
        put_lines(page, x, after, lines[-1:], SMALL, color=GREY)
    y = top + head
    for row in rows:
        _draw_row(page, row, y, list(outcomes), column)
        y += row.height
    page.plot([MARGIN, WIDTH - MARGIN], [y, y], color=INK, linewidth=1)
    _draw_legend(page, y + 0.12, entries, note)
    return figure


def _rows(
    studies: pd.DataFrame,
    effects: pd.DataFrame,
    outcomes: dict[str, OutcomeWords],
    designs: dict[str, str],
    column: float,
) -> tuple[list[Row], int]:
    """Rows from top to bottom, and how many studies are left out for want of space."""
    studies = studies.sort_values(["year", "label"], kind="stable")
    within = studies[studies["status"] == EXTRACTED]
    left_out = max(len(within) - MOST_ROWS, 0)
    within = within.iloc[left_out:]
    groups: list[tuple[str, pd.DataFrame]] = [("", within)]
    if designs and DESIGN in within:
        groups = [(label, within[within[DESIGN] == level]) for level, label in designs.items()]
        groups.append(("Design not known", within[~within[DESIGN].isin(list(designs))]))
    rows = []
    for label, members in groups:
        if label and not members.empty:
            rows.append(Row(wrapped(label, WIDTH - 2 * MARGIN, TEXT, bold=True), heading=True))
        for _, study in members.iterrows():
            of_study = effects[effects["study_id"] == study["study_id"]]
            cells = {name: _cell(of_study, name, o, column) for name, o in outcomes.items()}
            rows.append(Row(_label(study), cells=cells))
    outside = studies[studies["status"] != EXTRACTED]
    if not outside.empty:
        rows.append(Row(["Not in the analysis"], heading=True))
    for _, study in outside.iloc[-MOST_ROWS:].iterrows():
        rows.append(Row(_label(study), note=[STATUS_WORDS[study["status"]]]))
    return rows, left_out + max(len(outside) - MOST_ROWS, 0)


def _label(study: pd.Series) -> list[str]:
    """Label of a study, with its year, as lines."""
    return wrapped(dated(study["label"], study["year"]), LABELS - 0.15, SMALL)


def _cell(
    effects: pd.DataFrame, outcome: str, words: OutcomeWords, column: float
) -> list[tuple[Mark, list[str]]]:
    """Mark and words of each effect of one study on one outcome."""
    cell = []
    for _, effect in effects[effects["outcome"] == outcome].iterrows():
        mark = Mark(
            direction=effect["direction"],
            significance=effect["significance"],
            numbers=effect["kind"] != "finding",
            analysed=effect["status"] == ANALYSED,
            lower_is_better=words.better == "lower",
        )
        lines = [line for part in mark.words for line in wrapped(part, column - 0.44, SMALL)]
        cell.append((mark, lines))
    return cell


def _draw_row(page: Axes, row: Row, top: float, outcomes: list[str], column: float) -> None:
    right = WIDTH - MARGIN
    if row.heading:
        box = (MARGIN - 0.06, top + 0.03)
        page.add_patch(
            Rectangle(box, right - MARGIN + 0.12, row.height - 0.06, color=PALE, linewidth=0)
        )
        put_lines(page, MARGIN, top + GAP / 2, row.label, TEXT, weight="bold")
        return
    grey = row.note is not None
    put_lines(page, MARGIN, top + GAP / 2, row.label, SMALL, color=GREY if grey else INK)
    put_lines(
        page, MARGIN + LABELS, top + GAP / 2, row.note or [], SMALL, color=GREY, style="italic"
    )
    for i, name in enumerate(outcomes):
        x, y = MARGIN + LABELS + i * column, top + GAP / 2
        for mark, lines in row.cells.get(name, []):
            draw_mark(page, x + MARK / 2 + 0.04, y + line_height(SMALL), mark)
            colour = INK if mark.analysed else GREY
            y = put_lines(page, x + 0.4, y, lines, SMALL, color=colour) + 0.5 * GAP
    page.plot([MARGIN, right], [top + row.height] * 2, color=PALE, linewidth=0.8)


def _draw_legend(
    page: Axes, top: float, entries: list[tuple[list[Mark], str]], note: list[str]
) -> None:
    step = LEGEND_LINE * line_height(SMALL)
    for marks, words in entries:
        for i, mark in enumerate(marks):
            draw_mark(page, MARGIN + 0.05 + MARK / 2 + i * 0.3, top + step / 2, mark)
        put_lines(page, MARGIN + 0.72, top + (step - line_height(SMALL)) / 2, [words], SMALL)
        top += step
    put_lines(page, MARGIN, top + 0.02, note, SMALL, color=GREY)
