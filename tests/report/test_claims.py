"""A printed number names the cell it came from."""

import pandas as pd
import pytest

from livingreview.base.rounding import share
from livingreview.report.claims import Claims
from livingreview.report.selection import Condition

FILE = "5_synthesis/some.csv"


@pytest.fixture
def claims() -> Claims:
    table = pd.DataFrame(
        {
            "outcome": ["a", "a", "b"],
            "cluster": [1, 2, 1],
            "names": ["x y", "y", None],
            "value": [0.5, 0.25, 1.0],
        }
    )
    return Claims({FILE: table})


def test_names_are_printed_by_label_and_kept_as_they_stand(claims: Claims):
    claim = claims.label(FILE, "names", {"x": "Ex", "y": "Why"}, outcome="a", cluster=1)
    assert (claim.text, claim.value, claim.row) == ("Ex, Why", "x y", "outcome=a; cluster=1")
    assert claims.table()["text"].tolist() == ["Ex, Why"]


def test_one_cell_printed_by_name_and_by_label_is_two_claims(claims: Claims):
    claims.label(FILE, "names", {"y": "Why"}, outcome="a", cluster=2)
    claims.cell(FILE, "names", "words", outcome="a", cluster=2)
    assert claims.table()["text"].tolist() == ["Why", "y"]
    assert claims.table()["id"].is_unique


@pytest.mark.parametrize("where", [{"outcome": "a"}, {"outcome": "c"}, {"outcome": "b"}])
def test_a_cell_that_is_not_one_cannot_be_claimed(claims: Claims, where: dict):
    with pytest.raises(LookupError):
        claims.cell(FILE, "names", "words", **where)


def test_rows_that_a_rule_chose_are_counted_under_its_conditions():
    table = pd.DataFrame({"outcome": "a", "value": range(2000)})
    rows = table[[value > 765 for value in table["value"]]]
    claim = Claims({FILE: table}).number_of(FILE, rows, outcome="a", value=Condition.at_least(766))
    assert (claim.text, claim.value) == ("1,234", "1234")
    assert claim.row == "number of rows with outcome=a; value>=766"


@pytest.mark.parametrize(
    ("part", "words"),
    [(0, "none"), (1, "all"), (0.004, "under 1%"), (0.999, "over 99%"), (0.255, "26%")],
)
def test_a_share_is_none_or_all_only_when_it_is(part: float, words: str):
    assert share(part) == words
