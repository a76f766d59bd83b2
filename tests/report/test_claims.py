"""A printed number names the cell it came from."""

import pandas as pd
import pytest

from livingreview.base.rounding import share
from livingreview.report.claims import Claims
from livingreview.report.row_selection import Condition
from livingreview.tables.sensitivity import SubsetClusters

FILE = SubsetClusters.file


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
    row = claims.row(FILE, outcome="a", cluster=1)
    claim = row.claim("names", labels={"x": "Ex", "y": "Why"})
    assert (claim.text, claim.value, claim.row) == ("Ex, Why", "x y", "outcome=a; cluster=1")
    assert claims.table()["text"].tolist() == ["Ex, Why"]


def test_one_cell_printed_by_name_and_by_label_is_two_claims(claims: Claims):
    row = claims.row(FILE, outcome="a", cluster=2)
    assert row.claim("names", labels={"y": "Why"}) != row.names
    assert claims.table()["text"].tolist() == ["Why", "y"]
    assert claims.table()["id"].is_unique


@pytest.mark.parametrize("where", [{"outcome": "a"}, {"outcome": "c"}, {"outcome": "b"}])
def test_a_cell_that_is_not_one_cannot_be_claimed(claims: Claims, where: dict):
    with pytest.raises(LookupError):
        str(claims.row(FILE, **where).names)


def test_rows_that_a_rule_chose_are_counted_under_its_conditions():
    table = pd.DataFrame({"outcome": "a", "value": range(2000)})
    claims = Claims({FILE: table})
    rows = [row for row in claims.rows(FILE, ["outcome", "value"]) if row["value"] > 765]
    claim = claims.count_of(rows, FILE, outcome="a", value=Condition.at_least(766))
    assert (claim.text, claim.value) == ("1,234", "1234")
    assert claim.row == "number of rows with outcome=a; value>=766"


def test_an_attribute_of_a_row_is_a_claim_and_an_item_is_its_value(claims: Claims):
    row = claims.row(FILE, outcome="a", cluster=2)
    assert row["value"] == 0.25 and claims.table().empty
    assert str(row.claim("value", "percent")) == "25%"
    assert list(claims.table()["column"]) == ["value"]
    with pytest.raises(LookupError, match="no column other"):
        str(row.other)


def test_a_number_is_not_printed_before_its_column_has_a_rounding(claims: Claims):
    with pytest.raises(LookupError, match="no rounding is declared for value"):
        str(claims.row(FILE, outcome="a", cluster=2).value)


def test_a_text_that_ends_a_sentence_ends_it_once():
    words = pd.DataFrame({"outcome": ["a", "b"], "names": ["As a page has it.", "a page"]})
    claims = Claims({FILE: words})
    for outcome, expected in (("a", "Why: As a page has it. So."), ("b", "Why: a page. So.")):
        row = claims.row(FILE, outcome=outcome)
        assert str(claims.sentence(f"Why: {row.names}. So.")) == expected


def test_a_sentence_keeps_its_claims_apart_from_its_words(claims: Claims):
    row = claims.row(FILE, outcome="a", cluster=2)
    phrase = f"around {row.claim('value', 'percent')}"
    sentences = claims.sentences(all=f"It is {phrase}, not {row.names}.", none="")
    assert list(sentences) == ["all"]
    assert [str(part) for part in sentences["all"].parts] == [
        *("It is around ", "25%", ", not ", "y", ".")
    ]
    assert str(sentences["all"]) == "It is around 25%, not y."


@pytest.mark.parametrize(
    ("part", "words"),
    [(0, "none"), (1, "all"), (0.004, "under 1%"), (0.999, "over 99%"), (0.255, "26%")],
)
def test_a_share_is_none_or_all_only_when_it_is(part: float, words: str):
    assert share(part) == words
