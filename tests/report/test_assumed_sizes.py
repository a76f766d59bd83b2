"""A printed size says where its rule counted people whom no source counts."""

import pandas as pd
import pytest

from livingreview.report.claims import Claims
from livingreview.report.sentences.assumed_sizes import assumed_sizes
from livingreview.tables.effects import Precision
from livingreview.tables.records import Studies
from livingreview.tables.synthesis import SizesLearnt

NAME = "services"
ROWS = [
    # study, whether it gives a number, people, whether a source gives them
    ("alpha", False, 170.0, False),
    ("beta", True, 390.0, False),
    ("gamma", False, 107.0, True),
]


def said(rows=ROWS, all_numbers=False) -> str:
    columns = ["study_id", "has_number", "people", "people_known"]
    table = pd.DataFrame(rows, columns=columns).assign(outcome=NAME)
    judged = {"fit": f"{NAME}/overall", "setting": "all_studies", "all_numbers": all_numbers}
    claims = Claims(
        {
            Precision.file.format(outcome=NAME): table.assign(effect_id=table["study_id"]),
            SizesLearnt.file: pd.DataFrame([judged | {"people": table["people"].sum()}]),
            Studies.file: pd.DataFrame({"study_id": ["beta"], "label": ["Beta 2002"]}),
        }
    )
    return str(claims.sentence(assumed_sizes(claims, NAME)))


def test_people_of_unknown_number_are_counted_and_the_numbers_that_rest_on_them_are_named():
    assert said() == (
        "Of the 667 people that this rests on, a source gives 107; the other groups, Beta 2002 with"
        " its number among them, are assumed to be as large as a prior expects."
    )


def test_where_no_number_rests_on_them_none_is_named():
    unnamed = said([ROWS[0], ("beta", True, 390.0, True)])
    assert "a source gives 390; the other groups are assumed" in unnamed
    assert "a source gives none" in said(ROWS[:2])


@pytest.mark.parametrize(
    ("rows", "all_numbers"), [([(*row[:3], True) for row in ROWS], False), (ROWS, True)]
)
def test_nothing_is_said_where_all_are_known_or_nobody_counts(rows, all_numbers):
    assert said(rows, all_numbers) == ""
