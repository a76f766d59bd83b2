"""Every specification of the multiverse: its pooled effect above, its choices below.

Specifications are sorted by their pooled effect. Below, a row per option shows where the
specifications stand that took it, as a density, since thousands of dots could not be told
apart; with few specifications each has a cell of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from livingreview.base.rounding import percent
from livingreview.figures import axis, legend, style
from livingreview.figures.sheet import LABELS, Page, Sheet, labels_from_top
from livingreview.figures.variants import Variants

# Each choice in words, and its options where the protocol does not name them.
CHOICES = {
    "priors": "Prior set",
    "baseline": "Assumed frequency",
    "design": "Designs",
    "evidence": "Evidence",
    "risk_of_bias": "Risk of bias",
    "follow_up": "Follow-up",
    "left_out": "Study left out",
    "routes": "Readings of a study",
}
OPTIONS = {
    ("baseline", "as_planned"): "as planned",
    ("evidence", "all"): "all",
    ("evidence", "numbers"): "numbers only",
    ("evidence", "significance_stated"): "significance stated",
    ("risk_of_bias", "all"): "all",
    ("risk_of_bias", "without_high_risk"): "without high risk",
    ("follow_up", "as_planned"): "as planned",
    ("design", "all"): "all",
    ("design", "experimental"): "experimental only",
    ("left_out", "none"): "none",
    ("routes", "as_planned"): "as planned",
}
PLANNED = {"left_out": "none", "routes": "as_planned"}
ANOTHER = {"left_out": "one of the studies", "routes": "at least one other"}
# A choice with more options than this is shown as taken as planned or otherwise.
MOST_OPTIONS = 14
CELLS = 120
CURVE = 2.3
DENSITY = LinearSegmentedColormap.from_list("density", ["#ffffff", style.BLUE])


@dataclass(frozen=True)
class Option:
    """One option of a choice: its row of the lower panel.

    Attributes
    ----------
    label : str
    chosen : ndarray of bool
        By specification, in the order of the curve.
    """

    label: str
    chosen: np.ndarray

    def density(self, cells: int) -> np.ndarray:
        """Share of the specifications in each cell that took it, the largest as 1."""
        parts = np.array_split(self.chosen, cells)
        shares = np.array([part.mean() for part in parts])
        return shares / max(shares.max(), 1e-12)


@style.applied
def draw_specification_curve(
    outcome: str, multiverse: pd.DataFrame, summary: pd.DataFrame, variants: Variants
) -> Figure:
    """Draw the sorted pooled effects, and the options that gave them, of one outcome.

    Parameters
    ----------
    outcome : str
    multiverse, summary : DataFrame
        Columns of `livingreview.tables.sensitivity.Multiverse` and `MultiverseSummary`.
    variants : Variants
        The planned analyses among them.
    """
    measure = variants.wording.measure
    curve = multiverse[multiverse["outcome"] == outcome].sort_values("q50", kind="stable")
    sheet = Sheet(f"{variants.wording.outcomes[outcome].label}: many ways to analyse it")
    if curve.empty:
        sheet.note(variants.why_none(outcome))
        return sheet.figure()
    possible = variants.statuses.set_index("outcome").loc[outcome, "possible"]
    sheet.note(f"{_counted(len(curve), int(possible))}, from the lowest pooled {measure.phrase} on")
    sheet.add(CURVE + 0.24, partial(_draw_curve, curve, outcome, variants))
    sheet.words("Which specifications took which option", before=0.0, weight="bold")
    explained = summary.set_index("outcome").loc[outcome]
    for choice, heading in CHOICES.items():
        options = options_of(curve, choice, variants.names)
        if len(options) > 1:
            share = percent(float(explained[f"explained_by_{choice}"]))
            _add_options(sheet, f"{heading}: explains {share} of the differences", options)
    sheet.legend(
        [
            legend.line(f"pooled {measure.phrase} of each specification", lw=2.4),
            legend.patch("its 95% interval", style.LIGHT_BLUE),
            legend.line(
                "analysis as planned", style.ORANGE, ls=style.DASHED, lw=1.4, **style.PLANNED
            ),
            legend.practically_none(measure),
            legend.patch("the darker, the more specifications took this option", style.BLUE),
        ]
    )
    return sheet.figure()


def _counted(drawn: int, possible: int) -> str:
    """How many specifications are drawn, and of how many."""
    if possible <= drawn:
        return f"All {drawn:,} specifications"
    return f"{drawn:,} of {possible:,} specifications"


def options_of(curve: pd.DataFrame, choice: str, names: dict[str, str]) -> list[Option]:
    """Options of a choice that any specification took, the planned one first.

    Parameters
    ----------
    curve : DataFrame
        Specifications in the order of the curve.
    choice : str
        One of `CHOICES`.
    names : dict of str
        Names of the studies.
    """
    values = curve[choice].astype(str)
    # The multiverse runs through the options in the order of the protocol, but for studies.
    options = list(values.sort_index().unique())
    if choice == "left_out":
        options.sort(key=lambda option: names.get(option, ""))
    # The planned options are those that have words here.
    options.sort(key=lambda option: (choice, option) not in OPTIONS)
    if choice == "routes" or (len(options) > MOST_OPTIONS and choice in ANOTHER):
        planned = (values == PLANNED[choice]).to_numpy()
        both = [
            Option(OPTIONS[choice, PLANNED[choice]], planned),
            Option(ANOTHER[choice], ~planned),
        ]
        return [option for option in both if option.chosen.any()]
    labels = {v: OPTIONS.get((choice, v), names.get(v, v.replace("_", " "))) for v in options}
    return [Option(label, (values == v).to_numpy()) for v, label in labels.items()]


def _draw_curve(
    curve: pd.DataFrame, outcome: str, variants: Variants, page: Page, top: float
) -> None:
    """Draw the pooled effects in order, with their intervals behind."""
    axes = _panel(page, top + 0.1, CURVE)
    measure, middles = variants.wording.measure, curve["q50"].to_numpy(float)
    # A cell per specification, its number in the middle, as in the panels below.
    x = np.arange(len(curve)) + 0.5
    ends = curve[["q2_5", "q97_5"]].to_numpy(float).T
    planned = float(variants.select(outcome, "planned")["q50"].iloc[0])
    low, high = axis.limits(measure, np.append(ends.ravel(), planned))
    axes.set(xlim=(0, len(curve)), ylim=(low, high))
    limit = measure.limit_on_line
    axes.axhspan(-limit, limit, color=style.PALE, alpha=0.8, lw=0, zorder=2)
    axes.axhline(0, color=style.INK, lw=1, zorder=3)
    width = min(max(72 * (style.FULL - LABELS) / len(curve), 0.4), 4.0)
    spans = (x, curve["q2_5"], curve["q97_5"], style.LIGHT_BLUE)
    axes.vlines(*spans, lw=width, zorder=1, rasterized=True)
    axes.plot(x, middles, color=style.BLUE, lw=2.4, zorder=4)
    for values, colour in ((ends, style.LIGHT_BLUE), (middles, style.BLUE)):
        axis.draw_arrows(axes, values, x, colour, upright=True)
    axes.axhline(planned, color=style.ORANGE, lw=1.4, ls=style.DASHED, zorder=3.5)
    rank = float(np.searchsorted(middles, planned))
    if low <= planned <= high:
        axes.plot([rank], [planned], ls="none", zorder=5, **style.PLANNED)
    axis.draw_arrows(axes, planned, rank, style.ORANGE, upright=True)
    axes.set_yticks(*axis.ticks(measure, low, high))
    axes.set_xticks([])
    axes.spines[["right", "top", "bottom"]].set_visible(False)
    words = variants.wording.outcomes[outcome]
    beside: Any = {"x": style.MARGIN + LABELS - 0.5, "ha": "right"}
    page.write(top + 0.12, [f"↑ {words.side('more')}"], **beside)
    named = style.wrapped(measure.label, LABELS - 0.6)
    page.write(top + CURVE / 2, named, color=style.GREY, **beside)
    page.write(top + CURVE - 0.12, [f"↓ {words.side('less')}"], **beside)


def _add_options(sheet: Sheet, heading: str, options: list[Option]) -> None:
    """Rows of one choice: its options as labels, and where they were chosen."""
    lines, starts = labels_from_top([option.label for option in options], gap=0.03)
    head = style.line_height() + 0.07

    def draw(page: Page, top: float) -> None:
        page.write(top + 0.06, [heading], color=style.GREY)
        for start, words, option in zip(starts[:-1], lines, options, strict=True):
            y = top + head + start
            page.write(y, words, x=style.MARGIN + 0.1)
            axes = _panel(page, y + 0.01, len(words) * style.line_height() - 0.02)
            cells = option.density(min(CELLS, option.chosen.size))
            look: Any = {"aspect": "auto", "interpolation": "none"}
            axes.imshow(cells[None], cmap=DENSITY, vmin=0, vmax=1, **look)
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set(color=style.PALE, linewidth=0.8)

    sheet.add(head + starts[-1] + 0.02, draw)


def _panel(page: Page, top: float, height: float) -> Axes:
    """Axes beside the labels."""
    return page.panel(style.MARGIN + LABELS, top, style.FULL - LABELS - 0.08, height)
