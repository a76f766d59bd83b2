"""Pooled effect and spread over subsets of the studies (GOSH), with its clusters.

Olkin, Dahabreh and Trikalinos 2012, Research Synthesis Methods 3, 214-223. Two clouds
instead of one say that some study pulls every subset that holds it to one side.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from scipy.ndimage import gaussian_filter

from livingreview.base.measures import Measure
from livingreview.base.rounding import percent
from livingreview.figures import axis, legend, style
from livingreview.figures.sheet import Sheet
from livingreview.figures.variants import Variants
from livingreview.figures.wording import OutcomeWords

# Most subsets that are drawn as points; more would hide one another.
FEW = 400
CELLS = (110, 50)
CHART = 2.1
LEFT = 0.75
# Share of the subsets that the line around each cloud holds.
HELD = 0.9
SHADES = LinearSegmentedColormap.from_list(
    "shades", ["#ffffff", style.LIGHT_BLUE, style.BLUE, "#04203a"]
)


@style.applied
def draw_subsets(subsets: pd.DataFrame, clusters: pd.DataFrame, variants: Variants) -> Figure:
    """Density of the pooled effect and the spread over subsets, by outcome.

    Parameters
    ----------
    subsets : DataFrame
        Columns of `livingreview.tables.sensitivity.Subsets`.
    clusters : DataFrame
        Columns of `livingreview.tables.sensitivity.SubsetClusters`. Those of the hierarchical model
        are drawn as marks; those of the common effect are given in words.
    variants : Variants
    """
    wording, names = variants.wording, variants.names
    sheet = Sheet("Do all subsets of the studies tell the same?")
    marked = False
    for outcome, words in wording.outcomes.items():
        chosen = subsets[subsets["outcome"] == outcome]
        count = f" ({len(chosen):,} subsets)" if len(chosen) > 1 else ""
        sheet.heading(words.label + count)
        if chosen.empty:
            sheet.note(variants.why_none(outcome))
            continue
        apart = (clusters["outcome"] == outcome) & (clusters["verdict"] == "two_clusters")
        by_pooling = dict(list(clusters[apart].sort_values("cluster").groupby("pooling")))
        own = by_pooling.get("hierarchical", clusters.iloc[:0])
        draw = partial(_draw_chart, chosen, own, words, wording.measure)
        sheet.charts(CHART, draw, left=LEFT, right=style.MARGIN + 0.1)
        marked |= not own.empty
        for _, cluster in own.iterrows():
            sheet.note(_describe(cluster, names, wording.measure))
        if "common_effect" in by_pooling:
            sheet.note(_describe_by_size(by_pooling["common_effect"], names, wording.measure))
    lines = [legend.line("all studies together", style.ORANGE, lw=0, **style.PLANNED)]
    if marked:
        label = f"around {HELD:.0%} of the subsets that hold the study named in the clusters"
        lines.append(legend.line(label, style.INK, lw=1.3))
    cloud = legend.patch("subsets: the darker, the more of them", style.BLUE)
    if sheet.has_charts:
        sheet.legend([cloud, *lines, legend.practically_none(wording.measure)])
    return sheet.figure()


def _draw_chart(
    subsets: pd.DataFrame, clusters: pd.DataFrame, words: OutcomeWords, measure: Measure, axes: Axes
) -> None:
    effect, spread = subsets["q50"].to_numpy(float), subsets["tau"].to_numpy(float)
    axis.lay_out(axes, effect, measure)
    axes.set_ylim(0, 1.1 * float(spread.max()))
    if len(subsets) <= FEW:
        axes.scatter(effect, spread, s=14, color=style.BLUE, alpha=0.55, linewidth=0, zorder=3)
    else:
        _draw_density(axes, effect, spread)
    axis.draw_arrows(axes, effect, spread, style.BLUE)
    if not clusters.empty:
        study = clusters["study_id"].iloc[0]
        holding = np.array([study in included.split() for included in subsets["included"]])
        _draw_clusters(axes, clusters, effect[holding], spread[holding])
    whole = subsets.loc[subsets["studies"].idxmax()]
    if axes.get_xlim()[0] <= whole["q50"] <= axes.get_xlim()[1]:
        axes.plot(whole["q50"], whole["tau"], ls="none", zorder=6, **style.PLANNED)
    axis.draw_arrows(axes, whole["q50"], whole["tau"], style.ORANGE)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.spines["left"].set_visible(True)
    axes.set_ylabel("spread τ", fontsize=style.SMALL)
    axis.name_sides(axes, words, f"pooled {measure.label}")


def _grid(axes: Axes, effect: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Counts of subsets by cell, the spread along the first dimension; those beyond at the edge."""
    ends = [axes.get_xlim(), axes.get_ylim()]
    return np.histogram2d(np.clip(effect, *ends[0]), spread, bins=CELLS, range=ends)[0].T


def _draw_density(axes: Axes, effect: np.ndarray, spread: np.ndarray) -> None:
    # The square root lets sparse places be seen beside crowded ones.
    shade = np.ma.masked_equal(np.sqrt(_grid(axes, effect, spread)), 0)
    look: Any = {"origin": "lower", "aspect": "auto", "interpolation": "none", "zorder": 2}
    extent = (*axes.get_xlim(), *axes.get_ylim())
    axes.imshow(shade, cmap=SHADES, extent=extent, vmin=-0.15 * shade.max(), **look)


def _draw_clusters(
    axes: Axes, clusters: pd.DataFrame, effect: np.ndarray, spread: np.ndarray
) -> None:
    """Number the centres, and draw a line around the subsets given, most of which lie inside."""
    smooth = gaussian_filter(_grid(axes, effect, spread), 2.0)
    order = np.sort(smooth.ravel())[::-1]
    level = order[np.searchsorted(np.cumsum(order), HELD * order.sum())]
    x, y = (
        np.linspace(*ends, cells * 2 + 1)[1::2]
        for ends, cells in zip((axes.get_xlim(), axes.get_ylim()), CELLS, strict=True)
    )
    axes.contour(x, y, smooth, levels=[level], colors=style.INK, linewidths=1.3, zorder=4)
    look: Any = {"fontsize": style.TEXT, "weight": "bold", "ha": "center", "va": "center_baseline"}
    look["bbox"] = {"boxstyle": "circle,pad=0.25", "facecolor": "white", "edgecolor": style.INK}
    for _, cluster in clusters.iterrows():
        place = (np.clip(cluster["centre"], *axes.get_xlim()), cluster["centre_tau"])
        axes.text(*place, str(cluster["cluster"]), zorder=7, **look)


def _describe(cluster: pd.Series, names: dict[str, str], measure: Measure) -> str:
    """What a cluster is, in words."""
    study = names[cluster["study_id"]]
    share, holding = percent(cluster["share"]), percent(cluster["share_with_study"])
    return (
        f"Cluster {cluster['cluster']}: {share} of the subsets, around {measure.one} of "
        f"{measure.at(cluster['centre'])}; {holding} of them hold {study}."
    )


def _describe_by_size(clusters: pd.DataFrame, names: dict[str, str], measure: Measure) -> str:
    """Clusters that the hierarchical model smooths over, in words."""
    parts = [
        f"{percent(row['share'])} around {measure.one} of "
        f"{measure.at(row['centre'])} ({percent(row['share_with_study'])} of them "
        f"hold {names[row['study_id']]})"
        for _, row in clusters.iterrows()
    ]
    text = "; ".join(parts)
    return f"If size alone weighed the studies, the subsets would fall apart: {text}."
