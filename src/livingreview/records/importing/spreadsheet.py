"""A spreadsheet export as rows of cells that remember their line."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from dataclasses import dataclass

from livingreview.base.errors import Problem, ReviewError, value_text

# First bytes of an archive, as a workbook is one.
ZIP = b"PK\x03\x04"

# Limits of a spreadsheet, far beyond what a review holds.
LARGEST = 20_000_000
MOST_COLUMNS = 1_000
MOST_ROWS = 100_000
CHARACTER = {",": ",", ";": ";", "tab": "\t"}


@dataclass(frozen=True)
class Row:
    """One row: the line it starts on, and its cells by heading, without spaces around them."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Spreadsheet:
    """Headings and rows that can be used, and what is wrong with the others.

    Attributes
    ----------
    headings : tuple of str
        Those that stand there once.
    repeated : tuple of str
        Those that stand there more often, so that their cells cannot be told apart.
    rows : tuple of Row
        Neither blank nor repeated.
    """

    file: str
    headings: tuple[str, ...]
    repeated: tuple[str, ...]
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


def read_spreadsheet(file: str, content: bytes, delimiter: str) -> Spreadsheet:
    """Read the content of a CSV file in UTF-8, with or without a byte order mark.

    Raises
    ------
    ReviewError
        If it cannot be taken apart into rows at all.
    """
    [(_, header), *lines] = _lines(file, _decoded(file, content), CHARACTER[delimiter])
    headings = [_one_line(cell) for cell in header]
    if len(headings) == 1:
        raise ReviewError([_one_column(file, header[0], delimiter)])
    for what, count, most in (
        ("columns", len(headings), MOST_COLUMNS),
        ("rows", len(lines), MOST_ROWS),
    ):
        if count > most:
            raise ReviewError([Problem(file, 0, "", f"{count:,} {what}", f"at most {most:,}")])
    times = Counter(filter(None, headings))
    once, repeated = ([h for h, n in times.items() if (n > 1) is more] for more in (False, True))
    problems = [Problem(file, 1, h, "a repeated heading", "each heading once") for h in repeated]
    for i, heading in enumerate(headings, 1):
        if not heading:
            problems.append(Problem(file, 1, f"column {i}", "no heading", "a heading"))
    rows = _rows(file, headings, lines, problems)
    return Spreadsheet(file, tuple(once), tuple(repeated), tuple(rows), tuple(problems))


def _rows(
    file: str, headings: list[str], lines: list[tuple[int, list[str]]], problems: list[Problem]
) -> list[Row]:
    """Rows that can be used; adds to the problems what is wrong with the others."""
    first_line: dict[tuple[str, ...], int] = {}
    for line, raw in lines:
        cells = tuple(_one_line(cell) for cell in raw)
        if not any(cells):
            continue
        if len(cells) != len(headings):
            allowed = f"{len(headings)} cells, one for each heading"
            problems.append(Problem(file, line, "", f"{len(cells)} cells", allowed))
        elif cells in first_line:
            found = f"the same row as line {first_line[cells]}"
            problems.append(Problem(file, line, "", found, "each effect once"))
        else:
            first_line[cells] = line
    if not first_line and not problems:
        problems.append(Problem(file, 0, "", "no row below the headings", "a row for each effect"))
    return [
        Row(line, dict(zip(headings, cells, strict=True))) for cells, line in first_line.items()
    ]


def _decoded(file: str, content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ReviewError([Problem(file, 0, "", "text in UTF-16", "text in UTF-8")])
    if content.startswith(ZIP):
        found = "a workbook or another archive"
        raise ReviewError([Problem(file, 0, "", found, "text in UTF-8: save the sheet as CSV")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        found = f"byte 0x{content[error.start]:02x}, which is not UTF-8"
        raise ReviewError([Problem(file, line, "", found, "text in UTF-8")]) from None


def _lines(file: str, text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Rows of cells with the line that each starts on; at least one."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for row in reader:
            rows.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        found = f"quotes or cells that cannot be taken apart ({error})"
        raise ReviewError([Problem(file, line, "", found, "a CSV file")]) from None
    if not rows:
        raise ReviewError([Problem(file, 0, "", "an empty file", "a row of headings, then rows")])
    return rows


def _one_column(file: str, heading: str, delimiter: str) -> Problem:
    near = [name for name, mark in CHARACTER.items() if name != delimiter and mark in heading]
    meant = f"did you mean `delimiter: {near[0]!r}` in the mapping? " if near else ""
    allowed = f"{meant}several columns with `{delimiter}` between them"
    return Problem(file, 1, "", f"one column, {value_text(heading)}", allowed)


def _one_line(cell: str) -> str:
    """Text of a cell on one line, without spaces around it."""
    return " ".join(cell.split())
