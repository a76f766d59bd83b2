"""Pooled effect and spread over subsets of the studies (GOSH), with its clusters.

Olkin, Dahabreh and Trikalinos 2012, Research Synthesis Methods 3, 214-223. Two clouds
instead of one say that some study pulls every subset that holds it to one side.
"""

from __future__ import annotations

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from scipy.ndimage import gaussian_filter

from livingreview.base.rounding import percent, significant
from livingreview.figures.leave_one_out import not_varied
from livingreview.figures.stack import (
    Block,
    chart_block,
    heading_block,
    legend_block,
    name_odds_ratio_axis,
    note_block,
    practically_none,
    stacked,
    title_block,
)
from livingreview.figures.style import (
    BLUE,
    INK,
    LIGHT_BLUE,
    MARGIN,
    ORANGE,
    RC,
    SMALL,
    TEXT,
    WIDTH,
    axis_ends,
    odds_ratio_axis,
)
from livingreview.figures.wording import OutcomeWords, study_names

# Fewer subsets are drawn one by one; more would hide one another.
FEW = 400
CELLS = (110, 50)
CHART = 2.1
LEFT = 0.75
# Share of the subsets that the line around each cloud holds.
HELD = 0.9
DENSITY = LinearSegmentedColormap.from_list("density", ["#ffffff", LIGHT_BLUE, BLUE, "#04203a"])


@matplotlib.rc_context(RC)
def draw_subsets(
    subsets: pd.DataFrame,
    clusters: pd.DataFrame,
    told: pd.DataFrame,
    studies: pd.DataFrame,
    outcomes: dict[str, OutcomeWords],
    limit: float,
) -> Figure:
    """Density of the pooled odds ratio and the spread over subsets, by outcome.

    Parameters
    ----------
    subsets, told, studies : DataFrame
        Columns of `livingreview.tables.sensitivity.Subsets` and `VariedOutcomes`, and of
        `livingreview.tables.records.Studies`.
    clusters : DataFrame
        Columns of `livingreview.tables.sensitivity.SubsetClusters`. Those of the hierarchical model
        are marked; those that show when size alone weighs the studies are told.
    outcomes : dict of OutcomeWords
        In the order of the figure.
    limit : float
        Odds ratio below which, and above whose inverse, a difference is practically none.
    """
    names = study_names(studies)
    blocks = [title_block("Do all subsets of the studies tell the same?")]
    marked = False
    for outcome, words in outcomes.items():
        chosen = subsets[subsets["outcome"] == outcome]
        apart = (clusters["outcome"] == outcome) & (clusters["verdict"] == "two_clusters")
        found = clusters[apart].sort_values("cluster")
        by_size = found[found["pooling"] == "common_effect"]
        found = found[found["pooling"] == "hierarchical"]
        count = f" ({len(chosen):,} subsets)" if len(chosen) > 1 else ""
        blocks.append(heading_block(words.label + count))
        if chosen.empty:
            blocks.append(note_block(not_varied(told, outcome)))
            continue
        blocks.append(_chart(chosen, found, words, limit))
        marked |= not found.empty
        for _, cluster in found.iterrows():
            blocks.append(note_block(_told(cluster, names)))
        if not by_size.empty:
            blocks.append(note_block(_told_by_size(by_size, names)))
    return stacked([*blocks, legend_block(_handles(limit, marked))])


def _chart(chosen: pd.DataFrame, found: pd.DataFrame, words: OutcomeWords, limit: float) -> Block:
    effect, spread = chosen["q50"].to_numpy(float), chosen["tau"].to_numpy(float)
    whole = chosen.loc[chosen["studies"].idxmax()]

    def draw(axes: Axes) -> None:
        low, high = axis_ends(effect)
        odds_ratio_axis(axes, low, high, limit)
        top = 1.1 * float(spread.max())
        axes.set_ylim(0, top)
        if len(chosen) <= FEW:
            axes.scatter(effect, spread, s=14, color=BLUE, alpha=0.55, linewidth=0, zorder=3)
        else:
            _draw_density(axes, effect, spread)
        if not found.empty:
            study = found["study_id"].iloc[0]
            with_study = np.array([study in held.split() for held in chosen["included"]])
            _draw_clusters(axes, found, with_study, effect, spread)
        axes.plot(whole["q50"], whole["tau"], "D", ms=8, mfc="white", mec=ORANGE, mew=1.8, zorder=6)
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.tick_params(axis="y", labelsize=SMALL)
        axes.spines["left"].set_visible(True)
        axes.set_ylabel("spread τ", fontsize=SMALL)
        name_odds_ratio_axis(axes, words, "pooled odds ratio")

    return chart_block(CHART, draw, left=LEFT, width=WIDTH - LEFT - MARGIN - 0.1)


