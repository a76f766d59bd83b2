"""Which assumptions stage 6 varies."""

import math

import numpy as np
import pytest
from made_up_fits import estimate, finding, terms_of

from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.priors import Prior
from livingreview.sensitivity.assumptions import assumptions_to_vary

PRIORS = BaselinePriors(
    findings=Prior.parse("normal(-1, 0.5)"),
    counts=Prior.parse("normal(0, 10)"),
    sizes=Prior.parse("log_normal(5, 0.7)"),
)
RARE = {"rare": Prior.parse("normal(-3, 0.3)")}


def names(*studies):
    return list(assumptions_to_vary(terms_of(*studies), PRIORS, RARE, 0.5))


def test_only_what_some_study_hangs_on_is_varied():
    of_plan = ["as_planned", "rare"]
    assert names() == of_plan
    assert names(estimate("a", 0.1, 0.2), finding("b", 0.0, np.inf, 90.0)) == of_plan
    sizes = ["half_as_many_people", "twice_as_many_people"]
    assert names(finding("a", 0.0, 1.96, np.nan)) == of_plan + sizes
    second = [row | {"effect_id": "a/second"} for row in estimate("a", 0.3, 0.2)]
    correlations = ["independent_errors", "closely_correlated_errors"]
    assert names(estimate("a", 0.1, 0.2), second) == of_plan + correlations


def test_sizes_move_by_a_factor_of_two_either_way():
    varied = assumptions_to_vary(terms_of(finding("a", 0.0, 1.96, np.nan)), PRIORS, {}, 0.5)
    medians = [math.exp(assumed.priors.sizes.arguments[0]) for assumed in varied.values()]
    assert medians == pytest.approx([math.exp(5), math.exp(5) / 2, math.exp(5) * 2])
    assert {assumed.priors.sizes.arguments[1] for assumed in varied.values()} == {0.7}
