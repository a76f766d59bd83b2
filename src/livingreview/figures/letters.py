"""Letters that the usual font lacks: those of another font that is installed, or the browser's.

A text whose letters `FONT` has looks the same on every machine. Chinese or Thai names are drawn
with fonts of this machine. Letters that none of them has are left to the browser in an SVG, as
text; a PNG has `STAND_IN` for them.
"""

from __future__ import annotations

import contextlib
import warnings
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from unicodedata import category, east_asian_width

import matplotlib
from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import (
    FontPath,
    FontProperties,
    findfont,
    findSystemFonts,
    fontManager,
    get_font,
)
from matplotlib.text import Text

FONT = "DejaVu Sans"
STAND_IN = "…"
UNDRAWN = (
    f"{STAND_IN} in a PNG: letters that no font of the drawing machine has; the browser draws them"
    " in the SVG."
)
# Zorder that puts a text above the legend that laid it out.
ABOVE = 10


class BrowserText(Artist):
    """A text with letters that no font has: text in an SVG, elsewhere drawn with a stand-in."""

    def __init__(self, text: Text) -> None:
        super().__init__()
        self.set_zorder(ABOVE if text.axes is None else text.get_zorder())
        self._text = text
        text.set_visible(False)

    def draw(self, renderer: RendererBase) -> None:
        """Draw the text that is hidden otherwise."""
        figure, text, words = self.get_figure(root=True), self._text, self._text.get_text()
        text.set_visible(True)
        if figure is not None and isinstance(figure.canvas, FigureCanvasSVG):
            text.set_fontfamily([FONT, "sans-serif"])
            with warnings.catch_warnings(), matplotlib.rc_context({"svg.fonttype": "none"}):
                # That a letter is missing here is why the browser draws it.
                warnings.filterwarnings("ignore", "Glyph")
                text.draw(renderer)
        else:
            text.set_fontfamily(families(words))
            text.set_text(with_stand_ins(words))
            text.draw(renderer)
            text.set_text(words)
        text.set_visible(False)


def find_letters(figure: Figure) -> bool:
    """Give every text of a figure fonts that have its letters; whether some have none."""
    lacking = False
    for text in figure.findobj(Text):
        words = text.get_text()
        if len(fonts := families(words)) > 1:
            text.set_fontfamily(fonts)
        if undrawn(words):
            lacking = True
            (text.axes or figure).add_artist(BrowserText(text))
    return lacking


def families(text: str) -> list[str]:
    """Names of the fonts that draw a text, the usual one first."""
    return [FONT, *_others(_lacking(text))]


def undrawn(text: str) -> frozenset[str]:
    """Letters of a text that no font here has."""
    lacking = _lacking(text)
    return lacking.difference(*(map(chr, _held(_fonts()[name])) for name in _others(lacking)))


def with_stand_ins(text: str) -> str:
    """Text with `STAND_IN` for letters in a row that no font here has."""
    lacking = undrawn(text)
    runs = groupby(text, lacking.__contains__)
    return "".join(STAND_IN if missing else "".join(letters) for missing, letters in runs)


def ems(letter: str) -> float:
    """Width that a letter which no font here has may take in a browser, by the size of its font."""
    if category(letter).startswith("M"):
        return 0.0
    return 1.0 if east_asian_width(letter) in "WF" else 0.6


@lru_cache(maxsize=1024)
def _lacking(text: str) -> frozenset[str]:
    """Letters that the usual font lacks, upright or bold."""
    usual = _usual()
    return frozenset(letter for letter in text if ord(letter) not in usual and not letter.isspace())


@cache
def _usual() -> frozenset[int]:
    return _held(findfont(FontProperties(family=FONT))) & _held(
        findfont(FontProperties(family=FONT, weight="bold"))
    )


@cache
def _held(font: FontPath) -> frozenset[int]:
    """Letters of a font."""
    return frozenset(get_font(font).get_charmap())


@cache
def _fonts() -> dict[str, FontPath]:
    """Upright fonts of this machine by name, those without serifs first."""
    # The list of matplotlib is as old as its cache: fonts have come and gone.
    for file in sorted(set(findSystemFonts()) - {entry.fname for entry in fontManager.ttflist}):
        with contextlib.suppress(OSError, RuntimeError, NotImplementedError):
            fontManager.addfont(file)
    fonts: dict[str, FontPath] = {}
    for entry in sorted(fontManager.ttflist, key=lambda font: ("Sans" not in font.name, font.name)):
        upright = (entry.style, entry.weight, entry.stretch) == ("normal", 400, "normal")
        # The font of last resort has a box for every letter.
        last_resort = entry.name.startswith("Last Resort")
        if upright and not last_resort and Path(entry.fname).exists():
            fonts.setdefault(entry.name, FontPath(entry.fname, entry.index))
    return fonts


@cache
def _others(lacking: frozenset[str]) -> tuple[str, ...]:
    """Names of the fewest fonts that have the most of these letters."""
    names, left = [], {ord(letter) for letter in lacking}
    while left:
        best = max(_fonts(), key=lambda name: len(left & _held(_fonts()[name])))
        if not left & _held(_fonts()[best]):
            break
        names.append(best)
        left -= _held(_fonts()[best])
    return tuple(names)
