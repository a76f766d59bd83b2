"""Kinds of files that hold a spreadsheet: workbooks, encodings, and marks between cells."""

import io
from datetime import date

import openpyxl
import pytest

from livingreview.base.errors import Problem, ReviewError
from livingreview.records.importing.spreadsheet import Spreadsheet, read_spreadsheet

TEXT = "study,ai,n1i\nÉva 1990,4,123\nOak 1991,.5,12.0\n"
ROWS = [
    {"study": "Éva 1990", "ai": "4", "n1i": "123"},
    {"study": "Oak 1991", "ai": ".5", "n1i": "12.0"},
]


def cells(sheet: Spreadsheet) -> list[dict[str, str]]:
    assert not sheet.problems
    return [row.cells for row in sheet.rows]


def problem(content: bytes, **options: str) -> Problem:
    with pytest.raises(ReviewError) as refused:
        read_spreadsheet("t.xlsx", content, **options)
    [only] = refused.value.problems
    return only


ENCODED = {
    "UTF-8": TEXT.encode(),
    "UTF-8 with a mark": TEXT.encode("utf-8-sig"),
    "UTF-16, as spreadsheet programs save it": TEXT.encode("utf-16"),
    "UTF-16 of the other order": b"\xfe\xff" + TEXT.encode("utf-16-be"),
    "semicolons": TEXT.replace(",", ";").encode(),
    "tabs": TEXT.replace(",", "\t").encode("utf-16"),
    "sep": f"sep=;\r\n{TEXT.replace(',', ';')}".encode(),
    "sep in quotes": f'"sep=,"\n{TEXT}'.encode(),
    "row numbers of R": b'"",study,ai,n1i\n"1",\xc3\x89va 1990,4,123\n"2",Oak 1991,.5,12.0\n',
    "blank columns behind": b"study,ai,n1i,,\n\xc3\x89va 1990,4,123,,\nOak 1991,.5,12.0,,\n",
}


@pytest.mark.parametrize("how", ENCODED)
def test_text(how: str):
    assert cells(read_spreadsheet("t.csv", ENCODED[how])) == ROWS


def test_lines_are_counted_from_the_line_with_the_mark():
    sheet = read_spreadsheet("t.csv", b"sep=;\na;b\n1;2\n\n3;4\n")
    assert (sheet.top, [row.line for row in sheet.rows]) == (2, [3, 5])


def test_a_decimal_comma_between_semicolons_is_no_mark():
    sheet = read_spreadsheet("t.csv", b'"study, year";ai;n1i\nAsh;0,5;2\n')
    assert cells(sheet) == [{"study, year": "Ash", "ai": "0,5", "n1i": "2"}]


def workbook(**sheets: list[list[object]]) -> openpyxl.Workbook:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return made


def content(made: openpyxl.Workbook) -> bytes:
    saved = io.BytesIO()
    made.save(saved)
    return saved.getvalue()


HEADINGS: list[object] = ["study", "yi", "percent"]


def test_a_workbook():
    made = workbook(notes=[], data=[HEADINGS, ["Éva 1990", 2 / 3, 0.125], [], ["Oak", 12.0, None]])
    made["data"]["C2"].number_format = "0.0%"
    made["data"]["F1"].number_format = "0.00"  # a format alone is no column
    sheet = read_spreadsheet("t.xlsx", content(made))
    assert cells(sheet) == [
        {"study": "Éva 1990", "yi": "0.6666666666666666", "percent": "12.5%"},
        {"study": "Oak", "yi": "12", "percent": ""},
    ]
    assert [row.line for row in sheet.rows] == [2, 4]


def test_other_cells_of_a_workbook_are_as_a_csv_file_has_them():
    made = workbook(data=[HEADINGS, [date(1990, 1, 4), True, "#DIV/0!"]])
    [row] = cells(read_spreadsheet("t.xlsx", content(made)))
    assert list(row.values()) == ["1990-01-04T00:00:00", "true", "#DIV/0!"]


def test_one_of_several_sheets_is_asked_for():
    saved = content(workbook(first=[["a", "b"], [1, 2]], second=[["c", "d"], [3, 4]]))
    told = problem(saved)
    assert told.found == "2 sheets: first, second"
    assert told.allowed == "`--sheet` (or `sheet` in the mapping) with the name of one"
    assert cells(read_spreadsheet("t.xlsx", saved, sheet="second")) == [{"c": "3", "d": "4"}]
    assert "did you mean `second`?" in problem(saved, sheet="secund").allowed


def test_a_formula_whose_value_is_not_stored_is_told_with_its_cell():
    told = problem(content(workbook(data=[["a", "b"], [1, "=A2*2"]])))
    assert (told.line, told.field) == (2, "B2")
    assert told.found == "a formula without a stored value"


@pytest.mark.parametrize("end", [4, 300, -40])
def test_a_damaged_workbook_is_told(end: int):
    saved = content(workbook(data=[["a", "b"], [1, 2]]))
    assert problem(saved[:end]).allowed.startswith("an .xlsx workbook, or the sheet saved as CSV")


def test_an_empty_workbook_is_told():
    assert problem(content(workbook(data=[]))).found == "an empty file"
