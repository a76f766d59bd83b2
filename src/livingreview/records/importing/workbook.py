"""A sheet of a workbook (.xlsx) as lines of texts, as a CSV file of it would hold them."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from datetime import date, datetime, time
from typing import Any

from livingreview.base.errors import Problem, ReviewError, one_of, shortened

# First bytes of an archive, as a workbook is one.
ZIP = b"PK\x03\x04"
# Bytes that a workbook may have once it is unpacked: far more than the largest spreadsheet fills.
LARGEST_UNPACKED = 400_000_000

type Lines = list[tuple[int, list[str]]]


def workbook_lines(file: str, content: bytes, sheet: str | None) -> Lines:
    """Rows of cells with their number, of the sheet of that name, or of the only one with cells.

    A number has the digits of its double; a percentage those of its format. Of a formula the value
    is read that was stored with it.

    Raises
    ------
    ReviewError
        If it is no workbook, has several sheets and none is named, or has formulas without values.
    """
    import openpyxl  # slow to import, and most spreadsheets are text

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > LARGEST_UNPACKED:
            found = f"a workbook of {unpacked:,} bytes once it is unpacked"
            raise ReviewError([Problem(file, 0, "", found, f"at most {LARGEST_UNPACKED:,} bytes")])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that say nothing of cells
            values = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
            formulas = openpyxl.load_workbook(io.BytesIO(content))
    except ReviewError:
        raise
    except Exception as error:  # the library raises whatever a broken part of the archive causes
        found = f"a workbook that cannot be read ({shortened(str(error)) or type(error).__name__})"
        allowed = "an .xlsx workbook, or the sheet saved as CSV in UTF-8"
        raise ReviewError([Problem(file, 0, "", found, allowed)]) from None
    name = _chosen(file, formulas, sheet)
    return _lines(file, values[name], formulas[name])


def _chosen(file: str, workbook: Any, sheet: str | None) -> str:
    """Name of the sheet to read."""
    names = [one.title for one in workbook.worksheets]
    if sheet is not None and sheet not in names:
        raise ReviewError([Problem(file, 0, "sheet", repr(sheet), one_of(sheet, names))])
    filled = [one.title for one in workbook.worksheets if any(map(any, one.values))]
    if sheet is None and len(filled) > 1:
        found = f"{len(filled)} sheets: {', '.join(filled)}"
        allowed = "`--sheet` (or `sheet` in the mapping) with the name of one"
        raise ReviewError([Problem(file, 0, "", found, allowed)])
    return sheet or (filled or names)[0]


def _lines(file: str, values: Any, formulas: Any) -> Lines:
    """Rows up to the last column that has anything in it."""
    problems: list[Problem] = []
    lines: Lines = []
    for number, (row, written) in enumerate(zip(values.rows, formulas.rows, strict=True), 1):
        cells = []
        for cell, source in zip(row, written, strict=True):
            if source.data_type == "f" and cell.value is None:
                allowed = "a value: open and save the workbook in a spreadsheet program"
                found = "a formula without a stored value"
                problems.append(Problem(file, number, source.coordinate, found, allowed))
            cells.append(_text(cell))
        lines.append((number, cells))
    if problems:
        raise ReviewError(problems)
    width = max((i for _, row in lines for i, cell in enumerate(row, 1) if cell), default=0)
    return [(number, row[:width]) for number, row in lines]


def _text(cell: Any) -> str:
    """Text of a cell as CSV would hold it, but with all digits of a number."""
    value = cell.value
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < 1e15:
            value = int(value)
        case datetime() | date() | time():
            return str(value.isoformat())
    decimals = re.fullmatch(r"0(?:\.(0+))?%", cell.number_format or "")
    if decimals and isinstance(value, int | float):
        return f"{100 * value:.{len(decimals[1] or '')}f}%"
    return str(value)
