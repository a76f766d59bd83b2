"""The reading list against what full texts do, in simulated reviews with a known truth."""

import importlib
import sys

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

FOLDER = ROOT / "validation/reading_list"
sys.path.append(str(FOLDER))
full_texts = importlib.import_module("full_texts")
ANNOUNCED = pd.read_csv(FOLDER / "announced.csv")
# Beyond this many standard errors, chance explains a difference once in 16,000.
MOST_ERRORS = 4.0


def test_where_the_truth_is_drawn_from_the_priors_full_texts_do_what_is_announced():
    rows = ANNOUNCED[ANNOUNCED["mu"].isna()].set_index("read")
    excess = rows["realised"] - rows["announced"]
    assert (excess.abs() < MOST_ERRORS * rows["excess_error"]).all()
    every = rows.loc["all"]
    for name in ("widens", "changes"):
        announced, realised = every[f"announced_{name}"], every[f"realised_{name}"]
        error = np.sqrt(announced * (1 - announced) / every["studies"])
        assert abs(realised - announced) < MOST_ERRORS * error
    assert every["in_range"] == pytest.approx(0.9, abs=0.05)


@pytest.mark.slow
def test_the_table_is_made_by_this_code():
    rows = pd.DataFrame(full_texts.announced_and_realised(None, None, reviews=25, seed=7))
    found, pinned = full_texts.summary(rows), ANNOUNCED.set_index("read").loc["all"]
    assert found["studies"] == 25 * 6
    assert abs(found["realised"] - found["announced"]) < MOST_ERRORS * found["excess_error"]
    of_reviews = rows.groupby("review")["width_ratio"].mean().std(ddof=1) / np.sqrt(25)
    assert abs(found["announced"] - pinned["announced"]) < MOST_ERRORS * of_reviews
