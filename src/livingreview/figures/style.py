"""How all figures look: sizes, fonts, colours, and text that is measured before it is set.

Lengths are inches. No text is smaller than `SMALL`, which 390 pixels show legibly in a figure that
is `NARROW`. Colours differ in lightness, so that they read in grey.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import matplotlib
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import LoadFlags

from livingreview.figures import letters

# Of most figures; and of one whose smallest text is still read on a telephone.
WIDTH, NARROW = 7.2, 4.5
MARGIN = 0.12
FULL = WIDTH - 2 * MARGIN
RIGHT = WIDTH - MARGIN

TITLE, TEXT, SMALL = 13.0, 11.0, 10.0
LINE_HEIGHT = 1.28

# Wong 2011, Nature Methods 8, 441, darkened until each differs from the others in grey.
INK, GREY, PALE = "#1a1a1a", "#6b6b6b", "#dcdcdc"
BLUE, LIGHT_BLUE = "#0b4a82", "#9cc3e6"
ORANGE, LIGHT_ORANGE = "#c2570c", "#f6c9a0"
DASHED, LONG_DASHED = (0, (4, 3)), (0, (5, 2))
# White behind words, so that they stay readable where they cross a line.
BOX = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}

# Marks of the sensitivity analyses.
STUDY: Any = {"marker": "o", "mfc": "white", "lw": 2.6, "mec": BLUE, "mew": 1.3, "ms": 6.5}
ALL_STUDIES: Any = {"color": INK, "marker": "D", "ms": 6.5, "lw": 2.6}
PLANNED: Any = {"marker": "D", "ms": 8, "mfc": "white", "mec": ORANGE, "mew": 1.8}

# A longer list of rows is cut, and the figure says so: nobody reads it, and pixels run out.
MOST_ROWS = 80
# A longer list of studies is thinned, and the figure says so: rows stay readable.
MOST_STUDIES = 40

# `Any`, as matplotlib's types list every key that it knows.
RC: Any = {
    "font.family": letters.FONT,
    "font.size": TEXT,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "hatch.color": GREY,
    "hatch.linewidth": 0.8,
    # Text as outlines: the same picture on a machine without the font.
    "svg.fonttype": "path",
    # Names inside an SVG are hashes with this salt instead of random ones.
    "svg.hashsalt": "livingreview",
    "text.parse_math": False,
}
# Decorator of a function that draws a figure.
applied = matplotlib.rc_context(RC)


@cache
def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width of one line of text as drawn, in inches."""
    weight = "bold" if bold else "normal"
    families, undrawn = letters.families(text), letters.undrawn(text)
    font = get_font([findfont(FontProperties(family=name, weight=weight)) for name in families])
    font.set_size(size, 72)
    drawn = "".join(letter for letter in text if letter not in undrawn)
    font.set_text(drawn, 0.0, flags=LoadFlags.NO_HINTING)
    left_out = size * sum(letters.ems(letter) for letter in text if letter in undrawn)
    # FreeType counts in 64ths of a point.
    return (font.get_width_height()[0] / 64 + left_out) / 72


def wrapped(text: str, width: float, size: float = SMALL, bold: bool = False) -> list[str]:
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


def line_height(size: float = SMALL) -> float:
    """Distance between two lines of text, in inches."""
    return size * LINE_HEIGHT / 72
