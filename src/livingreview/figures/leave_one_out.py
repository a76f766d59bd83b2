"""Pooled effect with each study left out in turn, against the planned analysis.

A row that leaves the line of the planned analysis far behind is a study on which the
answer hangs.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from livingreview.figures import axis, legend, style
from livingreview.figures.sheet import Sheet
from livingreview.figures.variants import Variants
from livingreview.figures.wording import count_studies

ONLY_ONE = "There is only one study: without it, nothing is left."


@style.applied
def draw_leave_one_out(variants: Variants) -> Figure:
    """Draw the pooled effect without each study, by outcome."""
    wording = variants.wording
    sheet = Sheet(f"Does the answer on {wording.treated} hang on one study?")
    for outcome, words in wording.outcomes.items():
        planned = variants.select(outcome, "planned")
        count = f" ({count_studies(int(planned['studies'].iloc[0]))})" if len(planned) else ""
        sheet.heading(words.label + count)
        if not variants.select(outcome, "leave_one_out").empty:
            _add_studies(sheet, outcome, variants)
        else:
            sheet.note(variants.why_none(outcome) if planned.empty else ONLY_ONE)
    if sheet.has_charts:
        sheet.legend(
            [
                legend.line("all studies (95% interval)", **style.ALL_STUDIES),
                legend.line("without one study (95% interval)", **style.STUDY),
                legend.line("middle of all studies", ls=style.DASHED, lw=1.2),
                legend.practically_none(wording.measure),
            ]
        )
    return sheet.figure()


def _add_studies(sheet: Sheet, outcome: str, variants: Variants) -> None:
    """One row for all studies and one without each, from the lowest to the highest."""
    measure = variants.wording.measure
    without = variants.select(outcome, "leave_one_out")
    planned = variants.select(outcome, "planned")[axis.ENDS].iloc[0].astype(float)
    moved = (without["q50"] - planned["q50"]).abs().to_numpy()
    first = np.argsort(-moved, kind="stable")[: style.MOST_STUDIES]
    shown = without.iloc[first].sort_values("q50", kind="stable")
    labels = ["all studies", *(f"without {variants.names[study]}" for study in shown["variant"])]

    def draw(axes: Axes, middles: np.ndarray) -> None:
        values = np.concatenate([without[axis.ENDS].to_numpy(float).ravel(), planned])
        axis.lay_out(axes, values, measure)
        axis.draw_line(axes, planned["q50"], 0.0, style.BLUE, lw=1.2, ls=style.DASHED)
        axis.draw_interval(axes, planned, middles[0], style.INK, marker="D", mfc=style.INK)
        for interval, y in zip(shown[axis.ENDS].to_numpy(float), middles[1:], strict=True):
            axis.draw_interval(axes, interval, y)
        axis.name_sides(axes, variants.wording.outcomes[outcome], measure.label)

    sheet.rows(labels, draw)
    others = measure.natural(np.delete(without["q50"].to_numpy(float), first))
    if others.size:
        sheet.note(
            f"Not drawn, as they move the answer less: {count_studies(others.size)}, each of "
            f"which left out gives {measure.one} of "
            f"{measure.interval(others.min(), others.max())}."
        )
