"""Pooled effect as studies are added, from the oldest to the newest.

Each row pools the study that it names with all older ones, so the last row is the
planned analysis.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from livingreview.figures import axis, legend, style
from livingreview.figures.sheet import Sheet
from livingreview.figures.variants import Variants


@style.applied
def draw_cumulative(variants: Variants) -> Figure:
    """Draw the pooled effect after each study, by outcome."""
    wording = variants.wording
    sheet = Sheet(f"How the answer on {wording.treated} changed as studies came in")
    for outcome, words in wording.outcomes.items():
        sheet.heading(words.label)
        if variants.select(outcome, "cumulative").empty:
            sheet.note(variants.why_none(outcome))
        else:
            _add_steps(sheet, outcome, variants)
    if sheet.has_charts:
        sheet.legend(
            [
                legend.line("this study and all older ones (95% interval)", **style.STUDY),
                legend.line("all studies, as planned", **style.ALL_STUDIES),
                legend.practically_none(wording.measure),
            ]
        )
    return sheet.figure()


def _add_steps(sheet: Sheet, outcome: str, variants: Variants) -> None:
    """Rows from the oldest study down; the last one holds them all."""
    steps = variants.select(outcome, "cumulative")
    drawn = np.unique(np.linspace(0, len(steps) - 1, style.MOST_STUDIES).round().astype(int))
    shown = steps.iloc[drawn]
    newest = zip(shown["variant"], shown["studies"], strict=True)
    labels = [f"{count}: {variants.names[study]}" for study, count in newest]

    def draw(axes: Axes, middles: np.ndarray) -> None:
        rows = shown[axis.ENDS].to_numpy(float)
        axis.lay_out(axes, rows.ravel(), variants.wording.measure)
        for interval, y in zip(rows[:-1], middles[:-1], strict=True):
            axis.draw_interval(axes, interval, y)
        axis.draw_interval(axes, rows[-1], middles[-1], style.INK, marker="D", mfc=style.INK)
        words = variants.wording.outcomes[outcome]
        axis.name_sides(axes, words, variants.wording.measure.label)

    sheet.rows(labels, draw)
    if len(shown) < len(steps):
        sheet.note(f"Drawn: {len(shown)} of {len(steps)} steps, evenly spaced.")
