"""Draws from densities on lattices: moments and shares of laws that are known."""

import numpy as np
import pytest
from made_up_fits import BASELINE, counts, estimate, finding, plain_design, priors, terms_of
from scipy import stats

from livingreview.effects.data_set import dataset
from livingreview.models.quadrature.engine import answer
from livingreview.models.quadrature.lattice_draws import drawn_places

SIZE = 400_000


@pytest.mark.parametrize("step", [0.1, 0.4, 0.6])
def test_draws_of_a_normal_law_and_of_half_of_it_have_its_quantiles(step):
    rng = np.random.default_rng(5)
    x = step * np.arange(-15, 16)
    x = x if step > 0.3 else step * np.arange(-70, 71)
    half = x[x.size // 2 :]
    density = stats.norm.pdf(x)[:, None] * stats.norm.pdf(half)
    nodes, (first, second) = drawn_places(density, [False, True], SIZE, rng)
    assert np.abs(nodes - [first, second]).max() < 1.0
    whole, positive = x[0] + step * first, step * second
    assert positive.min() >= 0
    # Of so many draws a share has an error below 0.0008; a wide step adds one of its fourth power.
    for level in (0.025, 0.2, 0.5, 0.8, 0.975):
        assert np.mean(whole < stats.norm.ppf(level)) == pytest.approx(level, abs=0.004)
        assert np.mean(positive < stats.halfnorm.ppf(level)) == pytest.approx(level, abs=0.004)
    assert whole.std() == pytest.approx(1.0, abs=0.006)
    assert positive.mean() == pytest.approx(stats.halfnorm.mean(), abs=0.004)


# By lattices of the pooled effect; by normal laws given tau; and given both SDs.
SEVERAL = [
    estimate("a", 0.4, 0.2)[0] | {"effect_id": f"a/{k}", "value": v}
    for k, v in ((1, 0.2), (2, 0.6))
]
REVIEWS = {
    "mixed": [
        counts("a", 30, 60, 20, 60),
        finding("b", -np.inf, 1.96, 80.0),
        estimate("c", 0.3, 0.2),
    ],
    "estimates": [estimate("a", 0.5, 0.2), estimate("b", -0.1, 0.25), estimate("c", 0.3, 0.3)],
    "several_estimates": [SEVERAL, estimate("b", -0.1, 0.25), estimate("c", 0.3, 0.3)],
    "several_mixed": [SEVERAL, counts("b", 30, 60, 20, 60), estimate("c", 0.3, 0.3)],
}


@pytest.mark.parametrize("review", REVIEWS)
def test_draws_are_those_of_the_integrated_answer(review):
    data = dataset(terms_of(*REVIEWS[review]), BASELINE, 0.5)
    integrated = answer(data, plain_design(data), priors(), 0.1)
    draws = integrated.draws(SIZE // 10, np.random.default_rng(3))
    found = {"mu": draws.coefficients[:, 0], "tau": draws.tau, "omega": draws.sd_within_study}
    assert ("omega" in integrated.quantities) is (draws.sd_within_study is not None)
    for name in set(found) & set(integrated.quantities):
        figures = integrated.quantities[name]
        assert found[name].mean() == pytest.approx(figures["mean"], abs=0.03 * figures["sd"])
        for column, level in {"q2_5": 0.025, "q50": 0.5, "q97_5": 0.975}.items():
            assert np.mean(found[name] < figures[column]) == pytest.approx(level, abs=0.012)
