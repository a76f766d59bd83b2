"""Rows of the forest plot of a large review: a study's effects as small marks beside its name."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from livingreview.base.measures import Measure
from livingreview.figures import axis, legend, style
from livingreview.figures.map_rows import link
from livingreview.figures.sheet import Page
from livingreview.figures.wording import study_name

# Room of the names of studies, and of the number of effects at the right edge.
LABELS, COUNT = 1.45, 0.62
GAP = 0.12
# From the middle of a row to what a study reported, above, and to its estimates, below.
LANE = 0.062
BAND = 0.1
# Marks of one study lie upon one another: where more of them are, it is darker.
OWN: Any = {"color": style.INK, "lw": 0.9, "alpha": 0.45, "zorder": 3}
OWN_MARK: Any = {"ls": "none", "marker": "s", "ms": 4, "mfc": "white", "mec": style.INK}
ESTIMATE: Any = {"color": style.BLUE, "lw": 2.0, "alpha": 0.4, "zorder": 3}
ESTIMATE_MARK: Any = {"ls": "none", "marker": "o", "ms": 4, "mfc": style.BLUE, "mec": style.BLUE}
BAND_FACE = "#b9b9b9"
STATEMENT: Any = {"facecolor": BAND_FACE, "alpha": 0.4, "linewidth": 0}


@dataclass(frozen=True)
class StudyMarks:
    """All effects of one study, as `livingreview.figures.forest_rows.StudyRow` has them each.

    Attributes
    ----------
    study_id : str
    label : list of str
        Lines.
    own, posterior : list of tuple
        Of each effect.
    """

    study_id: str
    label: list[str]
    own: list[tuple[float, ...]]
    posterior: list[tuple[float, ...]]

    @property
    def height(self) -> float:
        """Inches from this row to the next."""
        return len(self.label) * style.line_height() + GAP

    @property
    def values(self) -> list[float]:
        """All that the axis has to show."""
        return [value for interval in (*self.own, *self.posterior) for value in interval]

    def draw(self, page: Page, axes: Axes, top: float) -> None:
        """Write the name on the page and draw the marks on the axes, from `top` down."""
        start = top + GAP / 2
        page.write(start, self.label)
        page.write(start, [str(len(self.own))], x=page.right, ha="right", color=style.GREY)
        y = start + style.line_height() / 2
        for low, middle, high in self.own:
            ends = axis.inside(axes, low, high)
            if math.isnan(middle):
                corner = (ends[0], y - LANE - BAND / 2)
                axes.add_patch(Rectangle(corner, ends[1] - ends[0], BAND, zorder=2, **STATEMENT))
                bounds = [end for end in (low, high) if end in ends]
                look: Any = {"color": style.INK, "linewidth": 1.6, "zorder": 3}
                axes.vlines(bounds, y - LANE - BAND / 2, y - LANE + BAND / 2, **look)
            else:
                axes.plot(ends, [y - LANE] * 2, **OWN)
        for low, _, high in self.posterior:
            axes.plot(axis.inside(axes, low, high), [y + LANE] * 2, **ESTIMATE)
        _draw_middles(axes, self.own, y - LANE, OWN_MARK)
        _draw_middles(axes, self.posterior, y + LANE, ESTIMATE_MARK)
        bounds = [end for low, _, high in self.own for end in (low, high)]
        axis.draw_arrows(axes, bounds, y - LANE, style.INK, size=5)
        link(page, top, self.height, self.study_id)


def _draw_middles(
    axes: Axes, intervals: list[tuple[float, ...]], y: float, look: dict[str, Any]
) -> None:
    left, right = axes.get_xlim()
    inside = [middle for _, middle, _ in intervals if left <= middle <= right]
    axes.plot(inside, [y] * len(inside), zorder=4, mew=0.9, **look)


def study_marks(effects: pd.DataFrame) -> list[StudyMarks]:
    """A row for each study of some `livingreview.figures.forest_rows.analysed_effects`."""
    return [
        StudyMarks(
            str(study),
            style.wrapped(study_name(own.iloc[0]), LABELS - 0.1),
            list(own["own"]),
            list(own["posterior"]),
        )
        for study, own in effects.groupby("study_id", sort=False)
    ]


def small_handles(rows: list[StudyMarks], measure: Measure) -> list[Artist]:
    """Legend in words, of what the forest of a large review holds."""
    own = [middle for row in rows for _, middle, _ in row.own]
    handles: list[Artist] = []
    if any(map(math.isnan, own)):
        label = f"an effect that is a statement: all {measure.plural} that fit it"
        handles.append(legend.patch(label, BAND_FACE, edgecolor=style.GREY))
    if not all(map(math.isnan, own)):
        label = f"an effect's own numbers: {measure.phrase}, and 95% interval where it has one"
        handles.append(legend.line(label, style.INK, marker="s", mfc="white", ms=4, lw=0.9))
    if any(not math.isnan(middle) for row in rows for _, middle, _ in row.posterior):
        label = "estimate of an effect, given all studies (95% interval)"
        handles.append(legend.line(label, marker="o", ms=4, lw=2))
    return handles
