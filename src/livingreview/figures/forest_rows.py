"""Rows of the forest plot: what stands in each, and how it is drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Polygon, Rectangle

from livingreview.base.rounding import significant
from livingreview.figures.intervals import draw_arrows, draw_interval, inside
from livingreview.figures.style import (
    BLUE,
    GREY,
    INK,
    LIGHT_BLUE,
    MARGIN,
    SMALL,
    TEXT,
    WIDTH,
    line_height,
    put_lines,
    text_width,
    wrapped,
)
from livingreview.figures.wording import RECORDS, STATEMENTS, dated, interval_text, of_studies
from livingreview.tables.statuses import ANALYSED

LANE = 0.15
SPACE = 0.17
UNSEEN = 0.004
OVERALL, BY_DESIGN = "overall", "design"


@dataclass(frozen=True)
class StudyRow:
    """One analysed effect, on the log odds ratio scale.

    Attributes
    ----------
    study_id : str
    label, statement : list of str
        Lines; `statement` stands behind the last line of the label when `inline`.
    inline : bool
    sizes : str
        Set at the right edge.
    centre, low, high : float
        The study's own report; `centre` is NaN for a finding.
    posterior : tuple of float
        2.5%, 50% and 97.5% quantiles; NaN when no model was fitted.
    """

    study_id: str
    label: list[str]
    statement: list[str]
    inline: bool
    sizes: str
    centre: float
    low: float
    high: float
    posterior: tuple[float, float, float]

    @property
    def text_height(self) -> float:
        """Inches of text above the marks."""
        lines = 0 if self.inline else len(self.statement)
        return len(self.label) * line_height(TEXT) + lines * line_height(SMALL)

    @property
    def height(self) -> float:
        """Inches from this row to the next."""
        return self.text_height + 2 * LANE + SPACE


@dataclass(frozen=True)
class PooledRow:
    """A pooled effect (`middle` set) or the interval for a new setting, on the log scale."""

    label: list[str]
    numbers: str
    low: float
    middle: float
    high: float
    part: bool = False

    @property
    def height(self) -> float:
        """Inches from this row to the next."""
        return len(self.label) * line_height(TEXT) + LANE + SPACE


def study_rows(
    effects: pd.DataFrame,
    studies: pd.DataFrame,
    reported: pd.DataFrame,
    study_effects: pd.DataFrame,
    outcome: str,
) -> list[StudyRow]:
    """Analysed effects of one outcome, by year.

    Parameters
    ----------
    effects, studies, study_effects : DataFrame
        Columns of the classes of that name in `livingreview.tables`.
    reported : DataFrame
        As `livingreview.figures.reported.reported_table` returns it.
    outcome : str
    """
    chosen = effects[(effects["outcome"] == outcome) & (effects["status"] == ANALYSED)]
    chosen = chosen.merge(studies[["study_id", "label", "year"]], on="study_id")
    chosen = chosen.sort_values(["year", "label", "effect_id"], kind="stable")
    several = chosen["study_id"].duplicated(keep=False)
    fitted = study_effects[
        (study_effects["outcome"] == outcome) & (study_effects["model"] == OVERALL)
    ].set_index("effect_id")
    rows = []
    for (_, effect), repeated in zip(chosen.iterrows(), several, strict=True):
        name, own = effect["effect_id"], reported.loc[effect["effect_id"]]
        label = dated(effect["label"], effect["year"])
        label = f"{label}: {effect['measure']}" if repeated else label
        words = STATEMENTS[(effect["direction"], effect["significance"])]
        statement = own["numbers"] if pd.notna(own["numbers"]) else words
        sizes = own["sizes"] if pd.notna(own["sizes"]) else ""
        sizes += "*" if pd.notna(own["assumption"]) else ""
        posterior = (math.nan, math.nan, math.nan)
        if name in fitted.index:
            low, middle, high = fitted.loc[name, ["q2_5", "q50", "q97_5"]].astype(float)
            posterior = (low, middle, high)
        lines, below, inline = _arranged(label, statement, sizes)
        report = [float(own[column]) for column in ("centre", "low", "high")]
        rows.append(
            StudyRow(
                effect["study_id"],
                lines,
                below,
                inline,
                sizes,
                centre=report[0],
                low=report[1],
                high=report[2],
                posterior=posterior,
            )
        )
    return rows


def _arranged(label: str, statement: str, sizes: str) -> tuple[list[str], list[str], bool]:
    """Lines of label and statement, and whether the statement fits behind the label."""
    width = WIDTH - 2 * MARGIN
    free = width - text_width(sizes, SMALL) - 0.2
    lines = wrapped(label, free, TEXT, bold=True)
    behind = text_width(lines[-1], TEXT, bold=True) + 0.14
    if behind + text_width(statement, SMALL) <= free:
        return lines, [statement], True
    return lines, wrapped(statement, width, SMALL), False


def pooled_rows(summary: pd.DataFrame, outcome: str, settings: dict[str, str]) -> list[PooledRow]:
    """Pooled effects of one outcome: all studies, a new setting, then each design.

    Parameters
    ----------
    summary : DataFrame
        Columns of `livingreview.tables.Summary`.
    outcome : str
    settings : dict of str
        Label of each setting of the model by design.
    """
    rows = []
    of_outcome = summary[summary["outcome"] == outcome]
    for _, fit in of_outcome[of_outcome["model"] == OVERALL].iterrows():
        rows.append(_pooled_row("Average over all settings", fit))
        low, high = fit["new_setting_low"], fit["new_setting_high"]
        rows.append(
            PooledRow(
                ["Effect in one new setting"],
                interval_text(low, high),
                low=math.log(low),
                middle=math.nan,
                high=math.log(high),
            )
        )
    for _, fit in of_outcome[of_outcome["model"] == BY_DESIGN].iterrows():
        words = settings.get(fit["setting"], fit["setting"])
        rows.append(_pooled_row(words, fit, part=True))
    return rows


def _pooled_row(label: str, fit: pd.Series, part: bool = False) -> PooledRow:
    low, middle, high = fit[["odds_ratio_low", "odds_ratio", "odds_ratio_high"]].astype(float)
    lines = wrapped(f"{label} ({of_studies(fit['studies'])})", WIDTH - 2 * MARGIN - 1.9, TEXT)
    numbers = f"{significant(middle)} ({interval_text(low, high)})"
    return PooledRow(lines, numbers, math.log(low), math.log(middle), math.log(high), part)


def draw_study_row(page: Axes, axes: Axes, row: StudyRow, top: float) -> None:
    """Write the row's text on the page and draw its marks on the axes, from `top` down."""
    after = put_lines(page, MARGIN, top, row.label, TEXT, boxed=True, weight="bold")
    last = after - line_height(TEXT)
    if row.inline:
        behind = MARGIN + text_width(row.label[-1], TEXT, bold=True) + 0.14
        put_lines(page, behind, last + 0.013, row.statement, SMALL, boxed=True)
    else:
        put_lines(page, MARGIN, after, row.statement, SMALL, boxed=True)
    put_lines(page, WIDTH - MARGIN, top + 0.013, [row.sizes], SMALL, ha="right", color=GREY)
    y = top + row.text_height + LANE / 2 + 0.03
    if math.isnan(row.centre):
        _draw_statement(axes, row.low, row.high, y)
    else:
        draw_interval(axes, row.low, row.centre, row.high, y, INK, 1.2, "s", "white")
    if not math.isnan(row.posterior[1]):
        draw_interval(axes, *row.posterior, y + LANE + 0.02, BLUE, 2.6, "o", BLUE)
    # Nobody sees it, but a browser needs something that is painted to take a click.
    whole = Rectangle((MARGIN / 2, top - 0.02), WIDTH - MARGIN, row.height - SPACE / 2, zorder=9)
    whole.set(facecolor="white", alpha=UNSEEN, linewidth=0, url=f"{RECORDS}{row.study_id}")
    page.add_patch(whole)


