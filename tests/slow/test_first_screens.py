"""What first screens say of made-up reviews, as validation/first_screen found it."""

import importlib
import sys

import pandas as pd
import pytest
from conftest import ROOT

FOLDER = ROOT / "validation/first_screen"
sys.path.append(str(FOLDER))
RESULTS = pd.read_csv(FOLDER / "first_screen.csv")
BIASED = RESULTS["review"].str.contains("unreported|biased")
# Of 400 reviews of which an interval holds the truth in 93%, fewer than this share hold it once in
# a thousand.
LEAST_HELD = 0.93 - 3.1 * (0.93 * 0.07 / 400) ** 0.5

pytestmark = pytest.mark.slow


def test_sizes_of_statements_are_never_stated():
    of_statements = RESULTS[RESULTS["review"].str.startswith("statements only")]
    assert len(of_statements) == 8 and (of_statements["size_stated"] == 0).all()


def test_sizes_of_numbers_are_stated_at_every_true_effect():
    numbers = RESULTS[RESULTS["review"].str.contains("numbers")]
    assert (numbers["size_stated"] == 1).all()


def test_intervals_that_are_stated_hold_the_truth():
    stated = RESULTS[~BIASED & (RESULTS["size_stated"] > 0)]
    assert len(stated) == 12 and (stated["held_when_stated"] >= LEAST_HELD).all()


def test_clear_verdicts_are_seldom_wrong():
    assert RESULTS.loc[~BIASED, "clear_and_wrong"].max() <= 0.05
    assert RESULTS["none_and_wrong"].max() == 0


def test_the_table_is_what_the_simulation_makes(monkeypatch):
    """Of a twentieth of the reviews, which are the first of those in the table."""
    first_screens = importlib.import_module("first_screens")
    monkeypatch.setattr(first_screens, "REVIEWS", 20)
    monkeypatch.setattr(first_screens, "TOGETHER", 20)
    name = "statements only, studies alike"
    said = first_screens.simulated(first_screens.REVIEWS_OF[name], 0.5)
    assert not said["size_stated"].any() and said["clear"].all()
    assert 0.3 < said["holds_truth"].mean() < 0.7
