"""Words by which headings of the field's software and habits name what a column holds.

`docs/importing.md` lists them from here. Of a heading only letters and digits count, without
accents, and not their case: `mean.e`, `Mean E` and `mean_e` are one word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from unicodedata import combining, normalize


@cache
def plain(heading: str) -> str:
    """A heading as it is compared with words."""
    letters = "".join(c for c in normalize("NFKD", heading.casefold()) if not combining(c))
    return re.sub(r"[\W_]", "", letters)


# What a column of a study or an effect is, and the headings that say so, the first preferred.
STUDY: dict[str, tuple[str, ...]] = {
    "label": ("slab", "studlab", "study label", "label", "study name", "trial name", "name"),
    "author": ("author", "authors", "first author", "author year"),
    "study": ("study", "trial", "paper", "article", "publication"),
    "number": ("study id", "trial id", "paper id", "study number", "study no"),
    "id": ("id",),
    "year": ("year", "yr", "pub year", "publication year", "year published"),
    "citation": ("citation", "reference", "full reference"),
    "identifier": ("doi", "pmid", "identifier"),
    "url": ("url", "link"),
    "locator": ("locator", "page", "table"),
}
EFFECT: dict[str, tuple[str, ...]] = {
    "id": ("es id", "effect id", "comparison", "contrast", "subgroup", "time point"),
    "outcome": ("outcome",),
    "follow_up_months": ("months", "follow up months", "months of follow up"),
    "treated": ("arm", "dose", "treated arm", "experimental arm"),
    "control": ("control arm", "comparator"),
}
# What a column of one arm is; the arm's mark stands before or behind the word.
ARM: dict[str, tuple[str, ...]] = {
    "events": ("event", "events", "ev", "cases", "deaths", "pos", "yes"),
    "non_events": ("nonevent", "nonevents", "non events", "neg", "no events"),
    "total": ("n", "total", "sample size", "ss"),
    "person_time": ("time", "person time", "person years", "py"),
    "mean": ("mean", "avg"),
    "sd": ("sd", "std dev"),
    "standard_error": ("se", "sem"),
    "median": ("median",),
    "lower_quartile": ("q1", "lower quartile"),
    "upper_quartile": ("q3", "upper quartile"),
    "least": ("min", "minimum"),
    "greatest": ("max", "maximum"),
}
# Single letters, only before the marks of `SHORT` (`x1i`, `e0`) or parted from others (`d.plac`).
ARM_LETTERS: dict[str, tuple[str, ...]] = {
    "events": ("x", "e", "d", "r"),
    "person_time": ("t",),
    "mean": ("m",),
}
SHORT = ("1i", "2i", "ti", "ci", "1", "2", "0")
# Marks of the two arms.
MARKS: dict[str, tuple[str, ...]] = {
    "treated": (
        *("1i", "ti", "1", "e", "t", "exp", "experimental", "treat", "treated", "treatment", "trt"),
        *("int", "intervention"),
    ),
    "control": (
        *("2i", "ci", "2", "0", "c", "ctl", "ctrl", "con", "cont", "control"),
        *("plac", "placebo", "pbo"),
    ),
}
# What stands where an arm's mark would, and is of no arm.
OF_ALL_PEOPLE = (
    "total",
    "all",
    "both",
    "overall",
    "sum",
    "pooled",
    "pop",
    "i",
    "age",
    "difference",
)
# Cells of a table of two by two, which metafor names by letters.
TWO_BY_TWO: dict[str, tuple[str, str]] = {
    "ai": ("treated", "events"),
    "bi": ("treated", "non_events"),
    "ci": ("control", "events"),
    "di": ("control", "non_events"),
}
# Columns of an effect that is reported as such.
ESTIMATE: dict[str, tuple[str, ...]] = {
    "value": (
        "yi",
        "te",
        "es",
        "effect size",
        "estimate",
        "est",
        "y",
        "d",
        "g",
        "rr",
        "ln rr",
        "log rr",
    ),
    "variance": ("vi", "var", "variance", "v", "v yi", "var yi", "var d", "var g", "vd", "vg"),
    "standard_error": ("sei", "se te", "se", "std err", "standard error", "se yi", "se d", "se g"),
    "low": (
        *("ci lb", "lower", "low", "lo", "lci", "ll", "lcl", "ci low", "ci lower", "lower ci"),
        *("ci start", "lb", "ci l"),
    ),
    "high": (
        *("ci ub", "upper", "high", "hi", "uci", "ul", "ucl", "ci high", "ci upper", "upper ci"),
        *("ci end", "ub", "ci u"),
    ),
    "interval_percent": ("pct", "ci level", "level ci", "interval percent"),
    "p_value": ("p", "pval", "p value"),
    "adjusted": ("adj", "adjusted"),
    "measure": ("measure", "what", "effect measure", "es measure"),
    "total": ("n", "ni", "n total", "total n", "sample size"),
}
# Values whose heading says of which measure they are. Others, such as `rr`, which may be a ratio of
# risks, of rates or of responses, leave it open.
MEASURES: dict[str, tuple[str, ...]] = {
    "odds_ratio": ("or", "odds ratio"),
    "risk_ratio": ("risk ratio", "relative risk"),
    "hazard_ratio": ("hr", "hazard ratio"),
    "rate_ratio": ("irr", "rate ratio", "incidence rate ratio"),
    "log_odds_ratio": ("ln or", "log or", "lor", "log odds ratio"),
    "log_risk_ratio": ("log risk ratio",),
    "log_hazard_ratio": ("ln hr", "log hr", "log hazard ratio"),
    "log_rate_ratio": ("ln irr", "log irr", "log rate ratio"),
    "smd": ("smd", "hedges g", "cohens d", "cohen d", "standardized mean difference"),
    "mean_difference": ("md", "mean difference", "mean diff"),
}
# Abbreviations in a column that names the measure of each row.
ABBREVIATIONS = {
    "OR": "odds_ratio",
    "HR": "hazard_ratio",
    "IRR": "rate_ratio",
    "SMD": "smd",
    "MD": "mean_difference",
    "logOR": "log_odds_ratio",
    "lnOR": "log_odds_ratio",
    "logHR": "log_hazard_ratio",
    "lnHR": "log_hazard_ratio",
    "logIRR": "log_rate_ratio",
    "lnIRR": "log_rate_ratio",
}
# Values that their software keeps as logarithms, whatever the measure is called beside them.
KEPT_AS_LOGARITHMS = ("yi", "te")


@dataclass(frozen=True)
class ArmColumn:
    """What a column of one arm is: the arm's mark, its role, and the field."""

    mark: str
    role: str
    field: str