def draw_pooled_row(page: Axes, axes: Axes, row: PooledRow, top: float) -> None:
    """Write the row's text on the page and draw its diamond or bar on the axes."""
    weight = "normal" if row.part else "bold"
    after = put_lines(page, MARGIN, top, row.label, TEXT, boxed=True, weight=weight)
    put_lines(page, WIDTH - MARGIN, top, [row.numbers], TEXT, ha="right")
    y = after + LANE / 2 + 0.03
    if math.isnan(row.middle):
        low, high = inside(axes, row.low, row.high)
        bar = Rectangle((low, y - 0.045), high - low, 0.09, zorder=3)
        bar.set(facecolor=LIGHT_BLUE, edgecolor=BLUE, linewidth=1.0)
        axes.add_patch(bar)
    else:
        half = 0.06 if row.part else 0.085
        corners = [(row.low, y), (row.middle, y - half), (row.high, y), (row.middle, y + half)]
        face = "white" if row.part else BLUE
        axes.add_patch(Polygon(corners, facecolor=face, edgecolor=BLUE, linewidth=1.4, zorder=3))
    draw_arrows(axes, row.low, row.high, y, BLUE)


def _draw_statement(axes: Axes, low: float, high: float, y: float) -> None:
    """Hatched band over all odds ratios that a statement allows; open ends get an arrow."""
    left, right = inside(axes, low, high)
    band = Rectangle((left, y - LANE / 2), right - left, LANE, facecolor="white", zorder=2)
    band.set(hatch="/////", edgecolor=GREY, linewidth=0)
    axes.add_patch(band)
    axes.hlines([y - LANE / 2, y + LANE / 2], left, right, color=GREY, linewidth=1, zorder=3)
    for bound in (low, high):
        if left <= bound <= right and math.isfinite(bound):
            axes.vlines(bound, y - LANE / 2, y + LANE / 2, color=INK, linewidth=2.2, zorder=3)
    draw_arrows(axes, low, high, y, INK)
