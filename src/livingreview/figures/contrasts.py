"""Two outcomes against each other: how each changes, and whether one changes more.

From a joint model, which lets a study's effects on both outcomes go together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from livingreview.base.measures import Measure
from livingreview.base.rounding import percent
from livingreview.figures import axis, legend, style
from livingreview.figures.posterior_draws import density
from livingreview.figures.sheet import Sheet
from livingreview.figures.wording import OutcomeWords, Wording

CHART = 1.25
# Central share of the draws that the axes show at least.
SHOWN = (0.005, 0.995)
SETTLED = "Studies with both, and all studies, earn a clear verdict: the question is settled."
OPEN = "A clear verdict needs studies with both, and all studies: the question stays open."
UNLEARNT = "How large the difference is, these studies do not tell."
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
        Variables plus, minus and difference (on the scale of θ) over chain and draw; no entry
        where an outcome was not fitted.
    """
    posteriors = {name: fit["posterior"].to_dataset() for name, fit in fits}
    by_name = {}
    for contrast in contrasts:
        posterior = posteriors.get(contrast.fit)
        if posterior is None or "contrast" not in posterior:
            continue
        if contrast.name not in posterior["difference"]:
            continue
        draws = {
            "plus": posterior["mu"].sel(outcome=contrast.plus, drop=True),
            "minus": posterior["mu"].sel(outcome=contrast.minus, drop=True),
            "difference": posterior["contrast"].sel(difference=contrast.name, drop=True),
        }
        by_name[contrast.name] = xr.Dataset(draws)
    return by_name


@style.applied
def draw_contrasts(
    draws: dict[str, xr.Dataset],
    table: pd.DataFrame,
    contrasts: Sequence[ContrastWords],
    wording: Wording,
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
    wording : Wording
    """
    rows, measure = table.set_index(["fit", "contrast"]), wording.measure
    sheet, drawn = Sheet(), False
    for contrast in contrasts:
        sheet.title(contrast.question)
        if contrast.name not in draws:
            sheet.note(UNFITTED)
            continue
        row, own = rows.loc[(contrast.fit, contrast.name)], draws[contrast.name]
        plus, minus = wording.outcomes[contrast.plus], wording.outcomes[contrast.minus]
        below, above = percent(float(row["p_below"])), percent(float(row["p_above"]))
        if not row["size_learnt"]:
            # Densities over sizes would be the prior's.
            sheet.words(f"{above} likely: {contrast.above}.", before=0.08)
            sheet.words(f"{below} likely: {contrast.below}.")
            sheet.words(UNLEARNT)
            sheet.words(SETTLED if row["settled"] else OPEN, weight="bold")
            continue
        drawn = True
        sheet.heading(f"Average effect of {wording.treated} on each")
        sheet.charts(CHART, partial(_draw_effects, own, plus, minus, measure))
        sheet.legend(_handles(plus, minus), before=0.06)
        sheet.heading(contrast.label)
        sheet.sides(f"← {below} likely", f"{above} likely →", before=0.04)
        sheet.charts(CHART, partial(_draw_difference, own["difference"], measure))
        sheet.words(f"Right of {measure.null_text}: {contrast.above}.", before=0.08)
        sheet.words(f"Near {measure.null_text}: {contrast.alike}.")
        sheet.words(f"Left of {measure.null_text}: {contrast.below}.")
        sheet.words(SETTLED if row["settled"] else OPEN, weight="bold")
    if drawn:
        sheet.legend([legend.practically_none(measure)])
    return sheet.figure()


def _draw_effects(
    draws: xr.Dataset, plus: OutcomeWords, minus: OutcomeWords, measure: Measure, axes: Axes
) -> None:
    """Draw both effects: one filled, the other as a dashed line over hatching."""
    shown = draws[["plus", "minus"]].to_array().quantile(list(SHOWN), ["chain", "draw"])
    axis.lay_out(axes, shown.to_numpy().ravel(), measure)
    x, filled = density(draws["plus"])
    axes.fill_between(x, 0, filled, fc=style.BLUE, alpha=0.55, ec=style.BLUE, lw=1.8)
    x, y = density(draws["minus"])
    axes.fill_between(x, 0, y, fc="none", ec=style.GREY, hatch="////", lw=0)
    axes.plot(x, y, color=style.INK, ls=style.LONG_DASHED, lw=1.8)
    axes.set_ylim(0, 1.06 * max(filled.max(), y.max()))
    if plus.side("less") == minus.side("less"):
        axis.name_sides(axes, plus, measure.label)
    else:
        axis.name_quantity(axes, measure.axis)


def _draw_difference(draws: xr.DataArray, measure: Measure, axes: Axes) -> None:
    """Draw the difference: dark above 0, pale below."""
    axis.lay_out(axes, np.quantile(draws, SHOWN), measure)
    x, y = density(draws)
    # A point at 0, so that both sides reach it.
    points = np.union1d(x, 0.0)
    heights = np.interp(points, x, y)
    for side, colour in ((points <= 0, style.LIGHT_BLUE), (points >= 0, style.BLUE)):
        axes.fill_between(points, 0, heights, where=side, fc=colour, lw=0)
    axes.plot(x, y, color=style.BLUE, lw=1.8)
    axes.set_ylim(0, 1.06 * y.max())
    axis.name_quantity(
        axes, f"{measure.comparison_of_two} ({measure.null_text} = both change alike)"
    )


def _handles(plus: OutcomeWords, minus: OutcomeWords) -> list:
    hatched = {"edgecolor": style.INK, "linestyle": "--", "hatch": "////"}
    return [
        legend.patch(plus.label, style.BLUE, alpha=0.55, edgecolor=style.BLUE),
        legend.patch(minus.label, "white", **hatched),
    ]
