"""Counts per 1,000 people as arrays of marks: paths for plain SVG, and the same in words."""

from __future__ import annotations

from dataclasses import dataclass

from livingreview.protocol.review import Protocol
from livingreview.report.claims import ClaimRow, Claims, Sentence, Sentences
from livingreview.report.sentences.effects import is_fitted, on_record_words, overall_row
from livingreview.synthesis.per_1000 import CITED, ON_RECORD
from livingreview.synthesis.verdicts import FEW_STUDIES
from livingreview.tables.synthesis import Per1000

COUNTS = ("control_per_1000", "treated_per_1000", "treated_per_1000_low", "treated_per_1000_high")
# Marks of an array, each for ten people; ten units wide and high.
MARKS, ACROSS, PEOPLE, UNIT = 100, 20, 10, 10
CIRCLE = "a4 4 0 1 0 8 0a4 4 0 1 0-8 0z"
LOWER_HALF = "a4 4 0 0 0 8 0z"
DOT = "m2.5 0a1.5 1.5 0 1 0 3 0a1.5 1.5 0 1 0-3 0z"


@dataclass(frozen=True)
class IconArray:
    """One array of marks.

    Attributes
    ----------
    label
        What stands above it; its name as well.
    description
        What it shows; for who cannot see it.
    outlines, full, half, dots
        Paths: every mark; and those that hold at the low end of the interval, up to the
        estimate, and up to the high end.
    """

    id: str
    label: str
    description: Sentence
    outlines: str
    full: str
    half: str
    dots: str


@dataclass(frozen=True)
class IconArrays:
    """Both arms at one share without treatment, and the same in words."""

    sentences: Sentences
    arms: list[IconArray]


def icon_arrays(claims: Claims, protocol: Protocol) -> dict[str, list[IconArrays]]:
    """Arrays of each outcome: at the share cited, else on record, else at those assumed.

    None where studies are too few for a verdict: a count of people reads as a result.
    """
    arrays = {}
    for name in protocol.outcomes:
        rows = claims.rows(Per1000.file, ("outcome", "baseline"), outcome=name)
        if is_fitted(claims, name) and overall_row(claims, name)["verdict"] == FEW_STUDIES:
            rows = []
        usual = [row for row in rows if row["baseline"] in (CITED, ON_RECORD)]
        arrays[name] = [_arrays(claims, row, protocol) for row in usual or rows]
    return arrays


def _arrays(claims: Claims, row: ClaimRow, protocol: Protocol) -> IconArrays:
    outcome = protocol.outcomes[row["outcome"]]
    cited = outcome.control.cited
    # No digits that an assumption does not have.
    share = row.claim("control_per_1000", "ratio" if row["assumed"] else None)
    lead = f"{share} in 1,000 {outcome.people} have this outcome"
    whose = ""
    if row["assumed"]:
        lead = f"Assumed, as no source gives it: {lead}"
    elif row["baseline"] == ON_RECORD:
        lead = f"Say that {lead}"
        whose = f" {on_record_words(row)}"
    elif cited is not None:
        lead += f" within {cited.months:g} months"
        whose = f" Whose share this is: {cited.note}"
    sentences = claims.sentences(
        control=f"{lead} with {protocol.control}.{whose}",
        treated=f"With {protocol.treated} the estimate is {row.treated_per_1000}. It may be as few"
        f" as {row.treated_per_1000_low} or as many as {row.treated_per_1000_high} (95%"
        " interval).",
    )
    control, treated, low, high = (marks(float(row[column])) for column in COUNTS)
    paths = {"control": _paths(control, control, control), "treated": _paths(low, treated, high)}
    arms = [
        IconArray(
            f"icons-{row['outcome']}-{row['baseline']}-{arm}",
            f"With {getattr(protocol, arm)}",
            sentences[arm],
            *of_arm,
        )
        for arm, of_arm in paths.items()
    ]
    return IconArrays(sentences, arms)


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
