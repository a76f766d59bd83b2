"""Clusters of subsets: made-up clouds, and the BCG trials."""

import numpy as np
import pandas as pd
import peers
import pytest

from livingreview.effects.terms import alternative_terms, build_terms
from livingreview.records.record_tables import extract
from livingreview.sensitivity.assumptions import assumptions_to_vary
from livingreview.sensitivity.choices import OutcomeChoices, subsets
from livingreview.sensitivity.integration import ChoiceIntegrator
from livingreview.sensitivity.sensitivity_tables import subset_clusters
from livingreview.sensitivity.small_studies import numeric_effects
from livingreview.sensitivity.subset_clusters import clusters, split

LIMIT = np.log(1.1)


def cloud(shape, size=20_000):
    rng = np.random.default_rng(7)
    return {
        "normal": rng.standard_normal(size),
        "flat": rng.uniform(-2, 2, size),
        "skewed": rng.exponential(1.0, size),
        "two humps": rng.standard_normal(size) + 4 * (rng.random(size) < 0.5),
        "unequal humps": rng.standard_normal(size) + 5 * (rng.random(size) < 0.25),
    }[shape]


@pytest.mark.parametrize(
    ("shape", "share"), [("normal", 2 / np.pi), ("flat", 0.75), ("skewed", 0.6476)]
)
def test_one_cloud_is_split_as_well_as_theory_says(shape, share):
    # Engelman and Hartigan 1969; for the exponential, the best quantiser of two levels.
    effect = cloud(shape)
    found = split(effect, np.full(effect.size, 0.3))
    assert found.separation == pytest.approx(share, abs=0.01)
    if shape != "flat":
        assert found.verdict == "one_cloud"


@pytest.mark.parametrize("shape", ["two humps", "unequal humps"])
def test_two_humps_are_two_clusters(shape):
    effect = cloud(shape)
    found = split(effect, 0.1 * cloud("normal"))
    assert found.verdict == "two_clusters"
    middle = 2.0 if shape == "two humps" else 2.5
    assert (found.second == (effect > middle)).mean() > 0.98


def test_the_study_that_divides_the_subsets_is_named():
    rng = np.random.default_rng(3)
    members = pd.DataFrame(rng.random((4000, 5)) < 0.5, columns=list("abcde"))
    effect = 0.1 * rng.standard_normal(4000) - 1.0 * members["d"]
    found = clusters(members, effect.to_numpy(), np.full(4000, 0.2))
    assert set(found["study_id"]) == {"d"}
    assert found["share_with_study"].tolist() == pytest.approx([1.0, 0.0], abs=0.01)
    assert found["centre"].tolist() == pytest.approx([-1.0, 0.0], abs=0.01)


def bcg():
    protocol, records = peers.protocol(), peers.records()
    baselines = {name: o.assumed for name, o in protocol.outcomes.items()}
    tables = extract(records, baselines, list(protocol.moderators), ["allocation"])
    terms = build_terms(records, tables.effects, baselines)
    planned = protocol.outcomes["tuberculosis"].priors
    return ChoiceIntegrator(
        OutcomeChoices(
            name="tuberculosis",
            terms=terms,
            alternatives=alternative_terms(records, tables.effects, baselines),
            studies=tables.studies,
            assumptions=assumptions_to_vary(terms, planned, {}, 0.5),
            priors=protocol.prior_sets_planned_first(),
            better="lower",
        )
    )


@pytest.mark.long
def test_subsets_of_the_bcg_trials_fall_in_two_by_the_madras_trial():
    analyses = bcg()
    chosen = subsets(analyses.outcome, 2**15, seed=1)
    assert len(chosen) == 2**13 - 1
    effect = analyses.common_effects(chosen)
    names = analyses.outcome.study_names
    members = pd.DataFrame([[n not in c.without for n in names] for c in chosen], columns=names)
    found = clusters(members, effect, np.zeros(len(chosen)))
    assert set(found["verdict"]) == {"two_clusters"}
    # The largest trial found nothing, and where size alone weighs it decides the answer.
    assert set(found["study_id"]) == {"tpt_madras_1980"}
    assert found["share_with_study"].tolist() == pytest.approx([0.0, 0.85], abs=0.02)
    # Inverse-variance means of the same subsets, by their textbook formula, divide alike.
    effects = numeric_effects(analyses.outcome.terms).set_index("study_id").loc[names]
    weight = members.to_numpy() / effects["error"].to_numpy() ** 2
    by_hand = (weight @ effects["value"].to_numpy()) / weight.sum(axis=1)
    again = split(by_hand, np.zeros(len(chosen)))
    assert again.verdict == "two_clusters"
    ours = effect > effect[split(effect, np.zeros(len(chosen))).second].min() - 1e-12
    assert (again.second == ours).mean() > 0.98


@pytest.mark.slow
def test_the_hierarchical_model_sees_one_cloud_of_bcg_subsets():
    analyses = bcg()
    chosen = subsets(analyses.outcome, 2**15, seed=1)
    table = analyses.pooled(chosen, LIMIT).assign(common_effect=analyses.common_effects(chosen))
    found = subset_clusters(analyses.outcome.study_names, chosen, table).set_index(
        ["pooling", "cluster"]
    )
    assert set(found.loc["hierarchical", "verdict"]) == {"one_cloud"}
    assert set(found.loc["common_effect", "verdict"]) == {"two_clusters"}
    assert set(found.loc["common_effect", "study_id"]) == {"tpt_madras_1980"}
