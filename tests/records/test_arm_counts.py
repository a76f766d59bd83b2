"""An arm is one set of counts, in a record."""

import pytest
from conftest import Folder, line_of

THIRD_ARM = ("  - id: usual\n", "  - id: letter\n    label: Letter\n  - id: usual\n")
LETTER = """\
  - id: letter
    outcome: disease
    measure: Cases within a year
    follow_up_months: 12
    treated: letter
    control: usual
    evidence:
      - kind: counts
        arms:
          - arm: letter
            events: 7
            total: 120
          - arm: usual
            events: 11 # again
            total: 139
        source:
          url: https://example.org/alpha
          locator: table 1
          kind: full text
"""


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("events: 11 # again", "events: 12", "12 of 139 in usual"),
        ("total: 139\n        source", "total: 140\n        source", "11 of 140 in usual"),
    ],
)
def test_other_counts_of_the_same_control_group_are_told_with_both_lines(
    folder: Folder, old: str, new: str, found: str
):
    text = folder.write(THIRD_ARM, more=[LETTER.replace(old, new)])
    [problem] = folder.problems()
    first = line_of(text, "          - arm: usual\n            events: 11\n")
    assert problem.line == text[: text.rindex("- arm: usual")].count("\n") + 1
    assert (problem.field, problem.found) == ("effects[1].evidence[0].arms[1]", found)
    assert problem.allowed == (
        f"11 of 139 in usual, as on line {first}: an arm has one set of counts"
        " (another group is another arm)"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("outcome: disease", "outcome: death"),
        ("follow_up_months: 12", "follow_up_months: 24"),
        ("measure: Cases within a year", "measure: Cases by letter"),
    ],
)
def test_other_counts_of_something_else_are_none(folder: Folder, old: str, new: str):
    other = LETTER.replace("events: 11 # again", "events: 12").replace(old, new)
    folder.write(THIRD_ARM, more=[other])
    assert len(folder.read()) == 1


def test_two_tables_of_one_effect_are_two_reports_and_no_mistake(folder: Folder):
    again = LETTER[LETTER.index("      - kind: counts") :].replace("letter", "visit")
    folder.write(more=[again.replace("events: 11 # again", "events: 12")])
    assert len(folder.read()) == 1
