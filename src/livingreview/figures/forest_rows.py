"""Rows of the forest plot: what stands in each, and how it is drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Polygon, Rectangle

from livingreview.base.measures import Measure
from livingreview.base.rounding import percent
from livingreview.figures import axis, style
from livingreview.figures.record_link import RECORD_LINK
from livingreview.figures.sheet import Page
from livingreview.figures.wording import STATEMENTS, count_studies, effect_name, study_name
from livingreview.tables.statuses import ANALYSED

LANE = 0.15
SPACE = 0.17
# Separator of a label and the statement behind it.
BEHIND = 0.14
UNSEEN = 0.004
# Distance of the marks of a direction from no difference, as a share of that half of the axis, and
# the area of one that is certain, in square points.
BESIDE = 0.12
LARGEST = 190
OVERALL, BY_DESIGN = "overall", "design"


@dataclass(frozen=True)
class ForestTables:
    """What the forest plots of all outcomes are drawn from.

    Attributes
    ----------
    studies, effects, precision, study_effects, summary, models : DataFrame
        Columns of the classes of that name in `livingreview.tables`.
    settings : dict of str
        Label of each setting of the model by design, such as ``design=experimental``.
    """

    studies: pd.DataFrame
    effects: pd.DataFrame
    precision: pd.DataFrame
    study_effects: pd.DataFrame
    summary: pd.DataFrame
    models: pd.DataFrame
    settings: dict[str, str]


@dataclass(frozen=True)
class StudyRow:
    """One analysed effect, on the scale of θ.

    Attributes
    ----------
    study_id : str
    heading : list of str
        Lines above the first effect of a study that gives several; else empty.
    label, statement : list of str
        Lines; `statement` stands behind the last line of the label when `inline`.
    bold : bool
        Whether the label names a study, and not an effect below its heading.
    inline : bool
    sizes : str
        Set at the right edge.
    own : tuple of float
        Low, centre and high of what the study reported; the centre of a finding is NaN.
    posterior : tuple of float
        2.5%, 50% and 97.5% quantiles; NaN when no model was fitted, or no size is told.
    """

    study_id: str
    heading: list[str]
    label: list[str]
    bold: bool
    statement: list[str]
    inline: bool
    sizes: str
    own: tuple[float, ...]
    posterior: tuple[float, ...]

    @property
    def text_height(self) -> float:
        """Inches of text above the marks."""
        lines = 0 if self.inline else len(self.statement)
        named = len(self.heading) + len(self.label)
        return named * style.line_height(style.TEXT) + lines * style.line_height()

    @property
    def values(self) -> list[float]:
        """All that the axis has to show."""
        return [*self.own, *self.posterior]

    @property
    def height(self) -> float:
        """Inches from this row to the next."""
        return self.text_height + 2 * LANE + SPACE

    def draw(self, page: Page, axes: Axes, top: float) -> None:
        """Write the text on the page and draw the marks on the axes, from `top` down."""
        start = page.write(top, self.heading, style.TEXT, bbox=style.BOX, weight="bold")
        weight = "bold" if self.bold else "normal"
        after = page.write(start, self.label, style.TEXT, bbox=style.BOX, weight=weight)
        x, y = style.MARGIN, after
        if self.inline:
            x += style.text_width(self.label[-1], style.TEXT, self.bold) + BEHIND
            y = after - style.line_height(style.TEXT) + 0.013
        page.write(y, self.statement, x=x, bbox=style.BOX)
        page.write(start + 0.013, [self.sizes], x=style.RIGHT, ha="right", color=style.GREY)
        y = top + self.text_height + LANE / 2 + 0.03
        if math.isnan(self.own[1]):
            _draw_statement(axes, self.own, y)
        else:
            axis.draw_interval(axes, self.own, y, style.INK, 1.2, marker="s")
        if not math.isnan(self.posterior[1]):
            axis.draw_interval(axes, self.posterior, y + LANE + 0.02, mfc=style.BLUE)
        # Nobody sees it, but a browser needs something that is painted to take a click.
        corner, height = (style.MARGIN / 2, top - 0.02), self.height - SPACE / 2
        link = Rectangle(corner, style.WIDTH - style.MARGIN, height, zorder=9)
        link.set(facecolor="white", alpha=UNSEEN, linewidth=0, url=f"{RECORD_LINK}{self.study_id}")
        page.axes.add_patch(link)


@dataclass(frozen=True)
class PooledRow:
    """A pooled effect (`middle` set) or the interval for a new setting, on the scale of θ."""

    label: list[str]
    numbers: str
    low: float
    middle: float
    high: float
    part: bool = False

    @property
    def height(self) -> float:
        """Inches from this row to the next."""
        return len(self.label) * style.line_height(style.TEXT) + LANE + SPACE

    def draw(self, page: Page, axes: Axes, top: float) -> None:
        """Write the text on the page and draw the diamond or bar on the axes."""
        weight = "normal" if self.part else "bold"
        after = page.write(top, self.label, style.TEXT, bbox=style.BOX, weight=weight)
        page.write(top, [self.numbers], style.TEXT, x=page.right, ha="right")
        y = after + LANE / 2 + 0.03
        if math.isnan(self.middle):
            low, high = axis.inside(axes, self.low, self.high)
            bar = Rectangle((low, y - 0.045), high - low, 0.09, zorder=3)
            bar.set(facecolor=style.LIGHT_BLUE, edgecolor=style.BLUE, linewidth=1.0)
            axes.add_patch(bar)
        else:
            half, face = (0.06, "white") if self.part else (0.085, style.BLUE)
            x = [self.low, self.middle, self.high, self.middle]
            corners = list(zip(x, [y, y - half, y, y + half], strict=True))
            diamond = Polygon(corners, fc=face, ec=style.BLUE, lw=1.4, zorder=3)
            axes.add_patch(diamond)
        axis.draw_arrows(axes, [self.low, self.high], y, style.BLUE)


@dataclass(frozen=True)
class DirectionRow:
    """A pooled effect of which these studies tell the direction, and not the size."""

    label: list[str]
    more: float
    part: bool = False
    low: float = math.nan
    high: float = math.nan

    @property
    def height(self) -> float:
        """Inches from this row to the next."""
        return len(self.label) * style.line_height(style.TEXT) + LANE + SPACE

    def draw(self, page: Page, axes: Axes, top: float) -> None:
        """Write the text on the page, and a mark to each side, as large as it is probable."""
        weight = "normal" if self.part else "bold"
        after = page.write(top, self.label, style.TEXT, bbox=style.BOX, weight=weight)
        chances = f"more {percent(self.more)}, less {percent(1 - self.more)}"
        page.write(top, [chances], style.TEXT, x=page.right, ha="right")
        y = after + LANE / 2 + 0.03
        beside = BESIDE * min(map(abs, axes.get_xlim()))
        for mark, x, share in ((">", beside, self.more), ("<", -beside, 1 - self.more)):
            axes.scatter(
                x, y, s=LARGEST * share, c="white", marker=mark, edgecolors=style.BLUE, zorder=3
            )


def _draw_statement(axes: Axes, bounds: tuple[float, ...], y: float) -> None:
    """Draw a hatched band over all effects that a statement allows; open ends get an arrow."""
    low, _, high = bounds
    left, right = axis.inside(axes, low, high)
    lower, upper = y - LANE / 2, y + LANE / 2
    band = Rectangle((left, lower), right - left, LANE, facecolor="white", zorder=2)
    band.set(hatch="/////", edgecolor=style.GREY, linewidth=0)
    axes.add_patch(band)
    axes.hlines([lower, upper], left, right, color=style.GREY, linewidth=1, zorder=3)
    for bound in (low, high):
        if left <= bound <= right and math.isfinite(bound):
            axes.vlines(bound, lower, upper, color=style.INK, linewidth=2.2, zorder=3)
    axis.draw_arrows(axes, [low, high], y, style.INK)


def analysed_effects(outcome: str, tables: ForestTables, reported: pd.DataFrame) -> pd.DataFrame:
    """Analysed effects of one outcome, by year, with columns `own` and `posterior` (`StudyRow`)."""
    effects, fitted = tables.effects, tables.study_effects
    chosen = effects[(effects["outcome"] == outcome) & (effects["status"] == ANALYSED)]
    chosen = chosen.merge(tables.studies[["study_id", "label", "year"]], on="study_id")
    precision = tables.precision[["effect_id", "people", "smallest_significant"]]
    chosen = chosen.merge(precision, on="effect_id", how="left")
    chosen = chosen.sort_values(["year", "label"], kind="stable", ignore_index=True)
    # Estimates are drawn to the pooled effect: where its size is a prior's, so is theirs.
    fitted = fitted[(fitted["outcome"] == outcome) & (fitted["model"] == OVERALL)]
    fitted = fitted[fitted["size_learnt"].astype(bool)].set_index("effect_id")
    names = chosen["effect_id"]
    own = reported.loc[names, ["low", "centre", "high"]].astype(float)
    posterior = fitted.reindex(names)[axis.ENDS].astype(float)
    return chosen.assign(
        own=list(own.itertuples(index=False, name=None)),
        posterior=list(posterior.itertuples(index=False, name=None)),
    )


def study_rows(effects: pd.DataFrame, reported: pd.DataFrame, measure: Measure) -> list[StudyRow]:
    """A row for each of some `analysed_effects`; those of one study stand below its name."""
    several = effects["study_id"].duplicated(keep=False)
    first = ~effects["study_id"].duplicated()
    rows = []
    for i, effect in effects.iterrows():
        words, name = reported.loc[effect["effect_id"]], study_name(effect)
        heading = style.wrapped(name, style.FULL, style.TEXT, bold=True) if first[i] else []
        label = effect["effect_label"] if several[i] else effect_name(effect)
        statement = STATEMENTS[(effect["direction"], effect["significance"])]
        statement = words["numbers"] if pd.notna(words["numbers"]) else statement
        statement += f"; could tell from {measure.at(effect['smallest_significant'])}"
        sizes = words["sizes"] if pd.notna(words["sizes"]) else ""
        sizes += "*" if pd.notna(words["assumption"]) else ""
        rows.append(
            StudyRow(
                effect["study_id"],
                heading if several[i] else [],
                *_arrange(label, not several[i], statement, sizes),
                sizes,
                effect["own"],
                effect["posterior"],
            )
        )
    return rows


def _arrange(
    label: str, bold: bool, statement: str, sizes: str
) -> tuple[list[str], bool, list[str], bool]:
    """Lines of label and statement, and whether the statement fits behind the label."""
    free = style.FULL - style.text_width(sizes, style.SMALL) - 0.2
    lines = style.wrapped(label, free, style.TEXT, bold)
    behind = style.text_width(lines[-1], style.TEXT, bold) + BEHIND
    if behind + style.text_width(statement, style.SMALL) <= free:
        return lines, bold, [statement], True
    return lines, bold, style.wrapped(statement, style.FULL), False


def pooled_rows(
    outcome: str, tables: ForestTables, measure: Measure, full: float = style.FULL
) -> list[PooledRow | DirectionRow]:
    """Pooled effects of one outcome: all studies, a new setting, then each design.

    `full` is the width in inches that label and numbers have together.
    """
    rows: list[PooledRow | DirectionRow] = []
    fits = tables.summary[tables.summary["outcome"] == outcome]
    for _, fit in fits[fits["model"] == OVERALL].iterrows():
        rows.append(_pooled_row("Average over all settings", fit, measure, full))
        label = style.wrapped("Effect in one new setting", full - 1.9, style.TEXT)
        if not fit["size_learnt"]:
            rows.append(DirectionRow(label, fit["p_new_setting_more"]))
            continue
        low, high = fit["new_setting_low"], fit["new_setting_high"]
        left, right = measure.on_line(low), measure.on_line(high)
        rows.append(PooledRow(label, measure.interval(low, high), left, math.nan, right))
    for _, fit in fits[fits["model"] == BY_DESIGN].iterrows():
        label = tables.settings.get(fit["setting"], fit["setting"])
        rows.append(_pooled_row(label, fit, measure, full, part=True))
    return rows


def _pooled_row(
    label: str, fit: pd.Series, measure: Measure, full: float, part: bool = False
) -> PooledRow | DirectionRow:
    text = f"{label} ({count_studies(fit['studies'])})"
    lines = style.wrapped(text, full - 1.9, style.TEXT)
    if not fit["size_learnt"]:
        return DirectionRow(lines, fit["p_more"], part)
    low, middle, high = fit[["effect_low", "effect", "effect_high"]].astype(float)
    numbers = f"{measure.number(middle)} ({measure.interval(low, high)})"
    left, centre, right = map(measure.on_line, (low, middle, high))
    return PooledRow(lines, numbers, left, centre, right, part)
