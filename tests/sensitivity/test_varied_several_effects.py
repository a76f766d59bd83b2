"""Every sensitivity analysis serves a review in which studies give several effects."""

import numpy as np
import pandas as pd
import pytest
from decision_rules import RULES
from made_up_fits import BASELINE, plain_design, priors

from livingreview.base.measures import ODDS_RATIO
from livingreview.effects.data_set import dataset
from livingreview.models.quadrature.engine import answer
from livingreview.protocol.priors import Prior
from livingreview.protocol.sensitivity import Sensitivity
from livingreview.sensitivity.assumptions import assumptions_to_vary
from livingreview.sensitivity.choices import OutcomeChoices
from livingreview.sensitivity.sensitivity_tables import sensitivity_tables
from livingreview.tables.effects import Terms

pytestmark = pytest.mark.long

LIMIT = ODDS_RATIO.limit_on_line
CORRELATION = 0.5


def row(study, effect, likelihood, **numbers):
    return {
        "term_id": f"{study}/{effect}/{likelihood}/{numbers.get('treated', 1)}",
        "study_id": study,
        "effect_id": f"{study}/{effect}",
        "outcome": "o",
        "kind": "finding" if likelihood == "interval" else "estimate",
        "likelihood": likelihood,
    } | numbers


def finding(study, effect, low, high, n):
    numbers = {"z_low": low, "z_high": high, "n_treated": n, "n_control": n}
    return row(study, effect, "interval", baseline_id=f"{study}/{effect}", **numbers)


def review():
    rng = np.random.default_rng(8)
    rows = []
    for i, effects in enumerate((1, 3, 2, 4, 1, 2)):
        for j in range(effects):
            value, error = float(rng.normal(0.3, 0.3)), float(rng.uniform(0.15, 0.4))
            rows.append(row(f"s{i}", j, "normal", value=value, standard_error=error))
    rows.append(finding("s4", 1, 0.0, 1.96, 120.0))
    rows.append(finding("s5", 2, -1.96, 1.96, 90.0))
    return Terms.frame(rows)


@pytest.fixture(scope="module")
def tables():
    terms = review()
    names = sorted(terms["study_id"].unique())
    outcome = OutcomeChoices(
        name="o",
        terms=terms,
        alternatives=pd.DataFrame(columns=["of_effect", "piece", "choice", *Terms.columns()]),
        studies=pd.DataFrame({"study_id": names, "year": range(2000, 2000 + len(names))}),
        assumptions=assumptions_to_vary(
            terms, BASELINE, {"rare": Prior.parse("normal(-3, 0.3)")}, 0.5
        ),
        priors={"planned": priors(), "narrow": priors("normal(0, 0.3)")},
        better="lower",
    )
    rules = Sensitivity.model_validate(
        {
            "decisive_probability": 0.9,
            "most_specifications": 40,
            "most_subsets": 30,
            "fewest_studies_for_clusters": 4,
            "small_studies": {
                "fewest_effects": 5,
                "standard_error_per": 0.1,
                "reason": "Invented.",
            },
            "next_trial": {
                "people_per_arm": [100],
                "true_effects": [1.0],
                "power": 0.8,
                "simulations": 100,
                "reason": "Invented.",
            },
            "reason": "Invented.",
        }
    )
    return sensitivity_tables(outcome, rules, RULES, ODDS_RATIO, 1)


def test_all_tables_are_filled(tables):
    assert list(tables["told"]["status"]) == ["varied"]
    assert list(tables["small_studies"]["status"]) == ["assessed"]
    for name, table in tables.items():
        assert len(table), name
    for name in ("variations", "multiverse", "subsets"):
        assert tables[name]["stands_still"].all()


def test_each_study_left_out_is_the_fit_of_the_others(tables):
    variations = tables["variations"].set_index(["analysis", "variant"])
    terms = review()
    for left_out in (None, "s3", "s4"):
        data = dataset(terms[terms["study_id"] != left_out], BASELINE, CORRELATION)
        direct = answer(data, plain_design(data), priors(), LIMIT).quantities
        key = ("planned", "as planned") if left_out is None else ("leave_one_out", left_out)
        varied = variations.loc[key]
        for name in ("q2_5", "q50", "q97_5"):
            assert varied[name] == pytest.approx(direct["mu"][name], abs=2e-4)
        assert varied["tau"] == pytest.approx(direct["tau"]["q50"], abs=2e-4)
