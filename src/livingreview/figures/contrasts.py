"""Two outcomes against each other, within the studies that report both: a pair of marks for each.

Where a study gives numbers for both, its marks stand on the axis of effects; else in the lanes of
their directions. No average is drawn: how probable each side is, stands in words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from livingreview.base.measures import Measure
from livingreview.base.rounding import percent
from livingreview.figures import axis, style
from livingreview.figures.directions import HEADS, LANES, draw_lanes
from livingreview.figures.marks import Mark, add_legend, draw_mark
from livingreview.figures.sheet import Page, Sheet
from livingreview.figures.widths import root_widths
from livingreview.figures.wording import Wording, count_studies, study_name
from livingreview.tables.statuses import ANALYSED

# Room of the outcomes' names; three lanes; from one mark of a study to its next, and between two.
LABELS = 1.5
LANE = (style.NARROW - 2 * style.MARGIN - LABELS) / 3
WIDEST, NARROWEST = 0.55, 0.1
STEP, GAP = 0.29, 0.1
SETTLED = "Studies with both, and all studies, earn a clear verdict: the question is settled."
OPEN = "A clear verdict needs studies with both, and all studies: the question stays open."
UNLEARNT = "How large the difference is, these studies do not tell."
UNFITTED = "Nothing can be said: the two could not be fitted together."
NO_PAIR = "No study reports both in a way that could be weighed."


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


@dataclass(frozen=True)
class PairTables:
    """What the pairs of all contrasts are drawn from.

    Attributes
    ----------
    studies, effects, precision, contrasts : DataFrame
        Columns of the classes `Studies`, `Effects`, `Precision` and `Contrasts`.
    reported : DataFrame
        Rows of `livingreview.figures.reported.reported_table`, of all outcomes.
    """

    studies: pd.DataFrame
    effects: pd.DataFrame
    precision: pd.DataFrame
    contrasts: pd.DataFrame
    reported: pd.DataFrame


@dataclass(frozen=True)
class PairedEffect:
    """One effect of a pair; `own` is what the study reported, its middle NaN without a number."""

    heading: list[str]
    first: bool
    mark: Mark
    width: float
    own: tuple[float, float, float]

    @property
    def numeric(self) -> bool:
        """Whether it has a place on the axis of effects."""
        return math.isfinite(self.own[1])

    @property
    def height(self) -> float:
        """Inches from this effect to the next."""
        return max(STEP, (len(self.heading) + 0.3) * style.line_height())


@dataclass(frozen=True)
class Pair:
    """A study that reports both outcomes."""

    label: list[str]
    effects: list[PairedEffect]

    @property
    def numeric(self) -> bool:
        """Whether all of it has a place on the axis of effects."""
        return all(effect.numeric for effect in self.effects)

    @property
    def height(self) -> float:
        """Inches from this pair to the next."""
        effects = sum(effect.height for effect in self.effects)
        return len(self.label) * style.line_height() + effects + GAP

    def write(self, page: Page, top: float) -> list[float]:
        """Write the names from `top` down; return the middle of the line of each effect."""
        start = page.write(top + GAP / 2, self.label, weight="bold")
        middles = []
        for effect in self.effects:
            middles.append(start + effect.height / 2)
            lines = len(effect.heading) * style.line_height()
            page.write(middles[-1] - lines / 2, effect.heading, color=style.GREY)
            start += effect.height
        return middles

    def join(self, axes: Axes, places: list[float], middles: list[float]) -> None:
        """Draw a line from each effect on the first outcome to each on the other."""
        points = list(zip(self.effects, places, middles, strict=True))
        for one, x, y in points:
            for other, to_x, to_y in points:
                if one.first and not other.first:
                    # What is not known of an end is not known of the line.
                    unclear = "unclear" in (one.mark.direction, other.mark.direction)
                    look = style.DASHED if unclear else "solid"
                    axes.plot([x, to_x], [y, to_y], color=style.GREY, lw=2, ls=look, zorder=2)


@style.applied
def draw_contrasts(
    tables: PairTables,
    contrasts: Sequence[ContrastWords],
    headings: dict[str, str],
    wording: Wording,
) -> Figure:
    """Pairs of each contrast, then how probable each side is, in words.

    Parameters
    ----------
    tables : PairTables
    contrasts : sequence of ContrastWords
        In the order of the figure.
    headings : dict of str
        Of each outcome in a few words.
    wording : Wording
    """
    rows = tables.contrasts.set_index(["fit", "contrast"])
    sheet, drawn = Sheet(width=style.NARROW), list[Mark]()
    for contrast in contrasts:
        sheet.title(contrast.question)
        pairs = pairs_of(contrast, tables, headings, wording)
        shown = pairs[-style.MOST_STUDIES // 2 :]
        drawn += [effect.mark for pair in shown for effect in pair.effects]
        if not pairs:
            sheet.note(NO_PAIR)
        if numeric := [pair for pair in shown if pair.numeric]:
            sheet.words("Studies with numbers for both")
            _add_numeric(sheet, numeric, wording)
        if others := [pair for pair in shown if not pair.numeric]:
            sheet.words("Studies with a direction alone for one or both")
            sheet.add(0.06)
            _add_lanes(sheet, others)
        if len(pairs) > len(shown):
            sheet.note(f"Not drawn: {len(pairs) - len(shown)} earlier studies.")
        key = (contrast.fit, contrast.name)
        _add_answer(sheet, contrast, rows.loc[key] if key in rows.index else None, wording)
    if drawn:
        add_legend(sheet, drawn, wording.treated)
        sheet.note("Width of a mark in the lanes: the root of the number of people.")
        if not tables.precision["people_known"].all():
            sheet.note("* The number of people is assumed, as no source gives it.")
    return sheet.figure()


def pairs_of(
    contrast: ContrastWords, tables: PairTables, headings: dict[str, str], wording: Wording
) -> list[Pair]:
    """Studies with a weighed effect on both outcomes, by year."""
    pair = [contrast.plus, contrast.minus]
    effects = tables.effects[tables.effects["status"] == ANALYSED]
    effects = effects[effects["outcome"].isin(pair)]
    both = effects.groupby("study_id")["outcome"].nunique() == len(pair)
    effects = effects[effects["study_id"].isin(both.index[both])]
    effects = effects.merge(tables.studies[["study_id", "label", "year"]], on="study_id")
    precision = tables.precision.drop(columns=["study_id", "outcome"])
    effects = effects.merge(precision, on="effect_id")
    effects = effects.assign(width=root_widths(effects["people"], WIDEST).clip(NARROWEST))
    pairs = []
    for _, own in effects.sort_values(["year", "label"], kind="stable").groupby(
        "study_id", sort=False
    ):
        label = study_name(own.iloc[0])
        marked = [
            _paired(
                effect,
                outcome == contrast.plus,
                headings[outcome],
                tables,
                wording,
            )
            for outcome in pair
            for _, effect in own[own["outcome"] == outcome].iterrows()
        ]
        pairs.append(Pair(style.wrapped(label, style.NARROW - 2 * style.MARGIN, bold=True), marked))
    return pairs


def _paired(
    effect: pd.Series, first: bool, heading: str, tables: PairTables, wording: Wording
) -> PairedEffect:
    known = pd.notna(effect["effect_label"])
    heading += f": {effect['effect_label']}" if known else ""
    heading += "" if effect["people_known"] else "*"
    own = tables.reported.loc[effect["effect_id"], ["low", "centre", "high"]].astype(float)
    low, middle, high = own if effect["has_number"] else (math.nan, math.nan, math.nan)
    mark = Mark.of(effect, wording.outcomes[effect["outcome"]])
    lines = style.wrapped(heading, LABELS - 0.1)
    return PairedEffect(lines, first, mark, effect["width"], (low, middle, high))


def _add_lanes(sheet: Sheet, pairs: list[Pair]) -> None:
    """Pairs in the lanes of their directions."""
    start = style.MARGIN + LABELS
    height = sum(pair.height for pair in pairs)

    def draw(page: Page, top: float) -> None:
        draw_lanes(page, top, start, LANE, height, "less", "more")
        top += HEADS
        for pair in pairs:
            middles = pair.write(page, top)
            places = [start + (LANES[e.mark.direction] + 0.5) * LANE for e in pair.effects]
            pair.join(page.axes, places, middles)
            for effect, x, y in zip(pair.effects, places, middles, strict=True):
                draw_mark(page.axes, x, y, effect.mark, width=effect.width)
            top += pair.height
            page.axes.plot([style.MARGIN, page.right], [top, top], color=style.PALE, linewidth=0.8)

    sheet.add(HEADS + height + 0.06, draw)


def _add_numeric(sheet: Sheet, pairs: list[Pair], wording: Wording) -> None:
    """Pairs on the axis of effects, each effect with the 95% interval that the study reported."""
    start, width = style.MARGIN + LABELS, 3 * LANE - 0.1
    height = sum(pair.height for pair in pairs)
    lines = style.wrapped(wording.measure.axis, width)
    values = np.array([effect.own for pair in pairs for effect in pair.effects]).ravel()

    def draw(page: Page, top: float) -> None:
        axes = page.panel(start, top, width, height)
        axes.set_ylim(height, 0)
        axis.lay_out(axes, values, wording.measure)
        bottom = top
        for pair in pairs:
            middles = [y - top for y in pair.write(page, bottom)]
            left, right = axes.get_xlim()
            places = [min(max(effect.own[1], left), right) for effect in pair.effects]
            pair.join(axes, places, middles)
            for effect, y in zip(pair.effects, middles, strict=True):
                axis.draw_interval(axes, effect.own, y, effect.mark.colours[0], 1.4, marker="s")
            bottom += pair.height
        axis.name_quantity(axes, "\n".join(lines))

    sheet.add(height + axis.BELOW + (len(lines) - 1) * style.line_height(), draw)


def _add_answer(
    sheet: Sheet, contrast: ContrastWords, row: pd.Series | None, wording: Wording
) -> None:
    """How probable each side is, in words; a size only where it is learnt."""
    if row is None:
        sheet.note(UNFITTED)
        return
    measure: Measure = wording.measure
    above, below = percent(float(row["p_above"])), percent(float(row["p_below"]))
    sheet.words(f"By the {count_studies(row['studies'])} with both:", before=0.12)
    sheet.words(f"{above} likely: {contrast.above}.")
    sheet.words(f"{below} likely: {contrast.below}.")
    if row["size_learnt"]:
        size, interval = row["comparison"], (row["comparison_low"], row["comparison_high"])
        name = f"{measure.comparison_of_two[0].upper()}{measure.comparison_of_two[1:]}"
        sheet.words(f"{name}: {measure.number(size)} ({measure.interval(*interval)}).")
    else:
        sheet.words(UNLEARNT)
    sheet.words(SETTLED if row["settled"] else OPEN, weight="bold")
