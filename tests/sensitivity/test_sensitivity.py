"""Every choice varied: by construction where the answer is known, and against single fits."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from livingreview.effects.data_set import dataset
from livingreview.effects.design_matrix import design_matrix
from livingreview.models.quadrature.engine import answer
from livingreview.protocol.models import Priors
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.priors import Prior
from livingreview.sensitivity.assumptions import assumptions_to_vary
from livingreview.sensitivity.choices import (
    Choice,
    OutcomeChoices,
    choice_columns,
    multiverse,
    subsets,
    variations,
)
from livingreview.sensitivity.integration import ChoiceIntegrator
from livingreview.sensitivity.sensitivity_tables import multiverse_summary, variance_shares
from livingreview.tables.effects import Terms

LIMIT = math.log(1.1)
BASELINE = BaselinePriors(
    findings=Prior.parse("normal(-1, 0.5)"), counts=Prior.parse("normal(0, 10)")
)
EMPTY = Terms.columns()


def priors(mu):
    return Priors(
        mu=Prior.parse(mu), beta=Prior.parse("normal(0, 1)"), tau=Prior.parse("half_normal(0.5)")
    )


def row(study, **numbers):
    """One term of one study."""
    common = dict.fromkeys(EMPTY) | {"term_id": f"{study}/t", "effect_id": f"{study}/o"}
    common |= {"study_id": study, "outcome": "o", "kind": "estimate", "alternative": "r"}
    return common | {"likelihood": "normal", "formula": "f", "arm": None} | numbers


def finding(study, low, high, n):
    numbers = {"z_low": low, "z_high": high, "n_treated": n, "n_control": n}
    return row(study, kind="finding", likelihood="interval", baseline_id=f"{study}/o", **numbers)


@pytest.fixture(scope="module")
def analyses():
    terms = [
        row("a", value=0.5, standard_error=0.2),
        row("b", value=-0.1, standard_error=0.3),
        finding("c", 1.96, np.inf, 150.0),
    ]
    other = {"of_effect": "b/o", "piece": 1, "choice": "other"}
    alternatives = [row("b", value=-0.8, standard_error=0.3) | other]
    studies = {"study_id": ["a", "b", "c"], "year": [2003, 2001, 2002]}
    designs = {"moderator_design": ["experimental", "quasi_experimental", "experimental"]}
    return ChoiceIntegrator(
        OutcomeChoices(
            name="o",
            terms=pd.DataFrame(terms),
            alternatives=pd.DataFrame(alternatives),
            studies=pd.DataFrame(studies | designs),
            assumptions=assumptions_to_vary(
                Terms.frame(terms), BASELINE, {"rare": Prior.parse("normal(-3, 0.3)")}, 0.5
            ),
            priors={"planned": priors("normal(0, 1)"), "narrow": priors("normal(0, 0.2)")},
            better="lower",
        )
    )


@pytest.mark.long
def test_each_variation_is_the_fit_of_the_changed_data(analyses):
    terms = analyses.outcome.terms
    changed = terms.copy()
    changed.loc[1, "value"] = -0.8
    rare = BASELINE.model_copy(update={"findings": Prior.parse("normal(-3, 0.3)")})
    expected = {
        ("planned", "as planned"): (terms, BASELINE, "planned"),
        ("leave_one_out", "a"): (terms.iloc[[1, 2]], BASELINE, "planned"),
        ("priors", "narrow"): (terms, BASELINE, "narrow"),
        ("baseline", "rare"): (terms, rare, "planned"),
        ("design", "experimental"): (terms.iloc[[0, 2]], BASELINE, "planned"),
        ("evidence", "numbers"): (terms.iloc[:2], BASELINE, "planned"),
        ("route", "b: piece 2, estimate: other"): (changed, BASELINE, "planned"),
        ("cumulative", "c"): (terms.iloc[1:], BASELINE, "planned"),
    }
    named = variations(analyses.outcome)
    found = analyses.pooled([choice for *_, choice in named], LIMIT)
    assert found["stands_still"].all()
    rows = {key[:2]: found.loc[i] for i, key in enumerate(named)}
    assert len(rows) == 12
    for key, (frame, baseline, prior_set) in expected.items():
        data = dataset(frame, baseline)
        design = design_matrix(pd.DataFrame({"study_id": data.studies}), {})
        mu = answer(data, design, analyses.outcome.priors[prior_set], LIMIT).quantities["mu"]
        for column in ("q2_5", "q50", "q97_5", "p_above_zero"):
            assert rows[key][column] == pytest.approx(mu[column], abs=2e-4), (key, column)


def test_studies_are_added_oldest_first(analyses):
    added = [
        (v, analyses.outcome.included_studies(c))
        for a, v, c in variations(analyses.outcome)
        if a == "cumulative"
    ]
    assert added == [("b", ["b"]), ("c", ["b", "c"]), ("a", ["b", "c", "a"])]


def test_multiverse_is_the_product_of_all_choices_or_a_part_of_it(analyses):
    # 2 priors, 2 baselines, 2 designs, 2 kinds of evidence, 3 studies or none out, 2 routes.
    choices, possible = multiverse(analyses.outcome, 1000, seed=1)
    assert possible == 2 * 2 * 2 * 2 * 4 * 2
    # Numbers from experiments: only study a; without it nothing is left.
    assert len(choices) == possible - 2 * 2 * 2
    assert len(set(choices)) == len(choices)
    part, _ = multiverse(analyses.outcome, 20, seed=1)
    assert len(part) <= 20
    assert set(part) < set(choices)
    assert multiverse(analyses.outcome, 20, seed=1) == multiverse(analyses.outcome, 20, seed=1)


def test_the_choice_that_moves_the_answer_is_named():
    table = pd.DataFrame({"priors": list("aabb"), "baseline": list("xyxy")})
    effect = pd.Series([0.0, 0.1, 1.0, 1.1])
    shares = variance_shares(table, effect)
    assert shares["priors"] == pytest.approx(1.0 / 1.01)
    assert shares["baseline"] == pytest.approx(0.01 / 1.01)
    pooled = pd.DataFrame({"q50": effect, "p_above_zero": [0.5, 0.6, 0.95, 0.99]})
    pooled["p_below_zero"] = 1 - pooled["p_above_zero"]
    summary = multiverse_summary(table, pooled, 0.9)
    assert summary["choice_that_matters_most"] == "priors"
    assert summary["decisively_above"] == 0.5
    assert summary["decisively_below"] == 0.0


def test_all_subsets_or_some(analyses):
    every = subsets(analyses.outcome, 10, seed=1)
    assert sorted(len(analyses.outcome.included_studies(choice)) for choice in every) == [
        1,
        1,
        1,
        2,
        2,
        2,
        3,
    ]
    assert 1 <= len(subsets(analyses.outcome, 4, seed=1)) <= 4


def named(studies: int, second_route: bool = False) -> ChoiceIntegrator:
    """Studies that differ in name and effect only, each perhaps to be read in a second way."""
    names = [f"s{i:02d}" for i in range(studies)]
    terms = [row(name, value=0.1 * (i % 16), standard_error=0.3) for i, name in enumerate(names)]
    other = [
        row(name, value=0.2, standard_error=0.3)
        | {"of_effect": f"{name}/o", "piece": 1, "choice": "other"}
        for name in names
    ]
    alternatives = pd.DataFrame(other)
    return ChoiceIntegrator(
        OutcomeChoices(
            name="o",
            terms=pd.DataFrame(terms),
            alternatives=alternatives if second_route else alternatives.iloc[:0],
            studies=pd.DataFrame({"study_id": names, "year": range(studies)}),
            assumptions=assumptions_to_vary(Terms.frame(terms), BASELINE, {}, 0.5),
            priors={"planned": priors("normal(0, 1)")},
            better="lower",
        )
    )


@pytest.mark.long
@pytest.mark.parametrize(("studies", "most", "found"), [(15, 2**15, 2**15 - 1), (16, 2**15, 2**15)])
def test_fifteen_studies_and_more_have_as_many_subsets_as_are_asked_for(studies, most, found):
    chosen = subsets(named(studies).outcome, most, seed=1)
    assert len(set(chosen)) == len(chosen) == found
    # Every study is in about half of them.
    without = np.mean([[f"s{i:02d}" in c.without for i in range(studies)] for c in chosen], axis=0)
    np.testing.assert_allclose(without, 0.5, atol=0.02)


@pytest.mark.slow
def test_subsets_of_sixteen_studies_are_integrated():
    analyses = named(16)
    chosen = subsets(analyses.outcome, 2**15, seed=1)
    pooled = analyses.pooled(chosen, LIMIT)
    assert pooled["stands_still"].all()
    assert len(pooled) == 2**15


@pytest.mark.long
def test_pooled_as_if_studies_had_one_effect(analyses):
    only_numbers = replace(analyses.outcome.planned, evidence="numbers")
    every = [only_numbers, analyses.outcome.planned]
    numbers, planned = analyses.common_effects(every)
    precision = 1 + 1 / 0.2**2 + 1 / 0.3**2
    assert numbers == pytest.approx((0.5 / 0.2**2 - 0.1 / 0.3**2) / precision, abs=1e-6)
    # With a finding: a dense sum over the effect, all of it in its own tail probability.
    theta = np.linspace(-4, 4, 20_001)
    logit = -1 + 0.5 * np.linspace(-6, 6, 201)
    weight = np.exp(-0.5 * np.linspace(-6, 6, 201) ** 2)
    p0, p1 = (1 / (1 + np.exp(-x)) for x in (logit[:, None], logit[:, None] + theta))
    error = np.sqrt((1 / (p0 * (1 - p0)) + 1 / (p1 * (1 - p1))) / 150)
    of_finding = (weight[:, None] * stats.norm.sf(1.96 - theta / error)).sum(axis=0)
    density = of_finding * stats.norm.pdf(theta)
    density *= stats.norm.pdf(0.5, theta, 0.2) * stats.norm.pdf(-0.1, theta, 0.3)
    below = density.cumsum() / density.sum()
    assert planned == pytest.approx(theta[np.searchsorted(below, 0.5)], abs=1e-3)


def test_a_baseline_that_a_study_does_not_need_changes_nothing(analyses):
    planned = analyses.outcome.planned
    both = [replace(planned, evidence="numbers", baseline=b) for b in ("as_planned", "rare")]
    found = analyses.pooled(both, LIMIT)
    pd.testing.assert_series_equal(found.loc[0], found.loc[1], check_names=False)


def test_choices_are_told_in_words(analyses):
    choice = Choice("planned", without=frozenset({"c", "a"}), routes=(("b", "piece 2"),))
    assert choice_columns([choice]).iloc[0].to_dict() == {
        "priors": "planned",
        "baseline": "as_planned",
        "design": "all",
        "evidence": "all",
        "risk_of_bias": "all",
        "follow_up": "as_planned",
        "left_out": "a c",
        "routes": "b: piece 2",
    }


def test_a_review_without_designs_varies_the_rest(analyses):
    studies = analyses.outcome.studies.drop(columns="moderator_design")
    found = variations(replace(analyses.outcome, studies=studies))
    assert "design" not in {analysis for analysis, *_ in found}
    assert "evidence" in {analysis for analysis, *_ in found}


@pytest.mark.long
def test_a_product_beyond_the_numbers_of_a_machine_is_sampled_all_the_same():
    # 2^70 ways to read the studies, times which of them is left out.
    analyses = named(70, second_route=True)
    choices, possible = multiverse(analyses.outcome, 300, seed=1)
    assert possible == 2**63 - 1
    assert len(set(choices)) == len(choices) == 300
    read_otherwise = np.mean([len(choice.routes) / 70 for choice in choices])
    assert read_otherwise == pytest.approx(0.5, abs=0.03)
    assert {len(choice.without) for choice in choices} == {0, 1}


@pytest.mark.long
def test_many_studies_are_added_in_even_steps():
    added = [choice for a, _, choice in variations(named(500).outcome) if a == "cumulative"]
    sizes = 500 - np.array([len(choice.without) for choice in added])
    assert len(sizes) == 200
    assert (sizes[0], sizes[-1]) == (1, 500)
    assert set(np.diff(sizes)) <= {2, 3}


@pytest.mark.long
def test_many_studies_have_fewer_subsets(monkeypatch):
    monkeypatch.setattr("livingreview.sensitivity.choices.MOST_MEMBERS", 16 * 100)
    assert len(subsets(named(16).outcome, 2**15, seed=1)) == 100
    assert len(subsets(named(15).outcome, 2**15, seed=1)) == 106


@pytest.mark.long
def test_leaving_one_of_many_out_is_the_fit_of_the_others():
    analyses = named(120)
    planned = analyses.outcome.planned
    without = [replace(planned, without=frozenset({f"s{i:02d}"})) for i in range(0, 120, 10)]
    together = analyses.pooled([planned, *without], LIMIT)
    for i, choice in enumerate(without, start=1):
        alone = analyses.pooled([choice], LIMIT).iloc[0]
        for column in ("q2_5", "q50", "q97_5", "p_above_zero", "tau"):
            assert together[column][i] == pytest.approx(alone[column], abs=1e-4), (choice, column)
