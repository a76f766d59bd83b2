"""Every specification of the multiverse: its pooled effect above, its choices below.

Specifications are sorted by their pooled effect. Below, a row per option shows where the
specifications stand that took it, as a density, since thousands of dots could not be told
apart; with few specifications each has a cell of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from livingreview.base.rounding import percent
from livingreview.figures.leave_one_out import not_varied
from livingreview.figures.stack import (
    LABELS,
    Block,
    legend_block,
    note_block,
    practically_none,
    stacked,
    title_block,
    words_block,
)
from livingreview.figures.style import (
    BLUE,
    FULL,
    GREY,
    INK,
    LIGHT_BLUE,
    MARGIN,
    ORANGE,
    PALE,
    RC,
    SMALL,
    axis_ends,
    line_height,
    odds_ratio_ticks,
    panel,
    put_lines,
    wrapped,
)
from livingreview.figures.wording import OutcomeWords, study_names

# Each choice in words, and its options where the protocol does not name them.
CHOICES = {
    "priors": "Prior set",
    "baseline": "Assumed frequency",
    "design": "Designs",
    "evidence": "Evidence",
    "left_out": "Study left out",
    "routes": "Readings of a study",
}
OPTIONS = {
    ("baseline", "as_planned"): "as planned",
    ("evidence", "all"): "all",
    ("evidence", "numbers"): "numbers only",
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
DENSITY = LinearSegmentedColormap.from_list("density", ["#ffffff", BLUE])


@dataclass(frozen=True)
class Option:
    """One option of a choice: its row of the lower panel.

    Attributes
    ----------
    label : str
    taken : ndarray of bool
        By specification, in the order of the curve.
    """

    label: str
    taken: np.ndarray

    def density(self, cells: int) -> np.ndarray:
        """Share of the specifications in each cell that took it, the largest as 1."""
        parts = np.array_split(self.taken, cells)
        shares = np.array([part.mean() for part in parts])
        return shares / max(shares.max(), 1e-12)


@matplotlib.rc_context(RC)
def draw_specification_curve(
    outcome: str,
    words: OutcomeWords,
    multiverse: pd.DataFrame,
    summary: pd.DataFrame,
    told: pd.DataFrame,
    planned: pd.DataFrame,
    studies: pd.DataFrame,
    limit: float,
) -> Figure:
    """Specification curve of one outcome.

    Parameters
    ----------
    outcome : str
    words : OutcomeWords
    multiverse, summary, told : DataFrame
        Columns of `livingreview.tables.sensitivity.Multiverse`, `MultiverseSummary` and
        `VariedOutcomes`.
    planned : DataFrame
        Rows of `livingreview.tables.sensitivity.Variations`, the planned analyses among them.
    studies : DataFrame
        Columns of `livingreview.tables.records.Studies`.
    limit : float
        Odds ratio below which, and above whose inverse, a difference is practically none.
    """
    curve = multiverse[multiverse["outcome"] == outcome].sort_values("q50", kind="stable")
    title = title_block(f"{words.label}: many ways to analyse it")
    if curve.empty:
        return stacked([title, note_block(not_varied(told, outcome))])
    of_outcome = planned[(planned["outcome"] == outcome) & (planned["analysis"] == "planned")]
    middle = float(of_outcome["q50"].iloc[0])
    blocks = [
        title,
        note_block(f"{_counted(curve, told, outcome)}, from the lowest pooled odds ratio on"),
        _curve_block(curve, middle, words, limit),
        words_block("Which specifications took which option", before=0.0, weight="bold"),
    ]
    explained = summary.set_index("outcome").loc[outcome]
    for choice in CHOICES:
        options = options_of(curve, choice, study_names(studies))
        if len(options) > 1:
            share = float(explained[f"explained_by_{choice}"])
            blocks.append(_options_block(choice, share, options))
    blocks.append(legend_block(_handles(limit)))
    return stacked(blocks)


def _counted(curve: pd.DataFrame, told: pd.DataFrame, outcome: str) -> str:
    """How many specifications are drawn, and of how many."""
    possible = int(told.loc[told["outcome"] == outcome, "possible"].iloc[0])
    if possible <= len(curve):
        return f"All {len(curve):,} specifications"
    return f"{len(curve):,} of {possible:,} specifications"


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
    found = list(values.sort_index().unique())
    found = sorted(found, key=lambda v: names.get(v, "")) if choice == "left_out" else found
    ordered = list(dict.fromkeys([*(v for v in found if (choice, v) in OPTIONS), *found]))
    if choice == "routes" or (len(ordered) > MOST_OPTIONS and choice in ANOTHER):
        planned = (values == PLANNED[choice]).to_numpy()
        both = [
            Option(OPTIONS[choice, PLANNED[choice]], planned),
            Option(ANOTHER[choice], ~planned),
        ]
        return [option for option in both if option.taken.any()]
    labels = {v: OPTIONS.get((choice, v), names.get(v, v.replace("_", " "))) for v in ordered}
    return [Option(labels[v], (values == v).to_numpy()) for v in ordered]


def _curve_block(curve: pd.DataFrame, planned: float, words: OutcomeWords, limit: float) -> Block:
    """Pooled odds ratios in order, with their intervals behind."""

    def draw(figure: Figure, page: Axes, top: float) -> None:
        axes = panel(figure, MARGIN + LABELS, top + 0.1, FULL - LABELS - 0.08, CURVE)
        middles = curve["q50"].to_numpy(float)
        # A cell per specification, its number in the middle, as in the panel below.
        x = np.arange(len(curve)) + 0.5
        low, high = axis_ends(curve[["q2_5", "q97_5"]].to_numpy(float).ravel())
        axes.set(xlim=(0, len(curve)), ylim=(low, high))
        axes.axhspan(-np.log(limit), np.log(limit), color=PALE, alpha=0.8, linewidth=0, zorder=2)
        axes.axhline(0, color=INK, linewidth=1, zorder=3)
        width = min(max(72 * (FULL - LABELS) / len(curve), 0.4), 4.0)
        axes.vlines(
            x, curve["q2_5"], curve["q97_5"], LIGHT_BLUE, lw=width, zorder=1, rasterized=True
        )
        axes.plot(x, middles, color=BLUE, linewidth=2.4, zorder=4)
        axes.axhline(planned, color=ORANGE, linewidth=1.4, linestyle=(0, (4, 3)), zorder=3.5)
        at = float(np.searchsorted(middles, planned))
        axes.plot([at], [planned], "D", ms=8, mfc="white", mec=ORANGE, mew=1.8, zorder=5)
        axes.set_yticks(*odds_ratio_ticks(low, high))
        axes.tick_params(axis="y", labelsize=SMALL)
        axes.set_xticks([])
        axes.spines[["right", "top", "bottom"]].set_visible(False)
        right = MARGIN + LABELS - 0.5
        more = [f"↑ more ({words.side('more')})"]
        put_lines(page, right, top + 0.12, more, SMALL, ha="right")
        put_lines(page, right, top + CURVE / 2, ["odds ratio"], SMALL, color=GREY, ha="right")
        less = [f"↓ less ({words.side('less')})"]
        put_lines(page, right, top + CURVE - 0.12, less, SMALL, ha="right")

    return Block(CURVE + 0.24, draw)


def _options_block(choice: str, share: float, options: list[Option]) -> Block:
    """Rows of one choice: its options as labels, and where they were taken."""
    explains = f"explains {percent(share)} of the differences"
    heading = f"{CHOICES[choice]}: {explains}"
    lines = [wrapped(option.label, LABELS - 0.15, SMALL) for option in options]
    heights = np.array([len(words) * line_height(SMALL) + 0.03 for words in lines])
    starts = np.concatenate([[0.0], np.cumsum(heights)])
    head = line_height(SMALL) + 0.07

    def draw(figure: Figure, page: Axes, top: float) -> None:
        put_lines(page, MARGIN, top + 0.06, [heading], SMALL, color=GREY)
        for start, words, option in zip(starts, lines, options, strict=False):
            y = top + head + start
            put_lines(page, MARGIN + 0.1, y, words, SMALL)
            height = len(words) * line_height(SMALL) - 0.02
            axes = panel(figure, MARGIN + LABELS, y + 0.01, FULL - LABELS - 0.08, height)
            cells = option.density(min(CELLS, option.taken.size))
            axes.imshow(
                cells[None], cmap=DENSITY, vmin=0, vmax=1, aspect="auto", interpolation="none"
            )
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set(color=PALE, linewidth=0.8)

    return Block(head + starts[-1] + 0.02, draw)


def _handles(limit: float) -> list[Artist]:
    return [
        Line2D([], [], color=BLUE, lw=2.4, label="pooled odds ratio of each specification"),
        Patch(facecolor=LIGHT_BLUE, label="its 95% interval"),
        Line2D([], [], color=ORANGE, ls=(0, (4, 3)), lw=1.4, marker="D", ms=8, mfc="white",
               mew=1.8, label="analysis as planned"),
        practically_none(limit),
        Patch(facecolor=BLUE, label="the darker, the more specifications took this option"),
    ]  # fmt: skip
