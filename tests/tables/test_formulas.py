"""No text in a table becomes a formula in a spreadsheet, and none is another when read back."""

import csv
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from livingreview.audit.verification import read_result
from livingreview.tables.effects import StudyModerators
from livingreview.tables.table import Table

STARTS = "=+-@＝＋－＠"
NUMBERS = ["-0.35", "+0.12", "-1e-05", "12"]


class Notes(Table):
    """Texts beside numbers."""

    note: str
    value: float


def written(path: Path, notes: list[str], value: float = -1.5) -> list[str]:
    """The notes as a spreadsheet gets them from the file."""
    frame = pd.DataFrame({"note": notes, "value": value})
    Notes.write(path, frame)
    pd.testing.assert_frame_equal(Notes.read(path), frame)
    with path.open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    assert {row[1] for row in rows} == {str(value)}
    return [row[0] for row in rows]


def assert_no_formula(path: Path) -> None:
    """Whatever a spreadsheet takes for the separator, no cell of a text starts as a formula."""
    for separator in ",;|\t":
        with path.open(encoding="utf-8", newline="") as file:
            cells = {cell for row in csv.reader(file, delimiter=separator) for cell in row}
        assert not [cell for cell in cells - {"-1.5"} if cell.lstrip(' "').startswith((*STARTS,))]


@pytest.mark.parametrize("start", STARTS)
def test_a_formula_gets_a_quote_before_it(tmp_path: Path, start: str):
    text = f"{start}cmd|' /C calc'!A0"
    assert written(tmp_path / "a.csv", [text]) == [f"'{text}"]


@pytest.mark.parametrize("mark", [";", "; ", "|", "\t", "\n", "\r\n", ';"', ";;"])
def test_a_formula_behind_another_separator_gets_one_too(tmp_path: Path, mark: str):
    [cell] = written(tmp_path / "a.csv", [f"Alpha{mark}=1+1{mark}-2"])
    assert cell.count("'") == 2
    assert_no_formula(tmp_path / "a.csv")


def test_numbers_and_other_texts_stay_as_they_are(tmp_path: Path):
    plain = [*NUMBERS, "'quoted'", "a=1", "−0.12", "84 more", "a; b | c\n\nd"]
    assert written(tmp_path / "a.csv", plain) == plain


def test_the_audit_reads_what_was_meant(tmp_path: Path):
    file = tmp_path / "1_records/ledger.csv"
    file.parent.mkdir()
    written(file, ["=1+1", "'=1", "plain"])
    assert list(read_result(file)["note"]) == ["=1+1", "'=1", "plain"]


# In a fresh clone the first text drawn builds hypothesis' tables of characters: seconds.
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
@example(texts=["'", "''=", "-", "-1-1", "-1\n", "=\r\n", "\t=", ";'=", ";' '=", '";"=', "1;-1"])
@given(
    texts=st.lists(
        st.text(st.sampled_from(STARTS + "'\"1.ea,;|\t\r\n ")) | st.text(), min_size=1, max_size=4
    ).map(lambda texts: [text + "." for text in texts])
)
def test_any_text_is_read_back_as_it_was(tmp_path: Path, texts: list[str]):
    written(tmp_path / "a.csv", texts)
    assert_no_formula(tmp_path / "a.csv")


@pytest.mark.parametrize("levels", [["true", "false"], ["inf", "nan"], ["010", "-44"]])
def test_a_level_that_looks_like_another_value_stays_a_text(tmp_path: Path, levels: list[str]):
    frame = pd.DataFrame({"study_id": ["a", "b", "c"], "moderator_place": [*levels, None]})
    StudyModerators.write(tmp_path / "studies.csv", frame)
    found = StudyModerators.read(tmp_path / "studies.csv")["moderator_place"]
    assert found[:2].tolist() == levels and pd.isna(found[2])
