"""Posterior densities of the pooled effect, one panel per outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from livingreview.base.measures import Measure
from livingreview.base.rounding import percent
from livingreview.figures import axis, legend, style
from livingreview.figures.posterior_draws import MODEL, UNFITTED, overall_draws
from livingreview.figures.sheet import Page, Sheet
from livingreview.figures.wording import OutcomeWords, Wording, count_studies

PANEL = 1.25
# Central share of the draws that the axis shows at least, or arrowheads where it goes on, at
# these shares of the height.
SHOWN = (0.005, 0.995)
ARROWS = {"mean_effect": 0.12, "new_setting": 0.3}
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
    title = f"How likely is each average effect of {wording.treated}?"
    sheet = Sheet(title, width=style.NARROW)
    for outcome, words in wording.outcomes.items():
        _add_words(sheet, words, fits.loc[outcome] if outcome in fits.index else None)
        own = draws[draws["outcome"] == outcome]
        if own.empty:
            sheet.note(UNLEARNT if outcome in unlearnt else UNFITTED, before=0.06)
        else:
            _add_panel(sheet, lay_out, own, wording.measure.axis)
    _add_legend(sheet, wording.measure, len(draws) > 0)
    return sheet.figure()


def _add_words(sheet: Sheet, words: OutcomeWords, fit: pd.Series | None) -> None:
    """Heading of an outcome, and the probability of each direction above its half of the panel."""
    if fit is None:
        sheet.heading(words.label)
        return
    sheet.heading(f"{words.label} ({count_studies(int(fit['studies']))})")
    sheet.sides(f"← {words.side('less')}", f"{words.side('more')} →")
    less, more = (percent(float(fit[column])) for column in ("p_less", "p_more"))
    sheet.sides(f"{less} likely", f"{more} likely")


def _add_panel(
    sheet: Sheet, lay_out: Callable[[Axes], None], draws: pd.DataFrame, named: str
) -> None:
    """Both densities of one outcome, the new setting behind."""
    import seaborn as sns  # takes a second, and other figures of the same step need none of it

    lines = style.wrapped(named, style.NARROW - 2 * style.MARGIN)

    def draw(axes: Axes) -> None:
        lay_out(axes)
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
        for name, colour in zip(EFFECTS, (style.BLUE, style.GREY), strict=True):
            height = ARROWS[name] * axes.get_ylim()[1]
            axis.draw_arrows(axes, draws[name].quantile(list(SHOWN)), height, colour)
        axis.name_quantity(axes, "\n".join(lines))

    sheet.charts(PANEL, draw)
    sheet.add((len(lines) - 1) * style.line_height())


def _add_legend(sheet: Sheet, measure: Measure, drawn: bool) -> None:
    """What is drawn, and what the percentages are."""
    dashed = {"alpha": 0.6, "edgecolor": style.GREY, "linestyle": "--"}
    densities = [
        legend.patch("average over all settings", style.BLUE, alpha=0.55, edgecolor=style.BLUE),
        legend.patch("effect in one new setting", style.LIGHT_BLUE, **dashed),
        legend.practically_none(measure),
    ]
    sheet.add(0.06)
    for look in densities if drawn else []:
        sheet.beside(str(look.get_label()), 0.52, partial(_draw_sample, look), gap=0.05)
    sheet.note("Percentages: probability that the average lies on that side.", before=0.06)


def _draw_sample(look: Patch, page: Page, y: float) -> None:
    sample = Rectangle((style.MARGIN, y - 0.06), 0.4, 0.12)
    sample.update_from(look)
    page.axes.add_patch(sample)
