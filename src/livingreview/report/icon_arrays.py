"""Counts per 1,000 people as arrays of marks: paths for plain SVG, and what they say in words."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from livingreview.protocol.outcomes import Outcome
from livingreview.protocol.review import Protocol
from livingreview.report.claims import Claims, Sentence, sentence
from livingreview.synthesis.per_1000 import CITED

PER_1000 = "5_synthesis/per_1000.csv"
COUNTS = {
    "control": "control_per_1000",
    "treated": "treated_per_1000",
    "low": "treated_per_1000_low",
    "high": "treated_per_1000_high",
}
# Marks of an array, each for ten people; ten units wide and high.
MARKS, ACROSS, PEOPLE, UNIT = 100, 20, 10, 10
CIRCLE = "a4 4 0 1 0 8 0a4 4 0 1 0-8 0z"
LOWER_HALF = "a4 4 0 0 0 8 0z"
DOT = "m2.5 0a1.5 1.5 0 1 0 3 0a1.5 1.5 0 1 0-3 0z"


@dataclass(frozen=True)
class Array:
    """One array of marks.

    Attributes
    ----------
    id : str
    label : str
        What stands above it; its name as well.
    said : Sentence
        What it shows; for who cannot see it.
    outlines, full, half, dots : str
        Paths: every mark; and those that hold at the low end of the interval, up to the
        estimate, and up to the high end.
    """

    id: str
    label: str
    said: Sentence
    outlines: str
    full: str
    half: str
    dots: str


@dataclass(frozen=True)
class Arrays:
    """Both arms at one share without treatment, and what they say in words."""

    said: list[Sentence]
    arms: list[Array]


def icon_arrays(claims: Claims, table: pd.DataFrame, protocol: Protocol) -> dict[str, list[Arrays]]:
    """Arrays of each outcome: at the cited share, or at those assumed where none is cited.

    Parameters
    ----------
    claims : Claims
    table : DataFrame
        Columns of `livingreview.tables.synthesis.Per1000`.
    protocol : Protocol
    """
    found = {}
    for name, outcome in protocol.outcomes.items():
        rows = table[table["outcome"] == name]
        cited = rows[rows["baseline"] == CITED]
        chosen = rows if cited.empty else cited
        found[name] = [_arrays(claims, row, outcome, protocol) for _, row in chosen.iterrows()]
    return found


def _arrays(claims: Claims, row: pd.Series, outcome: Outcome, protocol: Protocol) -> Arrays:
    where = {"outcome": str(row["outcome"]), "baseline": str(row["baseline"])}
    id = f"{where['outcome']}-{where['baseline']}"
    people = outcome.people
    # No digits that an assumption does not have.
    styles = {"control": "ratio"} if row["assumed"] else {}
    counts = {
        name: claims.cell(PER_1000, column, styles.get(name, "whole"), **where)
        for name, column in COUNTS.items()
    }
    cited = outcome.baseline.cited
    lead = f"{{control}} in 1,000 {people} have this outcome"
    if row["assumed"]:
        lead = f"Assumed, as no source gives it: {lead}"
    elif cited is not None:
        lead += f" within {cited.months:g} months"
    said = [
        sentence(
            f"{id}-control",
            "an assumed share" if row["assumed"] else "a cited share",
            f"{lead} with {protocol.control}.",
            control=counts["control"],
        ),
        sentence(
            f"{id}-treated",
            "always",
            f"With {protocol.treated} the estimate is {{treated}}. It may be as few as {{low}}"
            " or as many as {high} (95% interval).",
            **{name: counts[name] for name in ("treated", "low", "high")},
        ),
    ]
    control, treated, low, high = (marks(float(row[column])) for column in COUNTS.values())
    usual = Array(
        f"icons-{id}-control",
        f"With {protocol.control}",
        said[0],
        *_paths(control, control, control),
    )
    second = Array(
        f"icons-{id}-treated",
        f"With {protocol.treated}",
        said[1],
        *_paths(low, treated, high),
    )
    return Arrays(said, [usual, second])


def marks(per_1000: float) -> int:
    """How many marks stand for a count per 1,000 people."""
    return round(per_1000 / PEOPLE)


def _paths(low: int, middle: int, high: int) -> tuple[str, str, str, str]:
    """Paths of all marks, and of the full, half full and dotted ones."""
    return (
        _path(0, MARKS, CIRCLE),
        _path(0, low, CIRCLE),
        _path(low, middle, LOWER_HALF),
        _path(middle, high, DOT),
    )


def _path(first: int, end: int, shape: str) -> str:
    """A shape at the places from `first` up to, and without, `end`."""
    places = (divmod(mark, ACROSS) for mark in range(first, end))
    return "".join(f"M{UNIT * x + 1} {UNIT * y + 5}{shape}" for y, x in places)
