"""A claim is made again from its row of claims.csv alone."""

import math

import pandas as pd
import pytest

from livingreview.audit.verification import recomputed
from livingreview.base.rounding import STYLES
from livingreview.report.claims import ClaimRow, Claims
from livingreview.report.row_selection import Condition, Selection
from livingreview.tables.synthesis import Summary

FITS = pd.DataFrame(
    {
        "fit": ["a/overall", "a/design", "b/overall"],
        "quantity": ["mu", "beta[design=experimental]", "mu"],
        "studies": [4, 2, 1],
        "effect": [0.66071, 1.2, 3.0],
        "settled": [True, False, False],
    }
)

AT_LEAST_2 = Condition.at_least(2)


@pytest.mark.parametrize(
    ("how", "where", "spelled"),
    [
        ("cell", {"fit": "a/overall", "setting": "all"}, "fit=a/overall; setting=all"),
        ("cell", {"quantity": "beta[design=x]"}, "quantity=beta[design=x]"),
        ("count", {}, "number of rows with all"),
        ("count", {"kind": "finding", "n": 2}, "number of rows with kind=finding; n=2"),
        ("sum", {}, "sum over all"),
        ("min", {"note": "number of rows with a=b"}, "min over note=number of rows with a=b"),
        ("count", {"model": Condition.any_of("a", "b")}, "number of rows with model=a|b"),
        ("count", {"q50": Condition.at_most(0)}, "number of rows with q50<=0"),
        ("count", {"q50": Condition.at_least(-0.5)}, "number of rows with q50>=-0.5"),
        (
            "count",
            {"p": Condition.outside(0.75, math.inf)},
            "number of rows with p outside 0.75 to inf",
        ),
    ],
)
def test_a_selection_is_written_and_read_back(how: str, where: dict, spelled: str):
    selection = Selection.matching(how, where)
    assert str(selection) == spelled
    assert Selection.parse(spelled) == selection


@pytest.mark.parametrize("where", [{"reason": "one; two=2"}, {"fit": "a|b"}, {"a key": "b"}])
def test_a_key_that_could_not_be_read_back_is_refused(where: dict):
    with pytest.raises(ValueError, match=r"could not be read back|found no condition"):
        str(Selection.matching("cell", where))


def test_bounds_hold_as_they_are_spelled():
    column = pd.Series([0.1, 0.5, 0.75, 0.9])
    assert list(Condition.outside(0.5, 0.9).holds(column)) == [True, False, False, True]
    assert list(Condition.outside(0.75, math.inf).holds(column)) == [True, True, False, False]
    assert list(Condition.at_most(0.5).holds(column)) == [True, True, False, False]
    assert list(Condition.at_least(0.75).holds(column)) == [False, False, True, True]


@pytest.mark.parametrize(
    ("row", "column", "style", "text"),
    [
        ("fit=a/overall", "effect", "ratio", "0.66"),
        ("quantity=beta[design=experimental]; fit=a/design", "studies", "studies", "2 studies"),
        ("number of rows with quantity=mu", "*", "whole", "2"),
        ("number of rows with settled=True", "*", "whole", "1"),
        ("number of rows with studies=4; settled=False", "*", "whole", "0"),
        ("sum over quantity=mu", "studies", "whole", "5"),
        ("min over all", "effect", "three_decimals", "0.661"),
        ("max over quantity=mu", "effect", "two_decimals", "3.00"),
    ],
)
def test_a_claim_is_recomputed_from_its_row(row: str, column: str, style: str, text: str):
    assert recomputed(FITS, row, column, style)[1] == [text]


def test_names_are_printed_by_labels_that_are_known():
    studies = pd.DataFrame({"fit": ["a"], "turned_by": ["x_1 y_2"]})
    labels = [{"x_1": "X", "y_2": "Y"}, {"x_1": "Z"}, {"x_1": "x", "y_2": "y"}]
    assert recomputed(studies, "fit=a", "turned_by", "label", labels)[1] == ["X, Y", "x, y"]


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("quantity=mu", "studies", "2 rows match quantity=mu, not one"),
        ("fit=c/overall", "studies", "0 rows match"),
        ("outcome=a", "studies", "no column outcome"),
        ("fit=a/overall", "odds", "no column odds"),
    ],
)
def test_a_cell_that_is_not_there_is_told(row: str, column: str, words: str):
    with pytest.raises(LookupError, match=words):
        recomputed(FITS, row, column, "ratio")


def more_than(claims: Claims, studies: int) -> list[ClaimRow]:
    rows = claims.rows(Summary.file, ["fit"])
    return [row for row in rows if row["studies"] > studies]


def test_what_the_register_writes_can_be_recomputed():
    claims = Claims({Summary.file: FITS})
    row = claims.row(Summary.file, fit="b/overall", quantity="mu")
    assert str(row.effect) == "3.0"
    claims.count_of(more_than(claims, 1), Summary.file, studies=AT_LEAST_2)
    claims.aggregate("sum", Summary.file, "studies", quantity="mu")
    for claim in claims.table().itertuples():
        value, texts = recomputed(FITS, claim.row, claim.column, claim.style)
        assert (str(value), texts) == (claim.value, [claim.text])
        assert claim.style in STYLES


def test_conditions_that_choose_other_rows_are_refused():
    claims = Claims({Summary.file: FITS})
    with pytest.raises(ValueError, match="studies>=2 are not the rows chosen"):
        claims.count_of(more_than(claims, 2), Summary.file, studies=AT_LEAST_2)


def test_two_claims_never_share_an_anchor():
    claims = Claims({"5_synthesis/fits.csv": FITS, "6_sensitivity/fits.csv": FITS + FITS})
    claims.aggregate("sum", "5_synthesis/fits.csv", "studies", "whole")
    with pytest.raises(ValueError, match="would share the anchor"):
        claims.aggregate("sum", "6_sensitivity/fits.csv", "studies", "whole")
