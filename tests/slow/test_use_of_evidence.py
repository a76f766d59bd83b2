"""Answers before and after all that a source says was used, and coverage (validation/)."""

import importlib
import sys

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

FOLDER = ROOT / "validation/use_of_evidence"
# The folder's scripts import each other, and those that read records, by name, as scripts do.
sys.path += [str(FOLDER), str(ROOT / "validation/forms_of_evidence")]
answers = importlib.import_module("answers")
recovery = importlib.import_module("recovery")
shown = importlib.import_module("tables")

BEFORE, AFTER = (pd.read_csv(FOLDER / f"{n}.csv").set_index("case") for n in ("before", "after"))
RECOVERED = {
    n: pd.read_csv(FOLDER / f"recovery_{n}.csv").set_index(["setting", "quantity"])
    for n in ("before", "after")
}
INTEGRATED = [case for case in answers.cases() if AFTER.loc[case.name, "engine"] == "quadrature"]


def test_readme_shows_the_tables():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert shown.written(text) == text


def test_percentages_without_sizes_are_used_and_say_what_any_size_says():
    known = AFTER.loc[["jolin_130", "jolin_200", "jolin_400"]]
    assert known["odds_ratio"].between(1.85, 1.95).all()
    np.testing.assert_allclose(known["odds_ratio"], BEFORE.loc[known.index, "odds_ratio"])
    told = AFTER.loc[["jolin_as_shipped", "jolin_unknown"]]
    assert told["odds_ratio"].between(1.85, 2.05).all()
    assert (told["effects"] == 2).all()
    assert BEFORE.loc["jolin_as_shipped", "odds_ratio"] > 3


def test_each_intervals_of_ratios_holds_the_answers_at_all_assumed_shares():
    cases = ["ratios_14", "ratios_28", "ratios_40"]
    low, high = AFTER.loc[cases, "low"].max(), AFTER.loc[cases, "high"].min()
    assert BEFORE.loc[cases, "odds_ratio"].between(low, high).all()
    own = AFTER.loc[["ratios_own_14", "ratios_28", "ratios_own_40"], "odds_ratio"]
    assert own.is_monotonic_increasing


def test_a_statement_said_again_adds_little_unless_another_study_says_it():
    once, again, others = AFTER.loc[["said_1", "said_7", "said_by_seven"], "p_more"]
    assert once < again < BEFORE.loc["said_7", "p_more"] < others


def test_what_was_significant_in_print_is_so_for_selective_printing():
    significant = [table.loc["clusters_selection", "significant"] for table in (BEFORE, AFTER)]
    assert significant == [0, 8]


def test_intervals_of_what_is_now_used_cover():
    mu = RECOVERED["after"].xs("mu", level="quantity")
    assert (mu["coverage"] >= 0.89).all()


@pytest.mark.slow
@pytest.mark.parametrize("case", INTEGRATED, ids=lambda case: case.name)
def test_answer_is_the_one_pinned(case):
    found, pinned = answers.answered(case), AFTER.loc[case.name]
    columns = ["low", "odds_ratio", "high", "p_more"]
    # Twice what the engine's grids may leave in a quantile, of odds ratios up to 12.
    expected = pinned[columns].astype(float)
    np.testing.assert_allclose([found[c] for c in columns], expected, rtol=3e-4, atol=1e-4)


@pytest.mark.slow
def test_a_simulated_review_is_drawn_by_its_number():
    (first, *_), (again, *_) = (recovery.answer("several_0.5", 7) for _ in range(2))
    assert first == again
