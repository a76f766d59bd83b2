"""Files that are no readable YAML are refused, each with its line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from livingreview.base.documents import Document, field_path, read_document
from livingreview.base.errors import Problem, ReviewError, one_of, value_text

Write = Callable[[bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(content: bytes) -> Path:
        path = tmp_path / "record.yaml"
        path.write_bytes(content)
        return path

    return to_file


def test_every_repeated_key_is_told(write: Write):
    with pytest.raises(ReviewError) as refused:
        read_document(write(b"a: 1\na: 2\nb: 1\nb: 2\n"))
    assert [(p.line, p.field) for p in refused.value.problems] == [(2, "a"), (4, "b")]


def test_byte_order_mark_and_windows_line_ends_are_accepted(write: Write):
    document = read_document(write(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n"))
    assert document.data == {"a": 1, "b": 2}
    assert document.line(("b",)) == 2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"12", 12),
        (b"-0.50", -0.5),
        (b"1.5e-3", 0.0015),
        (b"null", None),
        (b"yes", True),
        (b"2001-02-03", "2001-02-03"),
        (b"010", "010"),
        (b"0x1F", "0x1F"),
        (b"1_000", "1_000"),
        (b"1:30", "1:30"),
        (b"1:30.5", "1:30.5"),
        (b".nan", ".nan"),
        (b"'12'", "12"),
        (b"' 12 '", "12"),
        (b"0.30000000000000004", 0.30000000000000004),
        (b"1.0e+20", 1e20),
    ],
)
def test_scalars_are_what_they_look_like(write: Write, text: bytes, value: object):
    assert read_document(write(b"a: " + text + b"\n")).data == {"a": value}


@pytest.mark.parametrize(
    "number",
    [
        "9007199254740993",
        "9" * 5000,
        "1.00000000000000000000001",
        "123456789012345.123456789012345",
        "1.0e-400",
        "1.0e+400",
        "1.0e-99999999999999999999",
    ],
)
def test_a_number_that_would_be_another_one_is_refused(write: Write, number: str):
    with pytest.raises(ReviewError) as refused:
        read_document(write(f"a: {number}\n".encode()))
    [problem] = refused.value.problems
    assert (problem.line, problem.field) == (1, "a")
    assert problem.found.startswith(number[:80])
    assert problem.allowed.startswith("a number of at most 15 digits")


@pytest.mark.parametrize("unseen", ["\u200b", "\u200e \ufeff", "\u3164"])
def test_a_text_that_nobody_sees_is_refused(write: Write, unseen: str):
    with pytest.raises(ReviewError) as refused:
        read_document(write(f"a: '{unseen}'\nb: 'x{unseen}y'\n".encode()))
    [problem] = refused.value.problems
    assert (problem.field, problem.allowed) == ("a", "text that can be seen")


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\ufffe"])
def test_other_ends_of_lines_are_refused(write: Write, end: str):
    for content in (f"a: 1\n# was {end} b: 2\n", f'a: 1\nb: "x\\u{ord(end):04x}y"\n'):
        with pytest.raises(ReviewError) as refused:
            read_document(write(content.encode()))
        [problem] = refused.value.problems
        assert (problem.line, problem.allowed) == (2, "text that can be seen")


def test_blanks_around_keys_and_texts_do_not_count(write: Write):
    assert read_document(write(b"'a ': ' x '\n")).data == {"a": "x"}
    with pytest.raises(ReviewError, match="a repeated key"):
        read_document(write(b"a: 1\n'a ': 2\n"))


def test_lines_of_fields_items_and_what_is_missing(write: Write):
    document = read_document(write(b"# title\na:\n  - b: 1\n\n  - b: >-\n      long\n    c: 2\n"))
    assert document.line(("a",)) == 2
    assert document.line(("a", 1, "b")) == 5
    assert document.line(("a", 1, "c")) == 7
    assert document.line(("a", 1, "missing")) == 5  # its parent's


def test_location_is_spelled_as_users_read_it():
    assert field_path(("effects", 0, "evidence", 1, "p")) == "effects[0].evidence[1].p"


def test_long_values_are_shortened_on_one_line():
    assert value_text("a\nb") == r"'a\nb'"
    assert value_text("x" * 100) == "'" + "x" * 79 + "… (102 characters)"


def test_message_names_place_value_and_what_is_allowed():
    error = ReviewError(
        [Problem("b.yaml", 0, "", "x", "y"), Problem("a.yaml", 3, "effects[0].p", "2", "below 1")]
    )
    assert str(error).splitlines() == [
        "2 problems in the input; nothing was changed by this run.",
        "  a.yaml:3: effects[0].p: found 2; allowed: below 1",
        "  b.yaml: found x; allowed: y",
    ]


def test_same_problem_is_told_once():
    document = Document("a.yaml", {"p": 2}, {("p",): 4})
    problem = document.problem(("p",), "2", "below 1")
    assert ReviewError([problem, problem]).problems == [Problem("a.yaml", 4, "p", "2", "below 1")]


def test_all_problems_are_told_and_long_lists_of_names_cut_short():
    told = str(ReviewError(Problem("a.yaml", line, "b", "c", "d") for line in range(1, 251)))
    assert told.startswith("250 problems") and told.endswith("a.yaml:250: b: found c; allowed: d")
    names = [f"n{i}" for i in range(1000)]
    assert one_of("n7", names).startswith("did you mean `n7`? one of n0, n1")
    assert one_of("n7", names).endswith("n39 and 960 more")
