"""A spreadsheet, as text or as a workbook, as rows of cells that remember their line."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from dataclasses import dataclass

from livingreview.base.errors import Problem, ReviewError, value_text
from livingreview.records.importing.workbook import ZIP, Lines, workbook_lines

# Limits of a spreadsheet, far beyond what a review holds.
LARGEST = 20_000_000
MOST_COLUMNS = 1_000
MOST_ROWS = 100_000
CHARACTER = {",": ",", ";": ";", "tab": "\t"}
# Spreadsheet programs write it above the headings, and read the mark between cells from it.
_SEP = re.compile(r'"?sep=(?P<mark>[,;\t])"?\r?\n', re.IGNORECASE)


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
    top : int
        Line of the headings.
    headings : tuple of str
        Those that stand there once.
    repeated : tuple of str
        Those that stand there more often, so that their cells cannot be told apart.
    rows : tuple of Row
        Neither blank nor repeated.
    """

    file: str
    top: int
    headings: tuple[str, ...]
    repeated: tuple[str, ...]
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


def read_spreadsheet(
    file: str, content: bytes, delimiter: str | None = None, sheet: str | None = None
) -> Spreadsheet:
    """Read a workbook, or text in UTF-8 or UTF-16 with cells between delimiters.

    Without a delimiter, that of a line `sep=` or else of the headings is taken. `sheet` is that of
    a workbook.

    Raises
    ------
    ReviewError
        If it cannot be taken apart into rows at all.
    """
    if content.startswith(ZIP):
        every = workbook_lines(file, content, sheet)
    else:
        every = _lines_of_text(file, _decoded(file, content), delimiter)
    [(top, header), *lines] = every or [(1, [])]
    headings = [_one_line(cell) for cell in header]
    if len(header) == 1:
        allowed = f"several columns with {_named(delimiter)} between them"
        found = f"one column, {value_text(header[0])}"
        raise ReviewError([Problem(file, top, "", found, allowed)])
    for what, count, most in (
        ("columns", len(headings), MOST_COLUMNS),
        ("rows", len(lines), MOST_ROWS),
    ):
        if count > most:
            raise ReviewError([Problem(file, 0, "", f"{count:,} {what}", f"at most {most:,}")])
    if not any(headings):
        raise ReviewError([Problem(file, 0, "", "an empty file", "a row of headings, then rows")])
    headings, lines = _without_nameless(headings, lines)
    times = Counter(filter(None, headings))
    once, repeated = ([h for h, n in times.items() if (n > 1) is more] for more in (False, True))
    problems = [Problem(file, top, h, "a repeated heading", "each heading once") for h in repeated]
    for i, heading in enumerate(headings, 1):
        if not heading:
            problems.append(Problem(file, top, f"column {i}", "no heading", "a heading"))
    rows = _rows(file, headings, lines, problems)
    return Spreadsheet(file, top, tuple(once), tuple(repeated), tuple(rows), tuple(problems))


def _without_nameless(headings: list[str], lines: Lines) -> tuple[list[str], Lines]:
    """Without columns that have no heading and say nothing: blank ones, and numbers of rows."""
    width = len(headings)
    needless = set()
    for i in (i for i, heading in enumerate(headings) if not heading):
        cells = [row[i] for _, row in lines if len(row) == width]
        counted = [str(n) for n in range(1, len(cells) + 1)]
        if not any(cells) or (i == 0 and cells == counted):
            needless.add(i)
    kept = [i for i in range(width) if i not in needless]
    rows = [
        (line, [row[i] for i in kept] if len(row) == width else row[: len(row) - len(needless)])
        for line, row in lines
    ]
    return [headings[i] for i in kept], rows


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
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            found = "text in UTF-16 that is cut off or damaged"
            raise ReviewError([Problem(file, 0, "", found, "text in UTF-8 or UTF-16")]) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        found = f"byte 0x{content[error.start]:02x}, which is not UTF-8"
        allowed = "text in UTF-8: save the sheet as CSV in UTF-8, or as .xlsx"
        raise ReviewError([Problem(file, line, "", found, allowed)]) from None


def _lines_of_text(file: str, text: str, delimiter: str | None) -> Lines:
    """Rows of cells with the line that each starts on."""
    sep = _SEP.match(text)
    text = text[sep.end() :] if sep else text
    above = 1 if sep else 0
    mark = CHARACTER[delimiter] if delimiter else sep["mark"] if sep else _mark(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    rows: Lines = []
    line = above + 1
    try:
        for row in reader:
            rows.append((line, row))
            line = above + reader.line_num + 1
    except csv.Error as error:
        found = f"quotes or cells that cannot be taken apart ({error})"
        raise ReviewError([Problem(file, line, "", found, "a CSV file")]) from None
    return rows


def _mark(text: str) -> str:
    """The mark that stands most often between the headings, outside quotes; a comma in doubt."""
    first = re.sub(r'"[^"]*"', "", text.partition("\n")[0])
    return max(CHARACTER.values(), key=first.count)


def _named(delimiter: str | None) -> str:
    return f"`{delimiter}`" if delimiter else ", ".join(f"`{name}`" for name in CHARACTER)


def _one_line(cell: str) -> str:
    """Text of a cell on one line, without spaces around it."""
    return " ".join(cell.split())
