"""A verdict on a moderator is never stronger than what the studies can teach."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from decision_rules import MODERATOR_RULES as RULES
from decision_rules import NO_SIZES
from made_up_fits import BASELINE

from livingreview.base.measures import ODDS_RATIO
from livingreview.effects.data_set import dataset
from livingreview.effects.design_matrix import DesignMatrix, design_matrix
from livingreview.models.horseshoe import coefficient_sd
from livingreview.models.quadrature.engine import STATISTICS
from livingreview.models.quadrature.normal import NormalTerms, integrate
from livingreview.protocol.models import ModelSpecification, Priors
from livingreview.protocol.moderators import Coding
from livingreview.protocol.priors import Prior
from livingreview.synthesis.aliasing import Aliasing
from livingreview.synthesis.moderator_verdicts import (
    CoefficientEvidence,
    ModeratorTables,
    coefficient_prior_sd,
    moderator_verdict,
    moderators_table,
    sides,
    sign_changes,
)
from livingreview.tables.synthesis import Moderators

APART = Aliasing(condition_index=10.0, aliased_with=())
# Exactly at every border of `supported`.
BORDER = CoefficientEvidence(
    p_direction=0.975,
    likelihood_error=1.0,
    fewest_studies=3,
    level_known=True,
    aliasing=APART,
    sign_changes=(),
)
BELOW = 1e-9


def test_at_every_border_it_is_supported():
    assert moderator_verdict(BORDER, RULES) == ("supported", "nothing stands in the way")


@pytest.mark.parametrize(
    ("change", "verdict", "reason"),
    [
        ({"p_direction": 0.975 - BELOW}, "suggested", "probability of one direction"),
        ({"p_direction": 0.9}, "suggested", "probability of one direction"),
        ({"p_direction": 0.9 - BELOW}, "no_clear_difference", "probability of one direction"),
        ({"likelihood_error": None}, "suggested", "standard error not known"),
        ({"likelihood_error": 1.0 + BELOW}, "not_learnable", "standard error"),
        ({"likelihood_error": 1.0, "p_direction": 0.5}, "no_clear_difference", "probability"),
        ({"fewest_studies": 2}, "suggested", "2 studies on one side"),
        ({"fewest_studies": 1}, "not_learnable", "1 study on one side"),
        ({"level_known": False}, "not_learnable", "do not tell"),
        (
            {"aliasing": Aliasing(1.0, ("other",))},
            "suggested",
            "cannot be told apart from another moderator",
        ),
        (
            {"aliasing": Aliasing(10.0 + BELOW, ())},
            "suggested",
            "cannot be told apart from the others together",
        ),
        ({"aliasing": Aliasing(math.inf, ())}, "suggested", "cannot be told apart"),
        ({"sign_changes": ("one",)}, "no_clear_difference", "another sign"),
        ({"sign_changes": None}, "suggested", "not seen with each study left out"),
    ],
)
def test_each_thing_that_is_missing_weakens_it(change: dict, verdict: str, reason: str):
    found, words = moderator_verdict(replace(BORDER, **change), RULES)
    assert found == verdict
    assert words.startswith(reason) or reason in words


def test_certainty_of_the_sign_cannot_make_up_for_anything_else():
    certain = replace(BORDER, p_direction=1.0, likelihood_error=0.1, fewest_studies=50)
    assert moderator_verdict(certain, RULES)[0] == "supported"
    for change in (
        {"fewest_studies": 2},
        {"aliasing": Aliasing(1.0, ("other",))},
        {"aliasing": Aliasing(11.0, ())},
        {"sign_changes": ("one",)},
        {"sign_changes": None},
        {"likelihood_error": None},
        {"level_known": False},
    ):
        assert moderator_verdict(replace(certain, **change), RULES)[0] != "supported"


def test_all_that_is_missing_is_named():
    thin = replace(
        BORDER, fewest_studies=1, likelihood_error=1.2, p_direction=0.9, level_known=False
    )
    assert len(moderator_verdict(thin, RULES)[1].split("; ")) == 3


def model(kind: str = "hierarchical", beta: str = "normal(0, 0.5)", **more) -> ModelSpecification:
    priors = Priors(
        mu=Prior.parse("normal(0, 1)"),
        beta=Prior.parse(beta),
        tau=Prior.parse("half_normal(0.5)"),
    )
    return ModelSpecification(kind=kind, priors=priors, moderators={}, **more)


@pytest.mark.long
def test_prior_spread_of_each_kind():
    assert coefficient_prior_sd(model()) == 0.5
    assert coefficient_prior_sd(model(beta="student_t(4, 0, 0.5)")) == pytest.approx(
        0.5 * math.sqrt(2)
    )
    shrunk = model("shrinkage", global_scale=0.25)
    assert coefficient_prior_sd(shrunk) == coefficient_sd(0.25, 0.5)


def test_sides_of_a_slope_are_those_of_its_mean():
    # One study far from all others stands alone.
    table = pd.DataFrame({"study_id": list("abcd"), "moderator_x": [1.0, 2.0, 3.0, 90.0]})
    coding = Coding(kind="numeric", centre=0.0, per=10.0)
    assert sides(design_matrix(table, {"x": coding}), 0) == (1, 3)


def test_sides_of_a_level_are_its_studies_and_those_of_the_reference():
    levels = ["low", "low", "low", "middle", "high", "high"]
    table = pd.DataFrame({"study_id": list("abcdef"), "moderator_x": levels})
    coding = Coding(kind="categorical", levels=["low", "middle", "high"])
    design = design_matrix(table, {"x": coding})
    assert [sides(design, i) for i in range(2)] == [(1, 3), (2, 3)]


def test_sign_changes_name_the_studies():
    left_out = pd.DataFrame(
        {
            "fit": ["o/m"] * 3 + ["o/other"],
            "study_id": ["a", "b", "c", "a"],
            "quantity": ["beta[x=yes]"] * 3 + ["beta[x=yes]"],
            "q50": [0.2, -0.1, 0.3, -9.0],
        }
    )
    assert sign_changes(left_out, "o/m", "x=yes", 0.25) == ("b",)
    assert sign_changes(left_out, "o/m", "x=yes", -0.25) == ("a", "c")
    assert sign_changes(left_out, "o/unseen", "x=yes", 0.25) is None


# A simulated review of 24 studies: `real` changes the effect and goes with nothing else,
# `noise` does not change it, `odd` is carried by one study with an effect of its own, `twin` is
# `real` but for one study.
STUDIES = 24
TWO = Coding(kind="categorical", levels=["no", "yes"])


def simulated_studies() -> pd.DataFrame:
    position = np.arange(STUDIES)
    levels = {
        "real": position < 12,
        "noise": position % 2 == 0,
        "odd": position == 5,
        "twin": (position < 12) & (position != 3),
    }
    table = {f"moderator_{n}": np.where(v, "yes", "no") for n, v in levels.items()}
    return pd.DataFrame({"study_id": [f"s{i:02}" for i in position], **table})


def simulated_terms(seed: int, studies: pd.DataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    effect = 0.9 * (studies["moderator_real"] == "yes") - 2.0 * (studies["moderator_odd"] == "yes")
    empty = ("treated", "events", "total", "z_low", "z_high", "n_treated", "n_control")
    error = rng.uniform(0.1, 0.3, STUDIES)
    truth = effect + rng.normal(0, 0.2, STUDIES)
    return pd.DataFrame(
        {
            "effect_id": studies["study_id"] + "/e",
            "study_id": studies["study_id"],
            "outcome": "o",
            "likelihood": "normal",
            "kind": "estimate",
            "baseline_id": None,
            "value": truth + rng.normal(0, error),
            "standard_error": error,
            **dict.fromkeys(empty, np.nan),
        }
    )


def integrated(table: pd.DataFrame, design: DesignMatrix) -> pd.DataFrame:
    """Posterior of the coefficient, of all studies and then without each in turn."""
    fits = STUDIES + 1
    included = np.vstack([np.ones(STUDIES, dtype=bool), ~np.eye(STUDIES, dtype=bool)])
    columns = np.column_stack([np.ones(STUDIES), design.columns])
    terms = NormalTerms(
        value=np.tile(table["value"], (fits, 1)),
        error=np.tile(table["standard_error"], (fits, 1)),
        columns=np.tile(columns, (fits, 1, 1)),
        included=included,
    )
    settings = np.column_stack([np.ones(2), design.setting_columns])
    beta = integrate(terms, model().priors, settings, math.log(1.1)).coefficients[1]
    figures = pd.DataFrame(beta.quantiles, columns=list(STATISTICS))
    above = np.clip(beta.above, 0, 1)
    return figures.assign(sd=beta.sd, p_above_zero=above, p_below_zero=1 - above)


@cache
def judged(seed: int, names: tuple[str, ...]) -> pd.DataFrame:
    """Verdicts on one simulated review, by integration, each study left out in turn."""
    studies = simulated_studies()
    terms = simulated_terms(seed, studies)
    pooled, left_out = [], []
    for name in names:
        key = {"fit": f"o/{name}", "quantity": f"beta[{name}=yes]"}
        figures = integrated(terms, design_matrix(studies, {name: TWO}))
        pooled.append(key | {"engine": "nuts"} | figures.iloc[0].to_dict())
        for study, q50 in zip(studies["study_id"], figures["q50"].iloc[1:], strict=True):
            left_out.append(key | {"study_id": study, "q50": q50})
    models = {name: model().model_copy(update={"moderators": {name: TWO}}) for name in names}
    tables = pd.DataFrame(pooled), pd.DataFrame(left_out)
    codings = dict.fromkeys(names, TWO)
    data = {"o": dataset(terms, BASELINE)}
    results = ModeratorTables(*tables, {"o": terms}, {"o": studies}, data)
    found = moderators_table(results, models, codings, RULES, ODDS_RATIO, NO_SIZES)
    return Moderators.validate(found).set_index("moderator")


SEEDS = range(20)


@pytest.mark.long
def test_what_the_studies_can_teach_is_supported():
    verdicts = [judged(seed, ("real", "noise", "odd")).loc["real", "verdict"] for seed in SEEDS]
    assert verdicts.count("supported") >= 16
    ratios = [judged(seed, ("real", "noise", "odd")).loc["real", "comparison"] for seed in SEEDS]
    # The odd study pulls the average of its side down by 2 / 12; the prior pulls too.
    assert 0.55 < np.log(ratios).mean() < 0.9


@pytest.mark.long
def test_what_changes_nothing_is_seldom_supported():
    verdicts = [judged(seed, ("real", "noise", "odd")).loc["noise", "verdict"] for seed in SEEDS]
    assert verdicts.count("supported") <= 2  # 5% of 20 is 1
    assert verdicts.count("no_clear_difference") >= 14


def test_what_one_study_carries_is_never_learnable_however_far_it_lies():
    tables = [judged(seed, ("real", "noise", "odd")) for seed in SEEDS]
    assert all(table.loc["odd", "verdict"] == "not_learnable" for table in tables)
    assert max(table.loc["odd", "p_direction"] for table in tables) > 0.975
    assert tables[0].loc["odd", ["studies_level", "studies_reference"]].tolist() == [1, 23]


@pytest.mark.long
def test_what_has_a_twin_is_never_supported_and_the_twin_is_named():
    for seed in SEEDS[:8]:
        table = judged(seed, ("real", "noise", "odd", "twin"))
        assert table.loc["real", "aliased_with"] == "twin"
        assert table.loc["twin", "aliased_with"] == "real"
        assert table.loc["real", "verdict"] != "supported"
        assert table.loc["real", "p_direction"] > 0.975
