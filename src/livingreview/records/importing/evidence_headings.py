"""Which columns of results headings name: the evidence of a mapping."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from livingreview.base.errors import Problem, one_of
from livingreview.base.patterns import near_identifier
from livingreview.records.evidence.measures import REPORTED
from livingreview.records.importing.columns import ROLES
from livingreview.records.importing.heading_words import (
    ABBREVIATIONS,
    ESTIMATE,
    KEPT_AS_LOGARITHMS,
    MEASURES,
    arm_columns,
    plain,
)
from livingreview.records.importing.spreadsheet import Spreadsheet

# What each kind of evidence by arm needs of both arms, one field of each group, and may have.
NEEDED: dict[str, tuple[tuple[str, ...], ...]] = {
    "counts": (("events",), ("total", "non_events")),
    "rates": (("events",), ("person_time",)),
    "means": (("mean",), ("sd", "standard_error"), ("total",)),
    "medians": (
        ("median",),
        ("lower_quartile", "least"),
        ("upper_quartile", "greatest"),
        ("total",),
    ),
}
YES_OR_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
MEASURE_WANTED = f"`--measure` with one of {', '.join(REPORTED)}"


@dataclass
class Results:
    """Evidence that headings name.

    Attributes
    ----------
    pieces : list of dict
        As a mapping has them.
    problems : list of Problem
    left : dict of str to str
        Columns of results that are not imported, and why.
    """

    pieces: list[dict[str, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)


def results_of(sheet: Spreadsheet, headings: Iterable[str], measure: str | None) -> Results:
    """Evidence that these headings of a sheet name; `measure` is that of its estimates."""
    headings = list(headings)
    results = Results()
    _add_arms(results, sheet, headings)
    _add_estimate(results, sheet, headings, measure)
    if not results.pieces and not results.problems:
        found = "no headings of results that belong together"
        near = ", ".join(h for h in headings if arm_columns(h) or _fields(h))
        found += f", only {near}" if near else ""
        allowed = (
            "those of docs/importing.md, such as `ai bi ci di`, `m1i sd1i n1i m2i sd2i n2i`,"
            " `yi vi`, `event.e n.e event.c n.c`; or `evidence` in a mapping"
        )
        results.problems.append(Problem(sheet.file, sheet.top, "", found, allowed))
    return results


def _add_arms(results: Results, sheet: Spreadsheet, headings: list[str]) -> None:
    """Evidence by arm, of each kind whose columns are all there."""
    named: dict[tuple[str, str], dict[str, str]] = {}
    for heading in headings:
        for column in arm_columns(heading):
            named.setdefault((column.role, column.mark), {}).setdefault(column.field, heading)
    named_fields = [f for fields in named.values() for f in fields]
    arms = {role: {m: f for (r, m), f in named.items() if r == role} for role in ROLES}
    for kind, needed in NEEDED.items():
        pairs = []
        for mark, treated in arms["treated"].items():
            for other, control in arms["control"].items():
                alike = all(any(f in treated and f in control for f in group) for group in needed)
                if alike and other != mark:
                    pairs.append((_chosen(treated, control, kind), _chosen(control, treated, kind)))
        distinct = {str(pair): pair for pair in pairs}
        if len(distinct) > 1:
            sets = "; ".join(
                ", ".join([*treated.values(), *control.values()])
                for treated, control in distinct.values()
            )
            allowed = "one, the others under `ignore` in a mapping; or `evidence` there"
            found = f"several sets of columns for {kind}: {sets}"
            results.problems.append(Problem(sheet.file, sheet.top, "", found, allowed))
        elif distinct:
            [pair] = distinct.values()
            piece: dict[str, Any] = {"kind": kind}
            for role, columns in zip(ROLES, pair, strict=True):
                # A table of two by two has its own totals; those beside it are of the means.
                if "non_events" in columns and {"mean"} & set(named_fields):
                    columns.pop("total", None)
                piece[role] = {f: {"column": heading} for f, heading in columns.items()}
            results.pieces.append(piece)


def _chosen(own: dict[str, str], other: dict[str, str], kind: str) -> dict[str, str]:
    """Columns of one arm that evidence of this kind uses: those that both arms have."""
    used = {f: own[f] for group in NEEDED[kind] for f in group if f in own and f in other}
    if kind == "medians":  # both ends of a pair, or neither
        for low, high in (("lower_quartile", "upper_quartile"), ("least", "greatest")):
            if (low in used) != (high in used):
                used.pop(low, None), used.pop(high, None)
    return used


def _add_estimate(
    results: Results, sheet: Spreadsheet, headings: list[str], measure: str | None
) -> None:
    """An effect that is reported as such, with what tells how uncertain it is."""
    in_arms = {
        reading["column"]
        for piece in results.pieces
        for role in ROLES
        for reading in piece[role].values()
    }
    columns: dict[str, str] = {}
    values: dict[str, str] = {}
    for heading in headings:
        if heading in in_arms:
            continue
        for name in _fields(heading):
            if name in MEASURES or name == "value":
                values[heading] = name
            else:
                columns.setdefault(name, heading)
    has_uncertainty = {"low", "high"} <= set(columns) or {
        "standard_error",
        "variance",
        "p_value",
    } & set(columns)
    if not values or not has_uncertainty:
        return
    if len(values) > 1:
        preferred = [h for h, name in values.items() if plain(h) in KEPT_AS_LOGARITHMS]
        if len(preferred) != 1:
            found = f"several columns of effects: {', '.join(values)}"
            allowed = "one, the others under `ignore` in a mapping; or `evidence` there"
            results.problems.append(Problem(sheet.file, sheet.top, "", found, allowed))
            return
        values = {preferred[0]: values[preferred[0]]}
    [(value, named)] = values.items()
    reading = _measure(sheet, columns.pop("measure", None), value, named, measure)
    if reading is None:
        if results.pieces:
            used = [value, *columns.values()]
            why = "nothing says what they measure, as `--measure` can; results by arm are there"
            results.left |= dict.fromkeys(used, why)
            return
        found = f"effects without a measure, in {value}"
        results.problems.append(Problem(sheet.file, sheet.top, value, found, MEASURE_WANTED))
        return
    piece: dict[str, Any] = {"kind": "estimate", "measure": reading, "value": {"column": value}}
    total = columns.pop("total", None)
    for name, heading in columns.items():
        piece[name] = {"column": heading}
    if "adjusted" in piece:
        cells = _cells(sheet, piece["adjusted"]["column"])
        piece["adjusted"]["words"] = {
            cell: YES_OR_NO[plain(cell)] for cell in cells if plain(cell) in YES_OR_NO
        }
    if ("low" in piece) != ("high" in piece):
        piece.pop("low", None), piece.pop("high", None)
    if "low" not in piece:
        piece.pop("interval_percent", None)
    if total is not None:
        piece["sizes"] = {"total": {"column": total}}
    results.pieces.append(piece)


def _fields(heading: str) -> list[str]:
    """What a heading can say of an effect that is reported as such; a measure, if it names one."""
    word = plain(heading)
    own = [
        name
        for table in (ESTIMATE, MEASURES)
        for name, words in table.items()
        if word in map(plain, words)
    ]
    of_values = [plain(one) for words in MEASURES.values() for one in words]
    return own or ["standard_error" for one in of_values if word in (f"se{one}", f"{one}se")]


def _measure(
    sheet: Spreadsheet, column: str | None, value: str, named: str, measure: str | None
) -> dict[str, Any] | None:
    """Reading of the measure: of a column, else of the option, else of the value's heading."""
    if column is not None:
        words = {cell: _measure_of(cell, value) for cell in _cells(sheet, column)}
        known = {cell: name for cell, name in words.items() if name is not None}
        if known:
            reading: dict[str, Any] = {"column": column, "words": known}
            return reading | ({"value": measure} if measure else {})
    if measure is not None:
        return {"value": measure}
    return {"value": named} if named in MEASURES else None


def _measure_of(cell: str, value: str) -> str | None:
    """Measure that a cell names; none where the value's column holds its logarithm by custom."""
    names = {plain(name): full for name, full in ABBREVIATIONS.items()}
    name = names.get(plain(cell)) or near_identifier(cell)
    if name not in REPORTED:
        return None
    of_ratio = name.endswith("_ratio") and not name.startswith("log_")
    return None if of_ratio and plain(value) in KEPT_AS_LOGARITHMS else name


def _cells(sheet: Spreadsheet, column: str) -> list[str]:
    """Cells of a column that are not blank, each once."""
    return list(dict.fromkeys(row.cells[column] for row in sheet.rows if row.cells[column]))


def measure_problem(sheet: Spreadsheet, measure: str | None) -> list[Problem]:
    """The problem of an option that names no measure, if it does not."""
    if measure is None or measure in REPORTED:
        return []
    return [Problem(sheet.file, 0, "--measure", repr(measure), one_of(measure, REPORTED))]
