"""Intervals as marks on lines, cut to the axis, with an arrow where they go on beyond it."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes

from livingreview.figures.style import BLUE


def draw_interval(
    axes: Axes,
    low: float,
    middle: float,
    high: float,
    y: float,
    colour: str = BLUE,
    linewidth: float = 2.6,
    marker: str = "o",
    face: str = "",
    linestyle: str = "-",
) -> None:
    """Draw one interval on a horizontal axis whose ends are set.

    Parameters
    ----------
    axes : Axes
    low, middle, high : float
        Ends and mark; the mark is drawn where it lies on the axis.
    y : float
        Height of the row.
    colour, marker, face, linestyle : str
        As matplotlib names them; `face` is `colour` unless given.
    linewidth : float
    """
    left, right = inside(axes, low, high)
    axes.plot([left, right], [y, y], color=colour, lw=linewidth, ls=linestyle, zorder=3)
    if axes.get_xlim()[0] <= middle <= axes.get_xlim()[1]:
        axes.plot([middle], [y], marker, ms=6.5, mfc=face or colour, mec=colour, mew=1.3, zorder=4)
    draw_arrows(axes, low, high, y, colour)


def inside(axes: Axes, low: float, high: float) -> tuple[float, float]:
    """Ends of a span, cut to the axis."""
    left, right = axes.get_xlim()
    return min(max(low, left), right), max(min(high, right), left)


def draw_arrows(axes: Axes, low: float, high: float, y: float, colour: str) -> None:
    """Draw arrowheads where a span goes on beyond the axis."""
    left, right = axes.get_xlim()
    style: Any = {"color": colour, "ms": 8, "mew": 0, "clip_on": False, "zorder": 5}
    if low < left:
        axes.plot([left], [y], "<", **style)
    if high > right:
        axes.plot([right], [y], ">", **style)
