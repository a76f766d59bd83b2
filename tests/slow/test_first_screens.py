"""What first screens say of made-up reviews, as validation/first_screen found it."""

import importlib
import sys

import pandas as pd
import pytest
from conftest import ROOT

FOLDER = ROOT / "validation/first_screen"
sys.path.append(str(FOLDER))
RESULTS = pd.read_csv(FOLDER / "first_screen.csv")
CONTRASTS = pd.read_csv(FOLDER / "contrasts.csv")
BIASED = RESULTS["review"].str.contains("unreported|biased")
# Of 400 and 200 reviews of which an interval holds the truth in 93%, fewer than this share hold it
# once in a thousand.
LEAST_HELD, LEAST_HELD_OF_200 = (0.93 - 3.1 * (0.93 * 0.07 / n) ** 0.5 for n in (400, 200))

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


def test_contrasts_are_seldom_settled_wrongly_and_stated_intervals_hold_the_truth():
    assert (CONTRASTS["reviews"] == 200).all() and (CONTRASTS["size_stated"] > 0.9).all()
    assert CONTRASTS["settled_and_wrong"].max() <= 0.05
    assert CONTRASTS["held_when_stated"].min() >= LEAST_HELD_OF_200


def test_studies_of_one_outcome_that_differ_settle_nothing_alone():
    others = CONTRASTS[CONTRASTS["review"].str.contains("others")]
    alike = others[others["true_ratio_of_odds_ratios"] == 1].iloc[0]
    assert alike["wrong_by_all"] > 2 * alike["settled_and_wrong"]


def test_the_contrasts_are_what_the_simulation_makes(monkeypatch):
    contrasts = importlib.import_module("simulated_contrasts")
    for module in (contrasts, importlib.import_module("first_screens")):
        monkeypatch.setattr(module, "TOGETHER", 8)
    monkeypatch.setattr(contrasts, "REVIEWS", 8)
    said = contrasts.simulated(contrasts.PAIRS["both outcomes in the same eight studies"], 1.0)
    assert said["settled"].all() and said["size_learnt"].all()
    # By all studies the same, as they all report both.
    assert (said["comparison_low"] == said["all_comparison_low"]).all()
