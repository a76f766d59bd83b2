"""Posterior densities of the pooled effect, one panel per outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import pandas as pd
import seaborn as sns
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from livingreview.base.measures import Measure
from livingreview.base.rounding import percent
from livingreview.figures import axis, legend, style
from livingreview.figures.posterior_draws import MODEL, UNFITTED, overall_draws
from livingreview.figures.sheet import Page, Sheet
from livingreview.figures.wording import OutcomeWords, Wording, count_studies

PANEL = 1.25
LEGEND = 1.0
# Central share of the draws that the axis shows at least.
SHOWN = (0.005, 0.995)
UNLEARNT = "These studies do not tell how large the effect is."
EFFECTS = ["mean_effect", "new_setting"]


def pooled_draws(fits: Iterable[tuple[str, xr.DataTree]]) -> pd.DataFrame:
    """Draws of the pooled effect and of the effect in a new setting.

    Returns
    -------
    DataFrame
        Columns `outcome` and `EFFECTS` (on the scale of θ), one row per draw of the model
        without moderators; no row where it was not fitted.
    """
    frames = [pd.DataFrame(columns=["outcome", *EFFECTS])]
    for outcome, posterior in overall_draws(fits).items():
        draws = (posterior["mu"], posterior["theta_new"].isel(setting=0))
        columns = {
            name: drawn.to_numpy().ravel() for name, drawn in zip(EFFECTS, draws, strict=True)
        }
        frames.append(pd.DataFrame({"outcome": outcome, **columns}))
    return pd.concat(frames[1:] or frames, ignore_index=True)


@style.applied
def draw_densities(draws: pd.DataFrame, summary: pd.DataFrame, wording: Wording) -> Figure:
    """Small multiples of posterior densities on a common axis.

    Parameters
    ----------
    draws : DataFrame
        As `pooled_draws` returns them.
    summary : DataFrame
        Columns of `livingreview.tables.synthesis.Summary`: probabilities, numbers of studies.
    wording : Wording
    """
    fits = summary[summary["model"] == MODEL].set_index("outcome")
    # A density over sizes would be the prior's.
    unlearnt = fits.index[~fits["size_learnt"].astype(bool)]
    draws = draws[~draws["outcome"].isin(unlearnt)]
    shown = (
        draws.groupby("outcome")[EFFECTS].quantile(list(SHOWN)) if len(draws) else draws[EFFECTS]
    )
    lay_out = partial(axis.lay_out, values=shown.to_numpy(float).ravel(), measure=wording.measure)
    named = wording.measure.axis
    sheet = Sheet(f"How likely is each average effect of {wording.treated}?", bottom=0.0)
    for outcome, words in wording.outcomes.items():
        _add_words(sheet, words, fits.loc[outcome] if outcome in fits.index else None)
        last = words is list(wording.outcomes.values())[-1]
        own = draws[draws["outcome"] == outcome]
        missing = UNLEARNT if outcome in unlearnt else UNFITTED
        sheet.add(PANEL + 0.3, partial(_draw_panel, lay_out, own, missing, named if last else ""))
    sheet.add(LEGEND + 0.3, partial(_draw_legend, wording.measure, len(draws) > 0))
    return sheet.figure()


def _add_words(sheet: Sheet, words: OutcomeWords, fit: pd.Series | None) -> None:
    """Heading of an outcome, and the probability of each direction above its half of the panel."""
    label, less, more = words.label, [], []
    if fit is not None:
        label += f" ({count_studies(int(fit['studies']))})"
        less = [f"← {words.side('less')}: {percent(float(fit['p_less']))} likely"]
        more = [f"{words.side('more')}: {percent(float(fit['p_more']))} likely →"]
    lines = style.wrapped(label, style.FULL, style.TEXT, bold=True)

    def draw(page: Page, top: float) -> None:
        under = page.write(top + 0.1, lines, style.TEXT, weight="bold")
        page.write(under, less, style.TEXT)
        page.write(under, more, style.TEXT, x=style.RIGHT, ha="right")

    sheet.add((len(lines) + 1) * style.line_height(style.TEXT) + 0.16, draw)


def _draw_panel(
    lay_out: Callable[[Axes], None],
    draws: pd.DataFrame,
    missing: str,
    named: str,
    page: Page,
    top: float,
) -> None:
    """Draw both densities of one outcome, the new setting behind, or why there are none."""
    axes = page.panel(style.MARGIN + 0.1, top, style.FULL - 0.2, PANEL)
    lay_out(axes)
    if draws.empty:
        look: Any = {
            "ha": "center",
            "va": "center",
            "color": style.GREY,
            "backgroundcolor": "white",
        }
        axes.text(0.5, 0.5, missing, transform=axes.transAxes, **look)
    else:
        common: Any = {"ax": axes, "clip": axes.get_xlim(), "fill": True, "bw_adjust": 1.3}
        new, mean = (draws[name].to_numpy(float) for name in reversed(EFFECTS))
        sns.kdeplot(
            x=new, color=style.LIGHT_BLUE, alpha=0.45, edgecolor=style.GREY, linestyle="--",
            linewidth=1.2, **common,
        )  # fmt: skip
        sns.kdeplot(
            x=mean, color=style.BLUE, alpha=0.55, edgecolor=style.BLUE, linewidth=1.8, **common
        )
        axes.set(xlabel="", ylabel="", yticks=[])
    if named:
        axes.set_xlabel(named, fontsize=style.SMALL)


def _draw_legend(measure: Measure, drawn: bool, page: Page, _: float) -> None:
    dashed = {"alpha": 0.6, "edgecolor": style.GREY, "linestyle": "--"}
    densities = [
        legend.patch("average over all settings", style.BLUE, alpha=0.55, edgecolor=style.BLUE),
        legend.patch("effect in one new setting", style.LIGHT_BLUE, **dashed),
    ]
    handles = [
        *(densities if drawn else []),
        legend.practically_none(measure, named=True),
        legend.line("Percentages: probability that the average lies on that side", "none"),
    ]
    corner = (0.01, 0.005)
    page.figure.legend(
        handles=handles, loc="lower left", bbox_to_anchor=corner, frameon=False,
        fontsize=style.SMALL,
    )  # fmt: skip
