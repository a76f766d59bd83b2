"""Axes of effects, their names, and intervals drawn along them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from livingreview.base.measures import Measure
from livingreview.figures import style
from livingreview.figures.wording import OutcomeWords

# Columns of a table that hold an interval and its middle.
ENDS = ["q2_5", "q50", "q97_5"]
# Inches below a chart for the numbers of its axis, and with the line of words under them.
TICKS = 0.28
BELOW = TICKS + 0.24
# Inches that a label of an effect takes on its axis.
LABEL = 0.4
# Most round numbers along an axis of differences.
MOST_TICKS = 7
# What arrowheads mean; no legend shows it, but they bear it as their label.
BEYOND = (
    "Filled arrowhead at the edge of a chart: what is drawn there lies beyond the axis, or goes on"
    " beyond it."
)
# More arrowheads along an edge are thinned, as they would hide one another.
MOST_ARROWS = 24


def ticks(
    measure: Measure, low: float, high: float, most: int | None = None
) -> tuple[list[float], list[str]]:
    """Ticks between two effects on the line of models: where they stand, and their labels.

    For ratios powers of two, of which every second one stays, or every third, and so on, if there
    are more than `most`; for differences round numbers.
    """
    if not measure.is_ratio:
        places = MaxNLocator(min(most or MOST_TICKS, MOST_TICKS)).tick_values(low, high)
        inside = [float(x) for x in places if low <= x <= high]
        return inside, [measure.assumed(x) for x in inside]
    least, last = math.ceil(low / math.log(2) - 1e-9), math.floor(high / math.log(2) + 1e-9)
    step = math.ceil((last - least + 1) / most) if most else 1
    powers = [power for power in range(least, last + 1) if power % step == 0]
    labels = [f"1/{2**-p}" if p < 0 else str(2**p) for p in powers]
    return [p * math.log(2) for p in powers], labels


def limits(
    measure: Measure, values: np.ndarray, narrowest: float = 4.0, widest: float = 32.0
) -> tuple[float, float]:
    """Limits of an axis that shows all finite `values`, on the line of models.

    Of ratios, the axis reaches at least `narrowest` on both sides of 1, and at most `widest`; of
    differences, at least twice what is practically none.
    """
    finite = values[np.isfinite(values)]
    if not measure.is_ratio:
        low, high = finite.min(initial=-2 * measure.limit), finite.max(initial=2 * measure.limit)
        margin = 0.03 * (high - low)
        return float(low - margin), float(high + margin)
    least, most = math.log(narrowest), math.log(widest)
    low = min(finite.min(initial=0.0) - 0.1, -least)
    high = max(finite.max(initial=0.0) + 0.1, least)
    return max(low, -most - 0.1), min(high, most + 0.1)


def lay_out(axes: Axes, values: np.ndarray, measure: Measure) -> None:
    """Lay out a horizontal axis for values of θ, labelled with effects.

    A strip marks what is practically no difference.
    """
    axes.set_xlim(*limits(measure, values))
    inches = axes.get_window_extent().width / axes.figure.dpi
    most = int(inches / LABEL)
    axes.set_xticks(*ticks(measure, *axes.get_xlim(), most))
    limit = measure.limit_on_line
    axes.axvspan(-limit, limit, color=style.PALE, linewidth=0, zorder=0)
    axes.axvline(0, color=style.INK, linewidth=1, zorder=1)
    leave_bottom(axes)


def leave_bottom(axes: Axes) -> None:
    """Remove the numbers at the side, and every line of the frame but the lower one."""
    axes.set_yticks([])
    axes.spines[["left", "right", "top"]].set_visible(False)


def name_quantity(axes: Axes, text: str) -> None:
    """Say below the numbers of an axis what it measures."""
    _write_below(axes, 0.5, text, "center")


def name_sides(axes: Axes, words: OutcomeWords, middle: str) -> None:
    """Say below an axis of effects what it is, which side is which, and which is better."""
    _write_below(axes, 0.0, f"← {words.side('less')}", "left")
    _write_below(axes, 1.0, f"{words.side('more')} →", "right")
    _write_below(axes, 0.5, middle, "center", color=style.GREY)


def _write_below(axes: Axes, x: float, text: str, align: str, **look: Any) -> None:
    look |= {"ha": align, "va": "top", "fontsize": style.SMALL}
    offset = (0, -72 * TICKS)
    axes.annotate(
        text, (x, 0), offset, xycoords="axes fraction", textcoords="offset points", **look
    )


def draw_interval(
    axes: Axes,
    interval: Sequence[float],
    y: float,
    colour: str = style.BLUE,
    width: float = 2.6,
    **mark: Any,
) -> None:
    """Draw low, middle and high of an interval at a height, cut to the axis.

    The middle is marked if it lies on the axis; `mark` holds matplotlib's options of the mark. An
    arrow shows that the interval continues beyond the axis.
    """
    low, middle, high = interval
    axes.plot(inside(axes, low, high), [y, y], color=colour, lw=width, zorder=3)
    if axes.get_xlim()[0] <= middle <= axes.get_xlim()[1]:
        look = {"marker": "o", "mfc": "white", "mec": colour} | mark
        axes.plot([middle], [y], ls="none", ms=6.5, mew=1.3, zorder=4, **look)
    draw_arrows(axes, [low, high], y, colour)


def inside(axes: Axes, low: float, high: float) -> tuple[float, float]:
    """Ends of a span, cut to the axis."""
    left, right = axes.get_xlim()
    return min(max(low, left), right), max(min(high, right), left)


def draw_line(axes: Axes, x: float, top: float, colour: str, **look: Any) -> None:
    """Draw a line across an axis of effects; at `top`, an arrowhead if it lies beyond."""
    axes.axvline(x, color=colour, zorder=2, **look)
    draw_arrows(axes, x, top, colour)


def draw_arrows(
    axes: Axes,
    values: ArrayLike,
    places: ArrayLike,
    colour: str,
    upright: bool = False,
    size: float = 8,
) -> None:
    """Draw an arrowhead at the edge for each value that lies beyond the axis.

    Parameters
    ----------
    axes : Axes
        With the final limits of the axis.
    values, places : array_like
        On the axis, and across it.
    colour : str
    upright : bool
        Whether the axis runs upwards.
    size : float
        In points.
    """
    values, places = np.broadcast_arrays(np.atleast_1d(values), places)
    least, most = axes.get_ylim() if upright else axes.get_xlim()
    look: Any = {"color": colour, "ms": size, "mew": 0, "clip_on": False, "zorder": 5}
    look |= {"ls": "none", "label": BEYOND}
    for edge, beyond, marker in (
        (least, values < least, "v" if upright else "<"),
        (most, values > most, "^" if upright else ">"),
    ):
        at = np.unique(places[beyond])
        if at.size > MOST_ARROWS:
            at = at[np.linspace(0, at.size - 1, MOST_ARROWS).round().astype(int)]
        if at.size:
            ends = np.full(at.size, edge), at
            axes.plot(*(ends[::-1] if upright else ends), marker=marker, **look)


def has_arrows(figure: Figure) -> bool:
    """Whether anything in a figure lies beyond an axis."""
    return any(line.get_label() == BEYOND for axes in figure.axes for line in axes.lines)
