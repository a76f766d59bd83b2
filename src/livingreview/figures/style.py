"""How all figures look: sizes, fonts, colours, and text that is measured before it is set.

Lengths are inches. Figures are also read at 390 pixels width, so no text is
smaller than `SMALL`; colours differ in lightness, so that they read in grey.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import LoadFlags

WIDTH = 7.2
MARGIN = 0.12
FULL = WIDTH - 2 * MARGIN

TITLE, TEXT, SMALL = 13.0, 11.0, 10.0
LINE_HEIGHT = 1.28

# Wong 2011, Nature Methods 8, 441, darkened until each differs from the others in grey.
INK, GREY, PALE = "#1a1a1a", "#6b6b6b", "#dcdcdc"
BLUE, LIGHT_BLUE = "#0b4a82", "#9cc3e6"
ORANGE, LIGHT_ORANGE = "#c2570c", "#f6c9a0"

# A longer list of rows is cut, and the figure says so: nobody reads it, and pixels run out.
MOST_ROWS = 80
# Inches that a label of an odds ratio takes on its axis.
TICK = 0.4

# `Any`, as matplotlib's types list every key that it knows.
RC: Any = {
    "font.family": "DejaVu Sans",
    "font.size": TEXT,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "xtick.labelsize": SMALL,
    "hatch.color": GREY,
    "hatch.linewidth": 0.8,
    # Text as outlines: the same picture on a machine without the font.
    "svg.fonttype": "path",
    # Names inside an SVG are hashes with this salt instead of random ones.
    "svg.hashsalt": "livingreview",
    "text.parse_math": False,
}


@cache
def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width of one line of text as drawn, in inches."""
    properties = FontProperties(family=RC["font.family"], weight="bold" if bold else "normal")
    font = get_font(findfont(properties))
    font.set_size(size, 72)
    font.set_text(text, 0.0, flags=LoadFlags.NO_HINTING)
    # FreeType counts in 64ths of a point.
    return font.get_width_height()[0] / 64 / 72


def wrapped(text: str, width: float, size: float, bold: bool = False) -> list[str]:
    """Break a text into lines that are at most `width` inches wide.

    A word that is wider than that alone is broken too, so nothing runs out of its box.
    """
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if text_width(longer, size, bold) <= width:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:
            if lines[-1] and text_width(lines[-1] + letter, size, bold) > width:
                lines.append("")
            lines[-1] += letter
    return lines


def line_height(size: float) -> float:
    """Distance between two lines of text, in inches."""
    return size * LINE_HEIGHT / 72


def new_page(height: float) -> tuple[Figure, Axes]:
    """Make an empty figure whose coordinates are inches from its top left corner."""
    figure = Figure(figsize=(WIDTH, height), facecolor="white")
    page = figure.add_axes((0, 0, 1, 1))
    page.set(xlim=(0, WIDTH), ylim=(height, 0))
    page.set_axis_off()
    return figure, page


def panel(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Add axes to a page, placed in inches from its top left corner."""
    whole = figure.get_figheight()
    box = (left / WIDTH, 1 - (top + height) / whole, width / WIDTH, height / whole)
    axes = figure.add_axes(box)
    axes.patch.set_alpha(0)
    return axes


def put_lines(
    page: Axes,
    x: float,
    top: float,
    lines: list[str],
    size: float = TEXT,
    boxed: bool = False,
    **style: Any,
) -> float:
    """Write lines of text downwards from `top`; return where the next line would start."""
    for i, line in enumerate(lines):
        # On the baseline, as centring would move lines with a descender.
        y = top + i * line_height(size) + 0.99 * size / 72
        # A white box keeps words readable where they cross a line.
        box = {"facecolor": "white", "edgecolor": "none", "pad": 0.6} if boxed else None
        page.text(x, y, line, fontsize=size, va="baseline", bbox=box, **style)
    return top + len(lines) * line_height(size)


def odds_ratio_ticks(
    low: float, high: float, most: int | None = None
) -> tuple[list[float], list[str]]:
    """Powers of two between two log odds ratios: where they stand, and their labels.

    Beyond `most` of them only every second power is kept, or every third, and so on.
    """
    least, last = math.ceil(low / math.log(2) - 1e-9), math.floor(high / math.log(2) + 1e-9)
    step = math.ceil((last - least + 1) / most) if most else 1
    powers = [power for power in range(least, last + 1) if power % step == 0]
    labels = [f"1/{2**-p}" if p < 0 else str(2**p) for p in powers]
    return [p * math.log(2) for p in powers], labels


def odds_ratio_axis(axes: Axes, low: float, high: float, limit: float) -> None:
    """Lay out a horizontal axis of log odds ratios, labelled with odds ratios.

    Parameters
    ----------
    axes : Axes
    low, high : float
        Ends, on the log odds ratio scale.
    limit : float
        Odds ratio below which, and above whose inverse, a difference is practically none.
    """
    axes.set_xlim(low, high)
    most = int(axes.get_position().width * WIDTH / TICK)
    axes.set_xticks(*odds_ratio_ticks(low, high, most))
    axes.axvspan(-math.log(limit), math.log(limit), color=PALE, linewidth=0, zorder=0)
    axes.axvline(0, color=INK, linewidth=1, zorder=1)
    axes.set_yticks([])
    axes.spines[["left", "right", "top"]].set_visible(False)


def axis_ends(
    values: np.ndarray, narrowest: float = 4.0, widest: float = 32.0
) -> tuple[float, float]:
    """Ends of a log odds ratio axis that shows all values, within reason.

    Parameters
    ----------
    values : ndarray
        Log odds ratios to be shown; those that are not finite are left out.
    narrowest, widest : float
        Odds ratios that the axis reaches at least and at most, on both sides of 1.
    """
    shown = values[np.isfinite(values)]
    least, most = math.log(narrowest), math.log(widest)
    low = min(shown.min(initial=0.0) - 0.1, -least)
    high = max(shown.max(initial=0.0) + 0.1, least)
    return max(low, -most - 0.1), min(high, most + 0.1)
