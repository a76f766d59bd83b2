"""A figure as a sheet that is filled from the top down: words, charts, rows and a legend.

Each part says its height when it is added. The page gets its own at the end, when all stands on it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from livingreview.figures import axis, letters, style

# Room of the labels of rows, and between the words of two rows.
LABELS, ROW = 2.3, 0.1
# Room of the sample of a mark in a legend.
SAMPLE = 0.5
# Margin on either side of a chart that has no numbers at its side.
ASIDE = style.MARGIN + 0.08


class Page:
    """An empty figure whose coordinates are inches from its top left corner."""

    def __init__(self, width: float = style.WIDTH) -> None:
        self.width, self.right = width, width - style.MARGIN
        self.figure = Figure(facecolor="white")
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_xlim(0, width)
        self.axes.set_axis_off()
        self._places: list[Callable[[], None]] = []
        self.set_height(1.0)

    def set_height(self, height: float) -> None:
        """End the page at a height; what stands on it stays where it is."""
        self.figure.set_size_inches(self.width, height)
        self.axes.set_ylim(height, 0)
        for put in self._places:
            put()

    def panel(self, left: float, top: float, width: float, height: float) -> Axes:
        """Add axes."""
        axes = self.figure.add_axes((0, 0, 1, 1))
        axes.patch.set_alpha(0)

        def put() -> None:
            whole = self.figure.get_figheight()
            bottom = 1 - (top + height) / whole
            axes.set_position((left / self.width, bottom, width / self.width, height / whole))

        self._place(put)
        return axes

    def legend(self, top: float, handles: Sequence[Artist]) -> None:
        """Add a legend, one entry per line."""
        legend = self.figure.legend(
            handles=list(handles),
            loc="upper left",
            frameon=False,
            fontsize=style.SMALL,
            handlelength=2.4,
            labelspacing=0.35,
            borderaxespad=0,
        )
        self._place(
            lambda: legend.set_bbox_to_anchor((0.005, 1 - top / self.figure.get_figheight()))
        )

    def _place(self, put: Callable[[], None]) -> None:
        """Put what matplotlib places by shares of the page, now and at every other height."""
        put()
        self._places.append(put)

    def write(
        self,
        top: float,
        lines: Sequence[str],
        size: float = style.SMALL,
        x: float = style.MARGIN,
        **look: Any,
    ) -> float:
        """Write lines of text downwards from `top`; return where the next line would start."""
        for i, line in enumerate(lines):
            # On the baseline, as centring would move lines with a descender.
            y = top + i * style.line_height(size) + 0.99 * size / 72
            self.axes.text(x, y, line, fontsize=size, va="baseline", **look)
        return top + len(lines) * style.line_height(size)


Draw = Callable[[Page, float], None]


class Sheet:
    """Parts of a figure, each drawn below the parts before it."""

    def __init__(self, title: str = "", bottom: float = 0.1, width: float = style.WIDTH) -> None:
        self._page, self._top, self._heights = Page(width), 0.0, list[float]()
        self._bottom, self.width = bottom, width
        # Whether any chart is there: marks that are nowhere need no legend.
        self.has_charts = False
        if title:
            self.title(title)

    @property
    def full(self) -> float:
        """Inches between the margins."""
        return self.width - 2 * style.MARGIN

    def figure(self) -> Figure:
        """Explain what only the drawing tells, and end the page."""
        undrawn = letters.find_letters(self._page.figure)
        arrows = axis.has_arrows(self._page.figure)
        if notes := [axis.BEYOND] * arrows + [letters.UNDRAWN] * undrawn:
            self.note(*notes)
        self._page.set_height(sum(self._heights) + self._bottom)
        return self._page.figure

    def add(self, height: float, draw: Draw = lambda page, top: None) -> None:
        """Add a part of a height in inches: what `draw` makes of it, or empty space."""
        draw(self._page, self._top)
        self._top += height
        self._heights.append(height)

    def words(
        self, *texts: str, size: float = style.SMALL, before: float = 0.04, **look: Any
    ) -> None:
        """Add texts over the full width, broken into lines."""
        bold = look.get("weight") == "bold"
        lines = [line for text in texts for line in style.wrapped(text, self.full, size, bold)]

        def draw(page: Page, top: float) -> None:
            page.write(top + before, lines, size, **look)

        self.add(before + len(lines) * style.line_height(size), draw)

    def title(self, text: str) -> None:
        """Add the title of a figure."""
        self.words(text, size=style.TITLE, before=0.1, weight="bold")

    def heading(self, text: str, before: float = 0.16) -> None:
        """Add the heading of a part, such as an outcome."""
        self.words(text, size=style.TEXT, before=before, weight="bold")

    def note(self, *texts: str, before: float = 0.04) -> None:
        """Add words in grey."""
        self.words(*texts, before=before, color=style.GREY)

    def beside(self, text: str, indent: float, draw_mark: Draw, gap: float = 0.1) -> None:
        """Add a text with a mark before it; `draw_mark` is given the middle of the first line."""
        lines = style.wrapped(text, self.full - indent)
        height = len(lines) * style.line_height() + gap

        def draw(page: Page, top: float) -> None:
            page.write(top + gap / 2, lines, x=style.MARGIN + indent)
            draw_mark(page, top + (gap + style.line_height()) / 2)

        self.add(height, draw)

    def sides(self, left: str, right: str, before: float = 0.0) -> None:
        """Add a line of words at the left and another at the right."""

        def draw(page: Page, top: float) -> None:
            page.write(top + before, [left], style.TEXT)
            page.write(top + before, [right], style.TEXT, x=page.right, ha="right")

        self.add(before + style.line_height(style.TEXT), draw)

    def charts(
        self,
        height: float,
        *draw_charts: Callable[[Axes], None],
        left: float = ASIDE,
        right: float = ASIDE,
        gap: float = 0.0,
    ) -> None:
        """Add axes of equal width beside one another, with room for the names of their axes."""
        self.has_charts = True
        # The highest number at the side of a chart may stand half above it.
        above = 0.1
        width = self.width - right - left - gap * (len(draw_charts) - 1)
        width /= len(draw_charts)

        def draw(page: Page, top: float) -> None:
            for i, draw_chart in enumerate(draw_charts):
                draw_chart(page.panel(left + i * (width + gap), top + above, width, height))

        self.add(above + height + axis.BELOW, draw)

    def rows(
        self,
        labels: Sequence[str],
        draw_rows: Callable[[Axes, np.ndarray], None],
        gap: float = ROW,
    ) -> None:
        """Add labelled rows beside axes, with room for the name of the axis.

        `draw_rows` draws on the axes, given the height of the middle of each row, in inches
        downwards; `gap` is the distance between the words of two rows.
        """
        self.has_charts = True
        lines, starts = labels_from_top(labels, gap)
        before, left = 0.06, style.MARGIN + LABELS

        def draw(page: Page, top: float) -> None:
            for start, words in zip(starts[:-1], lines, strict=True):
                page.write(top + before + start + gap / 2, words)
            width = page.width - left - ASIDE
            axes = page.panel(left, top + before, width, starts[-1])
            draw_rows(axes, np.array([(start + end) / 2 for start, end in pairwise(starts)]))
            axes.set_ylim(starts[-1], 0)

        self.add(before + starts[-1] + axis.BELOW, draw)

    def legend(self, handles: Sequence[Artist], before: float = 0.1, after: float = 0.1) -> None:
        """Add a legend, one entry below the other."""
        height = after
        for handle in handles:
            lines = style.wrapped(str(handle.get_label()), self.full - SAMPLE)
            handle.set_label("\n".join(lines))
            height += (len(lines) + 0.07) * style.line_height()

        self.add(before + height, lambda page, top: page.legend(top + before, handles))


def labels_from_top(labels: Sequence[str], gap: float) -> tuple[list[list[str]], np.ndarray]:
    """Lines of the label of each row, and where the rows start and the last one ends."""
    lines = [style.wrapped(label, LABELS - 0.15) for label in labels]
    heights = [len(words) * style.line_height() + gap for words in lines]
    return lines, np.concatenate([[0.0], np.cumsum(heights)])