def _grid(axes: Axes, effect: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Counts of subsets by cell of the axes, the spread along the first dimension."""
    ends = [axes.get_xlim(), axes.get_ylim()]
    return np.histogram2d(effect, spread, bins=CELLS, range=ends)[0].T


def _draw_density(axes: Axes, effect: np.ndarray, spread: np.ndarray) -> None:
    counts = _grid(axes, effect, spread)
    # The square root lets sparse places be seen beside crowded ones.
    shade = np.ma.masked_equal(np.sqrt(counts), 0)
    ends = (*axes.get_xlim(), *axes.get_ylim())
    axes.imshow(
        shade, cmap=DENSITY, extent=ends, origin="lower", aspect="auto", interpolation="none",
        zorder=2, vmin=-0.15 * shade.max(),
    )  # fmt: skip


def _draw_clusters(
    axes: Axes, found: pd.DataFrame, with_study: np.ndarray, effect: np.ndarray, spread: np.ndarray
) -> None:
    """Number the centres, and draw a line around the subsets that hold the telling study."""
    counts = _grid(axes, effect[with_study], spread[with_study])
    smooth = gaussian_filter(counts, 2.0)
    order = np.sort(smooth.ravel())[::-1]
    level = order[np.searchsorted(np.cumsum(order), HELD * order.sum())]
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    x = np.linspace(left, right, CELLS[0] * 2 + 1)[1::2]
    y = np.linspace(bottom, top, CELLS[1] * 2 + 1)[1::2]
    axes.contour(x, y, smooth, levels=[level], colors=INK, linewidths=1.3, zorder=4)
    for _, cluster in found.iterrows():
        axes.text(
            cluster["centre"], cluster["centre_tau"], str(cluster["cluster"]), fontsize=TEXT,
            weight="bold", ha="center", va="center_baseline", zorder=7,
            bbox={"boxstyle": "circle,pad=0.25", "facecolor": "white", "edgecolor": INK},
        )  # fmt: skip


def _told(cluster: pd.Series, names: dict[str, str]) -> str:
    """What a cluster is, in words."""
    study = names[cluster["study_id"]]
    share, holding = percent(cluster["share"]), percent(cluster["share_with_study"])
    return (
        f"Cluster {cluster['cluster']}: {share} of the subsets, around an odds ratio of "
        f"{significant(float(np.exp(cluster['centre'])))}; {holding} of them hold {study}."
    )


def _told_by_size(found: pd.DataFrame, names: dict[str, str]) -> str:
    """Clusters that the hierarchical model smooths over, in words."""
    clusters = [
        f"{percent(row['share'])} around an odds ratio of "
        f"{significant(float(np.exp(row['centre'])))} ({percent(row['share_with_study'])} of them "
        f"hold {names[row['study_id']]})"
        for _, row in found.iterrows()
    ]
    return (
        "If size alone weighed the studies, the subsets would fall apart: "
        + "; ".join(clusters)
        + "."
    )


def _handles(limit: float, marked: bool) -> list[Artist]:
    shown = [
        Patch(facecolor=BLUE, label="subsets: the darker, the more of them"),
        Line2D([], [], color=ORANGE, marker="D", ms=8, mfc="white", mew=1.8, lw=0,
               label="all studies together"),
    ]  # fmt: skip
    if marked:
        label = f"around {HELD:.0%} of the subsets that hold the study named in the clusters"
        shown.append(Line2D([], [], color=INK, lw=1.3, label=label))
    return [*shown, practically_none(limit)]
