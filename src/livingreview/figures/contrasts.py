"""Two outcomes against each other: how each changes, and whether one changes more.

From a joint model, which lets a study's effects on both outcomes go together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import matplotlib
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from livingreview.base.rounding import percent
from livingreview.figures.kde import density
from livingreview.figures.stack import (
    Block,
    chart_block,
    heading_block,
    legend_block,
    name_axis,
    name_odds_ratio_axis,
    note_block,
    practically_none,
    stacked,
    title_block,
    words_block,
)
from livingreview.figures.style import (
    BLUE,
    GREY,
    INK,
    LIGHT_BLUE,
    MARGIN,
    RC,
    TEXT,
    WIDTH,
    axis_ends,
    line_height,
    odds_ratio_axis,
    put_lines,
)
from livingreview.figures.wording import OutcomeWords

CHART = 1.25
# Central share of the draws that the axes show at least.
SHOWN = (0.005, 0.995)
LABELS = ["outcome", "difference"]
SETTLED = "By the rule for a clear verdict, this settles the question."
OPEN = "By the rule for a clear verdict, the question stays open."
UNFITTED = "Nothing can be said: the two could not be fitted together."


@dataclass(frozen=True)
class ContrastWords:
    """A contrast as the protocol words it; `fit` and `name` find it in the tables.

    Attributes
    ----------
    fit, name : str
    plus, minus : str
        Outcomes.
    label, question : str
    above, alike, below : str
        What it would mean if the first changed more, both alike, or the second more.
    """

    fit: str
    name: str
    plus: str
    minus: str
    label: str
    question: str
    above: str
    alike: str
    below: str


def contrast_draws(
    fits: Iterable[tuple[str, xr.DataTree]], contrasts: Sequence[ContrastWords]
) -> dict[str, xr.Dataset]:
    """Draws behind each contrast, by its name.

    Returns
    -------
    dict of Dataset
        Variables plus, minus and difference (log odds ratios) over chain and draw; no entry
        where an outcome was not fitted.
    """
    posteriors = {name: fit["posterior"].to_dataset() for name, fit in fits}
    found = {}
    for contrast in contrasts:
        posterior = posteriors.get(contrast.fit)
        if posterior is None or "contrast" not in posterior:
            continue
        if contrast.name not in posterior["difference"]:
            continue
        draws = {
            "plus": posterior["mu"].sel(outcome=contrast.plus),
            "minus": posterior["mu"].sel(outcome=contrast.minus),
            "difference": posterior["contrast"].sel(difference=contrast.name),
        }
        found[contrast.name] = xr.Dataset(
            {k: v.drop_vars(LABELS, errors="ignore") for k, v in draws.items()}
        )
    return found


@matplotlib.rc_context(RC)
def draw_contrasts(
    draws: dict[str, xr.Dataset],
    table: pd.DataFrame,
    contrasts: Sequence[ContrastWords],
    outcomes: dict[str, OutcomeWords],
    limit: float,
    treated: str,
) -> Figure:
    """Both effects on one axis, then how much more one changes than the other, in words.

    Parameters
    ----------
    draws : dict of Dataset
        As `contrast_draws` returns them.
    table : DataFrame
        Columns of `livingreview.tables.synthesis.Contrasts`: the probabilities.
    contrasts : sequence of ContrastWords
        In the order of the figure.
    outcomes : dict of OutcomeWords
    limit : float
        Odds ratio below which, and above whose inverse, a difference is practically none.
    treated : str
        What the treated arm got, inside a sentence.
    """
    rows = table.set_index(["fit", "contrast"])
    blocks: list[Block] = []
    for contrast in contrasts:
        blocks.append(title_block(contrast.question))
        if contrast.name not in draws:
            blocks.append(note_block(UNFITTED))
            continue
        row = rows.loc[(contrast.fit, contrast.name)]
        plus, minus = outcomes[contrast.plus], outcomes[contrast.minus]
        blocks += [
            heading_block(f"Average effect of {treated} on each"),
            chart_block(CHART, _both(draws[contrast.name], plus, minus, limit)),
            legend_block(_handles(plus, minus), before=0.06),
            heading_block(contrast.label),
            _sides(float(row["p_below"]), float(row["p_above"])),
            chart_block(CHART, _difference(draws[contrast.name], limit)),
            words_block(f"Right of 1: {contrast.above}.", before=0.08),
            words_block(f"Near 1: {contrast.alike}."),
            words_block(f"Left of 1: {contrast.below}."),
            words_block(SETTLED if row["settled"] else OPEN, weight="bold"),
        ]
    return stacked([*blocks, legend_block([practically_none(limit)])])


def _both(
    draws: xr.Dataset, plus: OutcomeWords, minus: OutcomeWords, limit: float
) -> Callable[[Axes], None]:
    """Chart of both effects: filled, and as a dashed line over hatching."""

    def draw(axes: Axes) -> None:
        shown = draws[["plus", "minus"]].to_array().quantile(list(SHOWN), ["chain", "draw"])
        odds_ratio_axis(axes, *axis_ends(shown.to_numpy().ravel()), limit)
        x, filled = density(draws["plus"])
        axes.fill_between(x, 0, filled, facecolor=BLUE, alpha=0.55, edgecolor=BLUE, linewidth=1.8)
        x, y = density(draws["minus"])
        axes.fill_between(x, 0, y, facecolor="none", edgecolor=GREY, hatch="////", linewidth=0)
        axes.plot(x, y, color=INK, linestyle=(0, (5, 2)), linewidth=1.8)
        axes.set_ylim(0, 1.06 * max(filled.max(), y.max()))
        if plus.better == minus.better:
            name_odds_ratio_axis(axes, plus)
        else:
            name_axis(axes, "odds ratio (1 = no difference)")

    return draw


def _difference(draws: xr.Dataset, limit: float) -> Callable[[Axes], None]:
    """Chart of the difference: dark above 0, pale below."""

    def draw(axes: Axes) -> None:
        shown = np.quantile(draws["difference"], SHOWN)
        odds_ratio_axis(axes, *axis_ends(shown), limit)
        x, y = density(draws["difference"])
        # A point at 0, so that both sides reach it.
        points = np.union1d(x, 0.0)
        heights = np.interp(points, x, y)
        for side, colour in ((points <= 0, LIGHT_BLUE), (points >= 0, BLUE)):
            axes.fill_between(points, 0, heights, where=side, facecolor=colour, linewidth=0)
        axes.plot(x, y, color=BLUE, linewidth=1.8)
        axes.set_ylim(0, 1.06 * y.max())
        name_axis(axes, "ratio of the two odds ratios (1 = both change alike)")

    return draw


def _sides(below: float, above: float) -> Block:
    """Probability of each side, above its half of the chart."""

    def draw(_: Figure, page: Axes, top: float) -> None:
        put_lines(page, MARGIN, top + 0.04, [f"← {percent(below)} likely"], TEXT)
        right = [f"{percent(above)} likely →"]
        put_lines(page, WIDTH - MARGIN, top + 0.04, right, TEXT, ha="right")

    return Block(line_height(TEXT) + 0.04, draw)


def _handles(plus: OutcomeWords, minus: OutcomeWords) -> list[Patch | Line2D]:
    """Legend of both effects."""
    return [
        Patch(facecolor=BLUE, alpha=0.55, edgecolor=BLUE, label=plus.label),
        Patch(facecolor="white", edgecolor=INK, linestyle="--", hatch="////", label=minus.label),
    ]
