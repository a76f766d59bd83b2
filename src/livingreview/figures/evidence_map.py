"""A map of the evidence: which study says what about which outcome, by year of publication.

Results on harm, and what is on record but not weighed, have rows of their own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from itertools import batched

import pandas as pd
from matplotlib.figure import Figure

from livingreview.figures import style
from livingreview.figures.large_reviews import ALL, is_large, largest_studies, left_out
from livingreview.figures.map_rows import (
    MOST_BESIDE,
    MOST_IN_CELL,
    NARROWEST,
    Columns,
    OtherRow,
    draw_rows,
    study_rows,
)
from livingreview.figures.map_tables import MapTables, mapped_effects, mapped_studies
from livingreview.figures.marks import add_legend
from livingreview.figures.sheet import Page, Sheet
from livingreview.figures.wording import OutcomeWords, effect_name, study_name
from livingreview.tables.statuses import ANALYSED, NOT_USABLE, SET_ASIDE

STATUS_WORDS = {
    "awaiting_data": "awaiting data",
    "to_screen": "not yet screened",
    "excluded": "excluded",
    SET_ASIDE: "set aside",
    NOT_USABLE: "could not be used",
}
# More rows are cut to the latest, and the map says so: of harm on each outcome, and of the rest.
MOST_HARMS, MOST_OTHERS = 10, 20
NO_HARM = (
    "No result on record is called significant in the direction opposite to the hoped one. That"
    " does not show that there is no harm."
)


@style.applied
def draw_evidence_map(
    tables: MapTables, outcomes: dict[str, OutcomeWords], headings: dict[str, str], treated: str
) -> Figure:
    """Map of studies (rows, by year) by outcomes (columns).

    Parameters
    ----------
    tables : MapTables
    outcomes : dict of OutcomeWords
    headings : dict of str
        Of each outcome in a few words, the most important one first.
    treated : str
        What the treated arm got, inside a sentence.
    """
    studies, effects = mapped_studies(tables), mapped_effects(tables, outcomes)
    weighed = effects[effects["status"] == ANALYSED]
    sheet = Sheet("A map of the evidence", bottom=0.0, width=style.NARROW)
    if usual := tables.usual_country:
        sheet.note(f"{usual[0].upper()}{usual[1:]}, unless another country is named.")
    columns = Columns.of(len(headings))
    blocks = list(batched(headings, MOST_BESIDE, strict=False))
    shown = largest_studies(weighed, max(style.MOST_STUDIES // len(blocks), 1))
    sheet.note(*left_out(weighed, shown))
    large = is_large(len(weighed))
    for block in blocks:
        rows = study_rows(weighed[weighed["study_id"].isin(shown)], list(block), columns, large)
        _add_heads(sheet, {name: headings[name] for name in block}, outcomes, columns)
        sheet.add(sum(row.height for row in rows), partial(draw_rows, rows))
    _add_harm(sheet, effects[effects["harm"]], outcomes, headings)
    rest = effects[(effects["status"] != ANALYSED) & ~effects["harm"]]
    without = studies[~studies["study_id"].isin(effects["study_id"])]
    _add_rest(sheet, rest, without, headings)
    if len(effects):
        add_legend(sheet, list(effects["mark"]), treated)
    sheet.note(*_notes(weighed[weighed["study_id"].isin(shown)], columns, large))
    sheet.add(0.08)
    return sheet.figure()


def _add_heads(
    sheet: Sheet, headings: dict[str, str], outcomes: dict[str, OutcomeWords], columns: Columns
) -> None:
    """Names of the outcomes, and which side of each is hoped for."""
    width = columns.width - 0.15
    heads = [
        (
            style.wrapped(heading, width, bold=True),
            style.wrapped(_hoped(outcomes[name]), width),
        )
        for name, heading in headings.items()
    ]
    lines = max(len(bold) + len(grey) for bold, grey in heads)

    def draw(page: Page, top: float) -> None:
        page.write(top + (lines - 1) * style.line_height(), ["Year   Study"], color=style.GREY)
        for i, (bold, grey) in enumerate(heads):
            x = columns.left(i)
            page.write(page.write(top, bold, x=x, weight="bold"), grey, x=x, color=style.GREY)

    sheet.add(0.12)
    sheet.add(lines * style.line_height() + 0.06, draw)


def _hoped(words: OutcomeWords) -> str:
    hoped = words.sides["less" if words.better == "lower" else "more"]
    return f"{hoped} is hoped for" if words.one_meaning else "more may be good or bad"


def _add_harm(
    sheet: Sheet,
    effects: pd.DataFrame,
    outcomes: dict[str, OutcomeWords],
    headings: dict[str, str],
) -> None:
    """Results that may be harm, by outcome."""
    sheet.heading("Possible harm")
    if effects.empty:
        sheet.note(NO_HARM)
        return
    sheet.note("Called significant, and opposite to what is hoped.")
    for name, heading in headings.items():
        own = effects[effects["outcome"] == name]
        if own.empty:
            continue
        unsure = "" if outcomes[name].one_meaning else " (more may be good or bad)"
        sheet.words(f"{heading}{unsure}", before=0.08, weight="bold")
        rows = [_effect_row(effect) for _, effect in own.iterrows()]
        _add_rows(sheet, rows, MOST_HARMS, "results")


def _add_rest(
    sheet: Sheet,
    effects: pd.DataFrame,
    without: pd.DataFrame,
    headings: dict[str, str],
) -> None:
    """Other results that are not weighed, and studies without a result."""
    sheet.heading("On record, but not weighed")
    rows = [
        (effect["year"], _effect_row(effect, f"{headings[effect['outcome']]}: "))
        for _, effect in effects.iterrows()
    ]
    for _, study in without.iterrows():
        why = STATUS_WORDS.get(study["standing"], "no result that could be used")
        label = f"{study_name(study)}{study['place']}: {why}"
        rows.append((study["year"], OtherRow.of(study["study_id"], None, label)))
    if not rows:
        sheet.note("Nothing: every result on record is weighed.")
        return
    sheet.add(0.04)
    rows.sort(key=lambda row: math.inf if pd.isna(row[0]) else row[0])
    _add_rows(sheet, [row for _, row in rows], MOST_OTHERS, "results and studies")


def _effect_row(effect: pd.Series, outcome: str = "") -> OtherRow:
    """An effect in words, with its mark; with the outcome, where no heading names it."""
    # Its measure stands below; what else tells it apart, beside its study.
    named = effect_name if effect["effect_label"] != effect["measure"] else study_name
    label = f"{named(effect)}{effect['place']}"
    months = f"{effect['months']} months"
    # A study's effects may be named by their follow-up.
    if effect["months"] not in ("", "?") and not label.endswith(f" {months}"):
        label += f", {months}"
    mark = effect["mark"]
    if not mark.analysed:
        label += f": {STATUS_WORDS[effect['status']]}"
    reported = f"{outcome}{mark.words}. " if outcome else ""
    return OtherRow.of(effect["study_id"], mark, label, f"{reported}{effect['measure']}")


def _add_rows(sheet: Sheet, rows: Sequence[OtherRow], most: int, what: str) -> None:
    """Add the latest of these rows."""
    shown = list(rows[-most:])
    sheet.add(sum(row.height for row in shown), partial(draw_rows, shown))
    _say_left_out(sheet, len(rows) - len(shown), what)


def _say_left_out(sheet: Sheet, count: int, what: str) -> None:
    if count:
        sheet.note(f"Not drawn: {count} earlier {what}. {ALL}")


def _notes(weighed: pd.DataFrame, columns: Columns, large: bool) -> list[str]:
    """What widths and numbers mean, of those that are drawn."""
    if weighed.empty:
        return []
    notes = [
        f"Width: the root of the number of people; the widest is of {weighed['people'].max():,.0f}."
        " Below the years, width means nothing."
    ]
    if (weighed["months"] != "").any():
        notes.append("Number beside a mark: months of follow-up; ? where not known.")
    else:
        notes.append("For no result is the length of follow-up on record.")
    if large or (weighed.groupby(["study_id", "outcome"]).size() > MOST_IN_CELL).any():
        notes.append("×: so many results of the study that look alike; as wide as the largest.")
    if (weighed["share"] * columns.widest).min() < NARROWEST:
        notes[0] += " The narrowest marks are drawn wider than that."
    if not weighed["people_known"].all():
        notes.append("* The number of people is assumed, as no source gives it.")
    return notes
