"""A figure as a stack of blocks: headings, charts, words and a legend, each of a known height.

A page has to be as high as what stands on it, so blocks say their heights first and
are drawn afterwards, from the top down.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from livingreview.figures.style import (
    FULL,
    GREY,
    MARGIN,
    PALE,
    SMALL,
    TEXT,
    TITLE,
    WIDTH,
    line_height,
    new_page,
    panel,
    put_lines,
    wrapped,
)
from livingreview.figures.wording import OutcomeWords

LABELS = 2.3
# Room below a chart for the numbers of its axis, and for one line of words under them.
TICKS, WORDS = 0.28, 0.24
# Room above a chart, as the highest number of its side may stand half above it.
ABOVE = 0.1
ROW = 0.1
# A longer list of studies is thinned, and the figure says so: rows stay readable.
MOST_STUDIES = 40


@dataclass(frozen=True)
class Block:
    """A part of a figure.

    Attributes
    ----------
    height : float
        Inches.
    draw : callable
        Draws it, given the figure, its page in inches and the top of the block.
    """

    height: float
    draw: Callable[[Figure, Axes, float], None]


def stacked(blocks: Sequence[Block]) -> Figure:
    """Draw blocks below one another on a page of their height."""
    figure, page = new_page(sum(block.height for block in blocks) + 0.1)
    top = 0.0
    for block in blocks:
        block.draw(figure, page, top)
        top += block.height
    return figure


def words_block(
    text: str, size: float = SMALL, before: float = 0.04, weight: str = "normal", **style: Any
) -> Block:
    """Words over the full width, broken into lines."""
    lines = wrapped(text, FULL, size, bold=weight == "bold")

    def draw(_: Figure, page: Axes, top: float) -> None:
        put_lines(page, MARGIN, top + before, lines, size, weight=weight, **style)

    return Block(before + len(lines) * line_height(size), draw)


def title_block(text: str) -> Block:
    """Title of a figure."""
    return words_block(text, TITLE, before=0.1, weight="bold")


def heading_block(text: str) -> Block:
    """Heading of a part, such as an outcome."""
    return words_block(text, TEXT, before=0.16, weight="bold")


def note_block(text: str) -> Block:
    """Words in grey."""
    return words_block(text, color=GREY)


def chart_block(
    height: float,
    draw_chart: Callable[[Axes], None],
    below: float = TICKS + WORDS,
    left: float = MARGIN + 0.08,
    width: float = FULL - 0.16,
) -> Block:
    """Axes of a height, with room `below` for what stands under them."""

    def draw(figure: Figure, _: Axes, top: float) -> None:
        draw_chart(panel(figure, left, top + ABOVE, width, height))

    return Block(ABOVE + height + below, draw)


def charts_block(
    height: float,
    draw_charts: Sequence[Callable[[Axes], None]],
    left: float,
    gap: float,
    below: float = TICKS + WORDS,
) -> Block:
    """Axes of equal width beside one another, the first from `left` on."""
    width = (WIDTH - MARGIN - 0.08 - left - gap * (len(draw_charts) - 1)) / len(draw_charts)

    def draw(figure: Figure, _: Axes, top: float) -> None:
        for i, draw_chart in enumerate(draw_charts):
            draw_chart(panel(figure, left + i * (width + gap), top + ABOVE, width, height))

    return Block(ABOVE + height + below, draw)


def rows_block(
    labels: Sequence[str],
    draw_rows: Callable[[Axes, np.ndarray], None],
    below: float = TICKS + WORDS,
    left: float = LABELS,
    gap: float = ROW,
) -> Block:
    """Labelled rows beside axes.

    Parameters
    ----------
    labels : sequence of str
        One per row, from the top.
    draw_rows : callable
        Draws on the axes, given the height of the middle of each row, in inches downwards.
    below : float
        Room under the axes.
    left : float
        Room of the labels.
    gap : float
        Between the words of two rows.
    """
    lines = [wrapped(label, left - 0.15, SMALL) for label in labels]
    heights = np.array([len(words) * line_height(SMALL) + gap for words in lines])
    starts = np.concatenate([[0.0], np.cumsum(heights)])
    middles = (starts[:-1] + starts[1:]) / 2

    def draw(figure: Figure, page: Axes, top: float) -> None:
        for start, words in zip(starts, lines, strict=False):
            put_lines(page, MARGIN, top + 0.06 + start + gap / 2, words, SMALL)
        width = WIDTH - MARGIN - 0.08 - MARGIN - left
        axes = panel(figure, MARGIN + left, top + 0.06, width, starts[-1])
        draw_rows(axes, middles)
        axes.set_ylim(starts[-1], 0)

    return Block(0.06 + starts[-1] + below, draw)


def practically_none(limit: float) -> Patch:
    """Legend of the grey strip around no difference; `limit` is the odds ratio at its end."""
    return Patch(facecolor=PALE, label=f"practically no difference (1/{limit:g} to {limit:g})")


def legend_block(handles: Sequence[Artist], before: float = 0.1) -> Block:
    """Legend, one entry per line."""
    height = len(handles) * 1.07 * line_height(SMALL) + 0.1

    def draw(figure: Figure, _: Axes, top: float) -> None:
        figure.legend(
            handles=list(handles),
            loc="upper left",
            bbox_to_anchor=(0.005, 1 - (top + before) / figure.get_figheight()),
            frameon=False,
            fontsize=SMALL,
            handlelength=2.4,
            labelspacing=0.35,
            borderaxespad=0,
        )

    return Block(before + height, draw)


def name_axis(axes: Axes, name: str) -> None:
    """Say below the numbers of an axis what it measures."""
    _below(axes, 0.5, name, "center")


def name_odds_ratio_axis(axes: Axes, words: OutcomeWords, name: str = "odds ratio") -> None:
    """Say below an odds ratio axis which side is which, and which is the better one."""
    _below(axes, 0.0, f"← less ({words.side('less')})", "left")
    _below(axes, 1.0, f"more ({words.side('more')}) →", "right")
    _below(axes, 0.5, name, "center", color=GREY)


def _below(axes: Axes, x: float, text: str, align: str, **style: Any) -> None:
    axes.annotate(
        text,
        (x, 0),
        xycoords="axes fraction",
        xytext=(0, -72 * TICKS),
        textcoords="offset points",
        ha=align,
        va="top",
        fontsize=SMALL,
        **style,
    )
