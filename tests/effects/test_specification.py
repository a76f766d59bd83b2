"""A model of the numbers alone, where there is nothing else."""

import pandas as pd
import pytest

from livingreview.effects.specification import specify
from livingreview.protocol.models import ModelSpecification, Priors
from livingreview.protocol.priors import Prior

PLAIN = ModelSpecification(
    moderators={},
    priors=Priors(
        mu=Prior.parse("normal(0, 1)"),
        beta=Prior.parse("normal(0, 1)"),
        tau=Prior.parse("half_normal(1)"),
    ),
)
SCEPTICAL = PLAIN.priors.model_copy(update={"mu": Prior.parse("normal(0, 0.2)")})
STUDIES = pd.DataFrame({"study_id": ["a", "b"], "effect_id": [None, None]})


@pytest.mark.parametrize(
    ("kinds", "options", "reason"),
    [
        # How a sampler steps is no other model.
        (["counts", "test"], {"target_accept": 0.99}, "the same as the model `overall`"),
        (["counts", "test"], {"priors": SCEPTICAL}, None),
        (["counts", "finding"], {}, None),
    ],
)
def test_numbers_alone_are_not_fitted_twice(kinds, options, reason):
    terms = STUDIES.assign(effect_id=["a/o", "b/o"], kind=kinds)
    numbers = PLAIN.model_copy(update={"only_numeric": True} | options)
    # Wherever in the protocol the other model stands.
    for models in (
        {"overall": PLAIN, "numeric_only": numbers},
        {"numeric_only": numbers, "overall": PLAIN},
    ):
        specifications, statuses = specify(models, STUDIES, terms)
        row = statuses.set_index("model").loc["numeric_only"]
        assert "overall" in [s.name for s in specifications]
        assert ("numeric_only" in [s.name for s in specifications]) == (reason is None)
        if reason:
            assert row["reason"] == f"every study reports a number: {reason}"


@pytest.mark.parametrize(
    ("at_high_risk", "reason"),
    [
        ([False, True], None),
        ([False, False], "no study is at high risk of bias"),
        ([True, True], "every study is at high risk of bias, so that none is without it"),
    ],
)
def test_bias_is_told_apart_where_some_studies_are_at_high_risk(at_high_risk, reason):
    terms = STUDIES.assign(effect_id=["a/o", "b/o"], kind="estimate")
    kappa = {"kind": "bias_adjusted", "kappa": Prior.parse("half_normal(0.5)")}
    models = {"bias_adjusted": PLAIN.model_copy(update=kappa)}
    specifications, statuses = specify(models, STUDIES.assign(at_high_risk=at_high_risk), terms)
    assert [s.high_risk for s in specifications] == ([] if reason else [frozenset({"b"})])
    found = statuses.set_index("model").loc["bias_adjusted", "reason"]
    assert found == reason if reason else pd.isna(found)
