"""Whether a size is learnt, from terms to the columns of the summary."""

import math

import numpy as np
import pandas as pd
import pytest
from decision_rules import SIZE_RULE
from made_up_fits import counts, data_of, estimate, finding, model, plain_design, priors

from livingreview.base.measures import ODDS_RATIO
from livingreview.effects.specification import Specification
from livingreview.models.quadrature.engine import integrate_models
from livingreview.models.quadrature.size_evidence import size_evidence
from livingreview.synthesis.printed import interval, printed
from livingreview.synthesis.size import LearntSizes, enough_numbers_with, sizes_learnt
from livingreview.tables.models import SizeEvidence
from livingreview.tables.synthesis import SizesLearnt

SETS = {"default": priors(), "wide": priors("normal(0, 2)", "half_normal(1)")}


def judged(*studies) -> pd.Series:
    data = data_of(*studies)
    case = ("o", data, Specification("overall", plain_design(data), model()))
    limit = math.log(1.1)
    pooled, _ = integrate_models([case], limit)
    evidence = SizeEvidence.validate(size_evidence([case], pooled, SETS, limit))
    [row] = SizesLearnt.validate(sizes_learnt(evidence, SIZE_RULE, ODDS_RATIO)).to_dict("records")
    return pd.Series(row)


@pytest.mark.parametrize("ratio", [0.5, 1.0, 2.0, 4.0])
def test_numbers_tell_a_size_whatever_it_is(ratio):
    effect = math.log(ratio)
    row = judged(*(estimate(s, effect + 0.1 * i, 0.2) for i, s in enumerate("abcdef")))
    assert row["learnt"] and row["share_with_numbers"] == 1


@pytest.mark.parametrize("studies", [1, 2, 4, 8, 30])
def test_statements_tell_none_however_many_agree(studies):
    row = judged(*(finding(f"s{i}", 1.96, np.inf, 400) for i in range(studies)))
    assert not row["learnt"] and "too few people" in row["reason"]
    assert row["people"] == 800 * studies and row["people_with_numbers"] == 0


def test_a_new_number_makes_enough_of_them_with_its_people_and_in_the_place_of_a_statement():
    """Beside 400 people in statements 100 with a number are a fifth; 50 are beside 200."""
    data = data_of(finding("a", -1.96, 1.96, 100), finding("b", 1.96, np.inf, 100))
    people = np.array([99.0, 100.0])
    assert enough_numbers_with(data, people, SIZE_RULE).tolist() == [False, True]
    people = np.array([49.0, 50.0])
    assert enough_numbers_with(data, people, SIZE_RULE, "b/o").tolist() == [False, True]
    numbers = data_of(estimate("a", 0.1, 0.2))
    assert enough_numbers_with(numbers, np.array([1.0]), SIZE_RULE).all()


def test_people_decide_how_much_of_the_evidence_is_numbers():
    """200 of 1,000 people are a fifth; 198 of 998 are less."""
    findings = [finding(s, -1.96, 1.96, 100) for s in "abcd"]
    at_limit = judged(*findings, counts("n", 30, 100, 32, 100))
    assert at_limit["share_with_numbers"] == pytest.approx(0.2) and at_limit["learnt"]
    below = judged(*findings, counts("n", 30, 99, 32, 99))
    assert below["share_with_numbers"] == pytest.approx(198 / 998) and not below["learnt"]


def test_a_number_without_sizes_stands_for_two_equal_groups_as_precise():
    """With 100 people an arm and half of them with the outcome, s^2 is 4 / 100 + 4 / 100."""
    row = judged(estimate("e", 0.1, math.sqrt(0.08)), finding("f", -1.96, 1.96, 50))
    assert row["people_with_numbers"] == pytest.approx(200) and row["people"] == 300


def test_a_size_that_hangs_on_the_prior_is_not_learnt():
    row = judged(counts("a", 5, 6, 1, 6))
    assert row["share_with_numbers"] == 1 and row["between_priors"] > 1.25
    assert not row["learnt"] and row["reason"] == "the prior sets differ on it"


@pytest.fixture(scope="module")
def learnt() -> LearntSizes:
    rows = [
        ("a/overall", "all_studies", True),
        ("a/design", "design=x", True),
        ("a/design", "design=y", False),
        ("b/overall", "all_studies", False),
        ("b/design", "design=x", False),
        ("b/numeric_only", "all_studies", False),
    ]
    return LearntSizes(pd.DataFrame(rows, columns=["fit", "setting", "learnt"]))


@pytest.mark.parametrize(
    ("fit", "quantity", "expected"),
    [
        ("a/overall", "mu", True),
        ("a/overall", "theta_new", True),
        ("a/overall", "tau", None),
        ("a/design", "mu[design=x]", True),
        ("a/design", "theta_new[design=y]", False),
        ("a/robust", "mu", True),
        ("a/all_moderators", "mu[design=x]", True),
        ("b/design", "mu[design=x]", False),
        ("b/numeric_only", "mu", False),
        ("b/robust", "mu", False),
        ("joint/all", "mu[a]", True),
        ("joint/all", "mu[b]", False),
        ("joint/all", "contrast[a_minus_b]", False),
        ("joint/all", "correlation[a,b]", None),
    ],
)
def test_each_quantity_has_the_answer_of_its_setting_and_of_all_studies(
    learnt, fit, quantity, expected
):
    assert learnt.of_quantity(fit, quantity) is expected


def test_the_integrated_answer_is_printed_where_there_is_one():
    pooled = pd.DataFrame(
        {
            "fit": ["f", "f", "f"],
            "quantity": ["mu", "mu", "printed"],
            "engine": ["nuts", "quadrature", "nuts"],
            "q50": [0.1, 0.2, 0.3],
            "q2_5": [0.0, 0.1, 0.2],
            "q97_5": [0.4, 0.5, 0.6],
        }
    )
    answers = printed(pooled)
    assert answers["engine"].to_dict() == {("f", "mu"): "quadrature", ("f", "printed"): "nuts"}
    assert interval("x", answers.loc[("f", "mu")]) == {"x": 0.2, "x_low": 0.1, "x_high": 0.5}


def test_no_choice_of_studies_has_a_size_that_all_studies_do_not_have():
    rows = [("a/overall", 0.0), ("a/numeric_only", 1.0), ("b/overall", 0.5), ("b/design", 1.0)]
    evidence = pd.DataFrame(rows, columns=["fit", "people_with_numbers"])
    evidence = evidence.assign(
        setting="all_studies", people=1.0, all_numbers=False, median_first=0.1, median_second=0.1
    )
    judged = sizes_learnt(evidence, SIZE_RULE, ODDS_RATIO).set_index("fit")
    assert judged["learnt"].to_dict() == {
        "a/overall": False, "a/numeric_only": False, "b/overall": True, "b/design": True,
    }  # fmt: skip
    assert judged.loc["a/numeric_only", "reason"] == "all studies together do not tell it"
