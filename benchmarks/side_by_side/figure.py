"""Seconds of the processor by case and software, with and without start and compiling."""

import matplotlib
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator

from livingreview.figures.style import BLUE, GREY, INK, PALE, RC, SMALL, TEXT, WIDTH
from side_by_side.measured import Measured
from side_by_side.software import CASES, OURS, PEERS

# Inches of a row, and of the heading and axis of a case.
ROW, AROUND = 0.24, 0.42
FOOT = 0.95


@matplotlib.rc_context(RC)
def draw(found: dict[str, Measured]) -> Figure:
    """Draw a panel for each case, a row for each peer: a dot for the fit, a ring for all of it."""
    seconds = table(found)
    rows = seconds["case"].value_counts().reindex(list(CASES))
    heights = rows * ROW + AROUND
    figure = Figure(figsize=(WIDTH, heights.sum() + FOOT), facecolor="white")
    top = 1.0
    least, most = seconds["fit"].min() / 2, seconds["all"].max() * 2
    for case, (heading, _) in CASES.items():
        whole = figure.get_figheight()
        bottom = top - heights[case] / whole
        axes = figure.add_axes((0.22, bottom, 0.75, rows[case] * ROW / whole))
        panel(axes, seconds[seconds["case"] == case], heading)
        axes.set_xlim(least, most)
        axes.tick_params(labelbottom=case == list(CASES)[-1], length=0)
        top = bottom
    axes.set_xlabel("seconds of the processor")
    marks = [
        Line2D([], [], marker="o", linestyle="none", color=INK, label="fit alone"),
        Line2D(
            [],
            [],
            marker="o",
            linestyle="none",
            color=INK,
            markerfacecolor="white",
            label="with start and compiling",
        ),
        Line2D([], [], marker="s", linestyle="none", color=BLUE, label="this repository"),
    ]
    figure.legend(handles=marks, loc="lower center", ncols=3, frameon=False, fontsize=SMALL)
    return figure


def panel(axes: Axes, seconds: pd.DataFrame, heading: str) -> None:
    """One case, its fastest software on top."""
    places = range(len(seconds))
    colours = [BLUE if ours else GREY for ours in seconds["ours"]]
    axes.hlines(places, seconds["fit"], seconds["all"], color=colours, linewidth=1.5, zorder=1)
    for column, faces in (("all", ["white"] * len(seconds)), ("fit", colours)):
        sns.scatterplot(
            x=seconds[column], y=list(places), ax=axes, s=42, legend=False, zorder=2,
            c=faces, edgecolor=colours, linewidth=1.4,
        )  # fmt: skip
    axes.set_xscale("log")
    # Every second power of ten: their labels would touch.
    axes.xaxis.set_major_locator(LogLocator(base=100))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda x, _: f"{x:,.0f} s" if x >= 1 else f"{1e3 * x:.0f} ms")
    )
    axes.xaxis.grid(True, color=PALE, linewidth=0.8, zorder=0)
    axes.set_axisbelow(True)
    axes.set_yticks(list(places), seconds["label"], fontsize=SMALL)
    for text, ours in zip(axes.get_yticklabels(), seconds["ours"], strict=True):
        text.set_fontweight("bold" if ours else "normal")
    axes.set_ylim(len(seconds) - 0.5, -0.5)
    axes.set_title(heading, loc="left", fontsize=TEXT, fontweight="bold", pad=4)
    axes.set(xlabel="", ylabel="")
    axes.minorticks_off()
    sns.despine(ax=axes, left=True)


def table(found: dict[str, Measured]) -> pd.DataFrame:
    """One row per case and peer, the fastest from start to end first."""
    rows = [
        {
            "case": case,
            "label": PEERS[name].label,
            "ours": name in OURS,
            "fit": one.rows[case].fit.cpu,
            "all": one.whole(case).cpu,
        }
        for case in CASES
        for name, one in found.items()
        if case in one.rows
    ]
    return pd.DataFrame(rows).sort_values("all", kind="stable")