def arm_columns(heading: str) -> list[ArmColumn]:
    """All that a heading can say of an arm.

    Of a heading in two parts, of which one is a word and the other no known mark, it may be the
    name of what the treated arm got: `event.cisa` beside `event.plac`.
    """
    word = plain(heading)
    parts = [plain(part) for part in re.split(r"[\W_]+", heading.strip())]
    found = []
    if word in TWO_BY_TWO:
        role, field = TWO_BY_TWO[word]
        found.append(ArmColumn({"treated": "1i", "control": "2i"}[role], role, field))
    for role, marks in MARKS.items():
        for mark in marks:
            for field, stems in ARM.items():
                for stem in map(plain, stems):
                    spelt = {f"{stem}{mark}"}
                    # A mark of one letter or digit before a word could be part of it.
                    if len(mark) > 1 or stem in ("pos", "neg", "events", "deaths", "cases"):
                        spelt.add(f"{mark}{stem}")
                    if word in spelt:
                        found.append(ArmColumn(mark, role, field))
            for field, letters in ARM_LETTERS.items():
                joined = [f"{letter}{mark}" for letter in letters] if mark in SHORT else []
                if word in joined or parts in [[letter, mark] for letter in letters]:
                    found.append(ArmColumn(mark, role, field))
    match parts if not found else []:
        case [stem, mark] if mark and not mark.isdigit() and mark not in OF_ALL_PEOPLE:
            found += [
                ArmColumn(mark, "treated", field)
                for table in (ARM, ARM_LETTERS)
                for field, stems in table.items()
                if stem in map(plain, stems)
            ]
    return found
