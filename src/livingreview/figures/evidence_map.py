"""A map of the evidence: which study says what about which outcome, by year of publication.

Results on harm, and what is on record but not weighed, have rows of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import batched

import pandas as pd
from matplotlib.figure import Figure

from livingreview.figures import style
from livingreview.figures.map_rows import (
    MOST_BESIDE,
    NARROWEST,
    Columns,
    OtherRow,
    draw_rows,
    study_rows,
)
from livingreview.figures.marks import Mark, add_legend
from livingreview.figures.sheet import Page, Sheet
from livingreview.figures.widths import root_widths
from livingreview.figures.wording import OutcomeWords, dated
from livingreview.tables.statuses import ANALYSED, NOT_USABLE, SET_ASIDE

STATUS_WORDS = {
    "awaiting_data": "awaiting data",
    "to_screen": "not yet screened",
    "excluded": "excluded",
    SET_ASIDE: "set aside",
    NOT_USABLE: "could not be used",
}
EXTRACTED = "extracted"
COUNTRY, UNPLACED = "moderator_country", "country not on record"
# Direction that is the opposite of the hoped one.
UNHOPED = {"lower": "increase", "higher": "decrease"}
NO_HARM = (
    "No result on record is significant and opposite to what is hoped. That does not show that"
    " there is no harm."
)


@dataclass(frozen=True)
class MapTables:
    """What the map is drawn from.

    Attributes
    ----------
    studies, effects, precision : DataFrame
        Columns of the classes `Studies`, `Effects` and `Precision`, of all outcomes.
    countries : dict of str
        Label of each country, as the protocol words it; may be empty.
    """

    studies: pd.DataFrame
    effects: pd.DataFrame
    precision: pd.DataFrame
    countries: dict[str, str]


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
    studies, effects = mapped_studies(tables), mapped_effects(tables)
    marks = {
        effect["effect_id"]: Mark.of(effect, outcomes[effect["outcome"]])
        for _, effect in effects.iterrows()
    }
    weighed = effects[effects["status"] == ANALYSED]
    usual = _usual_country(studies, weighed)
    sheet = Sheet("A map of the evidence", bottom=0.0, width=style.NARROW)
    if usual:
        sheet.note(f"{usual[0].upper()}{usual[1:]}, unless another country is named.")
    columns = Columns.of(len(headings))
    shown = weighed["study_id"].unique()[-style.MOST_STUDIES :]
    for block in batched(headings, MOST_BESIDE, strict=False):
        rows = study_rows(
            weighed[weighed["study_id"].isin(shown)], list(block), marks, usual, columns
        )
        _add_heads(sheet, {name: headings[name] for name in block}, outcomes, columns)
        sheet.add(sum(row.height for row in rows), partial(draw_rows, rows))
    _say_left_out(sheet, weighed["study_id"].nunique() - len(shown), "studies")
    harms = [is_harm(effect, outcomes[effect["outcome"]]) for _, effect in effects.iterrows()]
    harmful = effects[pd.Series(harms, index=effects.index, dtype=bool)]
    _add_harm(sheet, harmful, outcomes, headings, marks, usual)
    rest = effects[(effects["status"] != ANALYSED) & ~effects.index.isin(harmful.index)]
    without = studies[~studies["study_id"].isin(effects["study_id"])]
    _add_rest(sheet, rest, without, headings, marks, usual)
    add_legend(sheet, list(marks.values()), treated)
    sheet.note(*_notes(weighed, columns))
    sheet.add(0.08)
    return sheet.figure()


def mapped_studies(tables: MapTables) -> pd.DataFrame:
    """Studies by year, with `name` (the label without the year) and `country` in words."""
    studies = tables.studies.sort_values(["year", "label"], kind="stable")
    country = ""
    if tables.countries:
        country = studies[COUNTRY].map(tables.countries).fillna(UNPLACED)
    names = [_undated(row.label, row.year) for row in studies.itertuples()]
    columns = {"name": names, "country": country, "standing": studies["status"]}
    return studies.assign(**columns)[["study_id", "label", "year", *columns]]


def mapped_effects(tables: MapTables) -> pd.DataFrame:
    """Effects in the order of their studies, with these, and with what a mark is drawn from.

    `share` is the width of a mark as a share of the widest; `months` is empty where no effect that
    is weighed has any.
    """
    effects = mapped_studies(tables).merge(tables.effects, on="study_id")
    columns = ["effect_id", "people", "people_known"]
    effects = effects.merge(tables.precision[columns], on="effect_id", how="left")
    months = effects["follow_up_months"].map("{:g}".format).replace("nan", "?")
    if effects.loc[effects["status"] == ANALYSED, "follow_up_months"].isna().all():
        months = ""
    return effects.assign(share=root_widths(effects["people"], 1.0), months=months)


def is_harm(effect: pd.Series, words: OutcomeWords) -> bool:
    """Whether an effect is called significant in the direction that nobody hopes for."""
    unhoped = effect["direction"] == UNHOPED[words.better]
    return bool(unhoped and effect["significance"] == "significant")


def _undated(label: str, year: int) -> str:
    """Label of a study without its year, which stands beside it."""
    return " ".join(label.replace(str(year), "").split()) or label


def _usual_country(studies: pd.DataFrame, weighed: pd.DataFrame) -> str:
    """Country of most of the studies that are weighed; empty where none is to be named."""
    of_weighed = studies[studies["study_id"].isin(weighed["study_id"])]
    return str(of_weighed["country"].mode().get(0, ""))


def _add_heads(
    sheet: Sheet, headings: dict[str, str], outcomes: dict[str, OutcomeWords], columns: Columns
) -> None:
    """Names of the outcomes, and which side of each is the better one."""
    width = columns.width - 0.08
    heads = [
        (
            style.wrapped(heading, width, bold=True),
            style.wrapped(_judged(outcomes[name]), width),
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


def _judged(words: OutcomeWords) -> str:
    better = "less" if words.better == "lower" else "more"
    return f"{better} is better" if words.one_meaning else "more may be good or bad"


def _add_harm(
    sheet: Sheet,
    effects: pd.DataFrame,
    outcomes: dict[str, OutcomeWords],
    headings: dict[str, str],
    marks: dict[str, Mark],
    usual: str,
) -> None:
    """Results that may be harm, by outcome."""
    sheet.heading("Possible harm")
    if effects.empty:
        sheet.note(NO_HARM)
        return
    sheet.note("Significant, and opposite to what is hoped.")
    for name, heading in headings.items():
        own = effects[effects["outcome"] == name]
        if own.empty:
            continue
        unsure = "" if outcomes[name].one_meaning else " (more may be good or bad)"
        sheet.words(f"{heading}{unsure}", before=0.08, weight="bold")
        rows = [_effect_row(effect, "", marks, usual) for _, effect in own.iterrows()]
        _add_rows(sheet, rows, "results")


def _add_rest(
    sheet: Sheet,
    effects: pd.DataFrame,
    without: pd.DataFrame,
    headings: dict[str, str],
    marks: dict[str, Mark],
    usual: str,
) -> None:
    """Other results that are not weighed, and studies without a result."""
    sheet.heading("On record, but not weighed")
    rows = [
        (effect["year"], _effect_row(effect, f"{headings[effect['outcome']]}: ", marks, usual))
        for _, effect in effects.iterrows()
    ]
    for _, study in without.iterrows():
        why = STATUS_WORDS.get(study["standing"], "no result that could be used")
        label = _placed(dated(study["label"], study["year"]), study["country"], usual)
        rows.append((study["year"], OtherRow.of(study["study_id"], None, f"{label}: {why}")))
    if not rows:
        sheet.note("Nothing: every result on record is weighed.")
        return
    sheet.add(0.04)
    rows.sort(key=lambda dated_row: dated_row[0])
    _add_rows(sheet, [row for _, row in rows], "results and studies")


def _effect_row(effect: pd.Series, before: str, marks: dict[str, Mark], usual: str) -> OtherRow:
    """An effect in words, with its mark."""
    label = _placed(dated(effect["label"], effect["year"]), effect["country"], usual)
    if effect["months"] not in ("", "?"):
        label += f", {effect['months']} months"
    mark = marks[effect["effect_id"]]
    if not mark.analysed:
        label += f": {STATUS_WORDS[effect['status']]}"
    said = f"{before}{mark.words}. " if before else ""
    return OtherRow.of(effect["study_id"], mark, label, f"{said}{effect['measure']}")


def _placed(label: str, country: str, usual: str) -> str:
    return label if country == usual else f"{label}, {country}"


def _add_rows(sheet: Sheet, rows: Sequence[OtherRow], what: str) -> None:
    """Add the latest of these rows."""
    shown = list(rows[-style.MOST_STUDIES // 2 :])
    sheet.add(sum(row.height for row in shown), partial(draw_rows, shown))
    _say_left_out(sheet, len(rows) - len(shown), what)


def _say_left_out(sheet: Sheet, left_out: int, what: str) -> None:
    if left_out:
        sheet.note(f"Not drawn: {left_out} earlier {what}.")


def _notes(weighed: pd.DataFrame, columns: Columns) -> list[str]:
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
    if (weighed["share"] * columns.widest).min() < NARROWEST:
        notes[0] += " The narrowest marks are drawn wider than that."
    if not weighed["people_known"].all():
        notes.append("* The number of people is assumed, as no source gives it.")
    return notes
