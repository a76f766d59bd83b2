"""Contrasts of two outcomes: which studies answer, and when a question is settled."""

import math

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from made_up_fits import estimate, model, terms_of
from test_decisions import RULES

from livingreview.base.measures import ODDS_RATIO
from livingreview.models.quadrature.contrasts import ANSWER, chosen, integrate_contrasts
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.priors import Prior
from livingreview.synthesis.contrasts import contrast_table
from livingreview.synthesis.size import LearntSizes

BASELINE = BaselinePriors(
    findings=Prior.parse("normal(-1, 0.5)"), counts=Prior.parse("normal(0, 10)")
)
PAIR = ["limbs", "falls"]
KEY = "limbs_minus_falls"
BOTH = [estimate(f"b{i}", 1.6, 0.25) for i in range(4)]
# Studies of one outcome only that lie far from the others.
ALONE = [estimate(f"a{i}", -2.0, 0.25) for i in range(5)]


def integrated(limbs, falls, lkj=2.0):
    terms = {"limbs": terms_of(*limbs), "falls": terms_of(*falls), "other": terms_of()}
    joint = {"all": model("joint", lkj=lkj, differences={KEY: PAIR})}
    return integrate_contrasts(terms, joint, dict.fromkeys(terms, BASELINE), 0.5, math.log(1.1))


def fit(outcomes, counts, contrast):
    posterior = xr.Dataset(
        {
            "mu": (("chain", "draw", "outcome"), np.zeros((1, contrast.size, len(outcomes)))),
            "contrast": (("chain", "draw", "difference"), contrast[None, :, None]),
        },
        {"outcome": outcomes, "difference": [KEY]},
        {"setting_studies": counts},
    )
    return xr.DataTree.from_dict({"posterior": posterior})


def fits(of_both, of_all):
    return [
        ("limbs/overall", xr.DataTree.from_dict({"posterior": xr.Dataset({"mu": 0.0})})),
        ("joint/all", fit([*PAIR, "other"], [9, 4, 2], of_all)),
        (f"joint/{KEY}", fit(PAIR, [4, 4], of_both)),
    ]


def table_of(sampled, answers, learnt=True):
    sizes = pd.DataFrame({"fit": [f"{name}/overall" for name in PAIR], "learnt": learnt})
    sizes = LearntSizes(sizes.assign(setting="all_studies"))
    return contrast_table(sampled, answers, RULES, ODDS_RATIO, sizes).to_dict("records")


UP, OPEN = np.linspace(-0.01, 1, 400), np.linspace(-1, 1, 400)


@pytest.mark.slow
def test_the_answer_is_that_of_studies_with_both_outcomes_and_all_are_told_beside_it():
    falls = [estimate(f"b{i}", 0.0, 0.25) for i in range(4)]
    table = integrated([*BOTH, *ALONE], falls)
    [row] = table_of(fits(OPEN, OPEN), table)
    assert row["engine"] == "quadrature"
    assert (row["studies"], row["all_studies"]) == (4, 4)
    assert row["comparison"] == pytest.approx(math.exp(1.5), rel=0.2)
    # Studies of limbs alone turn the sign: that is a difference between studies.
    assert row["all_comparison"] < 1 < row["uncorrelated_comparison"]
    assert (row["step"], row["settled"]) == ("clear", False)
    # With all studies as those that report both, the question is settled.
    alike = table[table["studies_used"] == "both"]
    alike = pd.concat([alike, alike.assign(studies_used="all")])
    [row] = table_of(fits(OPEN, OPEN), alike)
    assert row["settled"]
    assert row["all_comparison"] == row["comparison"]
    # The answer also stands among all pooled quantities.
    names = {f"contrast[{KEY}]", "mu[limbs]", "mu[falls]", "tau[limbs]", "tau[falls]"}
    assert set(chosen(table, ANSWER)["quantity"]) == names


def test_no_study_with_both_outcomes_and_no_answer():
    table = integrated(ALONE[:2], [estimate("b0", 0.0, 0.2)])
    assert table.empty
    only_all = fits(UP, UP)[:2]
    assert table_of(only_all, table) == []


@pytest.mark.parametrize(
    ("of_both", "of_all", "settled"),
    [(UP, UP, True), (-UP, -UP, True), (UP, OPEN, False), (OPEN, UP, False), (UP, -UP, False)],
)
def test_where_integration_cannot_serve_draws_do_and_both_must_agree(of_both, of_all, settled):
    nothing = integrated(ALONE[:2], [estimate("b0", 0.0, 0.2)])
    [row] = table_of(fits(of_both, of_all), nothing)
    assert row["engine"] == "nuts"
    assert (row["studies"], row["all_studies"]) == (4, 4)
    assert row["p_above"] == np.mean(of_both > 0)
    assert row["all_p_above"] == np.mean(of_all > 0)
    assert row["settled"] is settled
    assert pd.isna(row["uncorrelated_comparison"])


def test_without_the_sizes_of_both_outcomes_a_contrast_has_a_direction_alone():
    nothing = integrated(ALONE[:2], [estimate("b0", 0.0, 0.2)])
    [row] = table_of(fits(UP, UP), nothing, learnt=[True, False])
    assert not row["size_learnt"] and row["p_above"] == np.mean(UP > 0)
    assert pd.isna([row["comparison"], row["all_comparison_high"]]).all()


def test_two_studies_with_both_settle_nothing():
    few = fits(UP, UP)
    few[2] = (f"joint/{KEY}", fit(PAIR, [2, 2], UP))
    nothing = integrated(ALONE[:2], [estimate("b0", 0.0, 0.2)])
    [row] = table_of(few, nothing)
    assert (row["step"], row["settled"]) == ("few_studies", False)
