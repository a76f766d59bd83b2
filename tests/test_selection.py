"""A claim is made again from its row of claims.csv alone."""

import pandas as pd
import pytest

from livingreview.auditing import recomputed
from livingreview.claims import STYLES, Claims
from livingreview.selection import Selection

FITS = pd.DataFrame(
    {
        "fit": ["a/overall", "a/design", "b/overall"],
        "quantity": ["mu", "beta[design=experimental]", "mu"],
        "studies": [4, 2, 1],
        "odds_ratio": [0.66071, 1.2, 3.0],
        "settled": [True, False, False],
    }
)


@pytest.mark.parametrize(
    "selection",
    [
        Selection("cell", (("fit", "a/overall"), ("setting", "all"))),
        Selection("cell", (("quantity", "beta[design=experimental]"),)),
        Selection("count", ()),
        Selection("count", (("status", "analysed"), ("kind", "finding"))),
        Selection("sum", ()),
        Selection("max", (("check", "r_hat"),)),
        Selection("min", (("note", "number of rows with a=b over c"),)),
    ],
)
def test_a_selection_is_read_back_as_it_was_spelled(selection: Selection):
    assert Selection.parse(str(selection)) == selection


def test_a_key_that_could_not_be_read_back_is_refused():
    with pytest.raises(ValueError, match="could not be read back"):
        str(Selection("cell", (("reason", "one; two=2"),)))


@pytest.mark.parametrize(
    ("row", "column", "style", "text"),
    [
        ("fit=a/overall", "odds_ratio", "ratio", "0.66"),
        ("quantity=beta[design=experimental]; fit=a/design", "studies", "studies", "2 studies"),
        ("number of rows with quantity=mu", "*", "whole", "2"),
        ("number of rows with settled=True", "*", "whole", "1"),
        ("number of rows with studies=4; settled=False", "*", "whole", "0"),
        ("sum over quantity=mu", "studies", "whole", "5"),
        ("min over all", "odds_ratio", "three_decimals", "0.661"),
        ("max over quantity=mu", "odds_ratio", "two_decimals", "3.00"),
    ],
)
def test_a_claim_is_recomputed_from_its_row(row: str, column: str, style: str, text: str):
    assert recomputed(FITS, row, column, style)[1] == text


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


def test_what_the_register_writes_can_be_recomputed():
    claims = Claims({"5_synthesis/fits.csv": FITS})
    claims.cell("5_synthesis/fits.csv", "odds_ratio", "ratio", fit="b/overall", quantity="mu")
    claims.number_of_rows("5_synthesis/fits.csv", quantity="mu")
    claims.total("5_synthesis/fits.csv", "studies", "sum", "whole", quantity="mu")
    for claim in claims.table().itertuples():
        value, text = recomputed(FITS, claim.row, claim.column, claim.style)
        assert (str(value), text) == (claim.value, claim.text)
        assert claim.style in STYLES


def test_two_claims_never_share_an_anchor():
    claims = Claims({"5_synthesis/fits.csv": FITS, "6_sensitivity/fits.csv": FITS + FITS})
    claims.total("5_synthesis/fits.csv", "studies", "sum", "whole")
    with pytest.raises(ValueError, match="would share the anchor"):
        claims.total("6_sensitivity/fits.csv", "studies", "sum", "whole")
