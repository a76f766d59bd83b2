"""Ratios of unknown control share: counts of other studies inform them in stage 6 as in stage 3."""

import pandas as pd
import pytest
from made_up_fits import priors

from livingreview.effects.data_set import dataset
from livingreview.effects.design_matrix import design_matrix
from livingreview.models.quadrature.engine import answer
from livingreview.protocol.outcomes import BaselinePriors, Shares
from livingreview.protocol.priors import Prior
from livingreview.sensitivity.assumptions import assumptions_to_vary
from livingreview.sensitivity.choices import Choice, OutcomeChoices
from livingreview.sensitivity.integration import ChoiceIntegrator
from livingreview.tables.effects import AlternativeTerms, Terms

ARMS = BaselinePriors(
    findings=Prior.parse("normal(-1, 0.8)"),
    counts=Prior.parse("normal(-1, 10)"),
    shares=Shares(location=Prior.parse("normal(-1, 0.8)"), spread=0.4, reason="made up"),
)
LIMIT = 0.1


def ratio(study, value, error):
    row = {"study_id": study, "effect_id": f"{study}/o", "likelihood": "ratio", "kind": "estimate"}
    row |= {"value": value, "standard_error": error, "measure": "risk_ratio"}
    return row | {"baseline_id": f"{study}/o"}


def arm(study, treated, events):
    row = {"study_id": study, "effect_id": f"{study}/o" if treated else None, "kind": "counts"}
    row |= {"likelihood": "binomial", "baseline_id": f"{study}/c", "treated": treated}
    return row | {"events": events, "total": 1000.0}


@pytest.fixture(scope="module")
def outcome():
    # Nearly half of the controls, where the prior expects three in ten.
    rows = [ratio("a", 0.5, 0.2), ratio("b", 0.7, 0.15), ratio("c", 0.3, 0.25)]
    terms = Terms.frame([*rows, arm("d", 0.0, 450.0), arm("d", 1.0, 580.0)])
    return OutcomeChoices(
        "o",
        terms,
        AlternativeTerms.frame([]),
        pd.DataFrame({"study_id": list("abcd"), "year": 2000, "moderator_design": "experimental"}),
        assumptions_to_vary(terms, ARMS, {}, 0.5),
        {"planned": priors()},
        "lower",
    )


@pytest.mark.parametrize("without", [set(), {"a"}])
def test_an_analysis_is_that_of_the_studies_that_it_has(outcome, without):
    choice = Choice("planned", without=frozenset(without))
    [found] = ChoiceIntegrator(outcome).pooled([choice], LIMIT).to_dict("records")
    data = dataset(outcome.terms[~outcome.terms["study_id"].isin(without)], ARMS)
    design = design_matrix(pd.DataFrame({"study_id": data.studies}), {})
    mu = answer(data, design, priors(), LIMIT).quantities["mu"]
    for column in ("q2_5", "q50", "q97_5"):
        assert found[column] == pytest.approx(mu[column], abs=2e-4), column
