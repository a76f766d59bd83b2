"""Studies at high risk of bias spread more: integration against plain sums, and its limits."""

import math

import numpy as np
import pandas as pd
import pytest
from made_up_fits import BASELINE, estimate, finding, model, plain_design, priors, terms_of
from scipy import stats

from livingreview.effects.data_set import dataset
from livingreview.effects.specification import Specification
from livingreview.models.quadrature.engine import answer, answer_with_bias, integrate_models
from livingreview.models.quadrature.locations import likelihoods_of
from livingreview.protocol.priors import Prior

LIMIT = math.log(1.1)
STUDIES = [(0.1, 0.2), (0.2, 0.15), (-0.1, 0.25), (0.9, 0.2), (1.2, 0.3)]
AT_RISK = frozenset({"s3", "s4"})
KAPPA = "half_normal(0.5)"


def specified(data, high_risk=AT_RISK, kappa=KAPPA):
    options = model("bias_adjusted", kappa=Prior.parse(kappa))
    return Specification("bias_adjusted", plain_design(data), options, high_risk)


def integrated(*studies, high_risk=AT_RISK, kappa=KAPPA):
    data = dataset(terms_of(*studies), BASELINE, 0.5)
    result = answer_with_bias(likelihoods_of([data]), specified(data, high_risk, kappa), LIMIT)
    assert result.converged
    return result.quantities, result


def by_plain_sums(table_of, points=301):
    """Posterior quantiles of mu, tau and kappa on a dense grid.

    `table_of(study, mu, sd)`: marginal likelihood of a study at each mu, for one SD.
    """
    mu = np.linspace(-3, 3, points)
    grid = np.linspace(0, 2.5, 126)
    trapezium = np.ones(grid.size)
    trapezium[0] = 0.5
    prior = stats.halfnorm.pdf(grid, scale=0.5) * trapezium
    density = np.zeros((grid.size, grid.size, mu.size))
    at_risk = [study for study in range(len(STUDIES)) if f"s{study}" in AT_RISK]
    others = [study for study in range(len(STUDIES)) if study not in at_risk]
    of_others = [np.prod([table_of(k, mu, tau) for k in others], axis=0) for tau in grid]
    of_mu = stats.norm.pdf(mu, 0, 1)
    for i, kappa in enumerate(grid):
        for j, tau in enumerate(grid):
            of_risky = [table_of(k, mu, math.hypot(tau, kappa)) for k in at_risk]
            density[i, j] = of_mu * of_others[j] * np.prod(of_risky, axis=0) * prior[i] * prior[j]
    density /= density.sum()
    of_mu = density.sum(axis=(0, 1))
    above = of_mu[mu > 1e-9].sum() + of_mu[np.abs(mu) < 1e-9].sum() / 2

    def quantile(values, shares, level):
        # Shares of cells end half a step beyond their middle.
        below = shares.cumsum() - shares / 2
        return np.interp(level, below, values)

    return {
        "above": above,
        "mu": quantile(mu, of_mu, 0.5),
        "tau": quantile(grid, density.sum(axis=(0, 2)), 0.5),
        "kappa": quantile(grid, density.sum(axis=(1, 2)), 0.5),
    }


def normal_table(study, mu, sd):
    value, error = STUDIES[study]
    return stats.norm.pdf(value, mu, math.hypot(error, sd))


def test_estimates_are_those_of_plain_sums():
    quantities, _ = integrated(*(estimate(f"s{i}", *row) for i, row in enumerate(STUDIES)))
    expected = by_plain_sums(normal_table)
    assert quantities["mu"]["p_above_zero"] == pytest.approx(expected["above"], abs=1e-3)
    for name in ("mu", "tau", "kappa"):
        assert quantities[name]["q50"] == pytest.approx(expected[name], abs=2e-3), name
    # What is at risk says more than the others, so its bias is not nothing.
    plain = answer(
        (
            data := dataset(
                terms_of(*(estimate(f"s{i}", *r) for i, r in enumerate(STUDIES))), BASELINE
            )
        ),
        plain_design(data),
        priors(),
        LIMIT,
    ).quantities
    assert quantities["mu"]["q50"] < plain["mu"]["q50"] - 0.05
    assert quantities["kappa"]["q50"] > 0.3
    assert quantities["tau"]["q50"] < plain["tau"]["q50"]


def test_the_evidence_is_that_of_drawn_truths():
    rng = np.random.default_rng(3)
    size = 400_000
    mu = rng.normal(0, 1, size)
    tau, kappa = np.abs(rng.normal(0, 0.5, (2, size)))
    likelihood = np.ones(size)
    for i, (value, error) in enumerate(STUDIES):
        extra = kappa if f"s{i}" in AT_RISK else 0.0
        likelihood *= stats.norm.pdf(value, mu, np.sqrt(error**2 + tau**2 + extra**2))
    _, result = integrated(*(estimate(f"s{i}", *row) for i, row in enumerate(STUDIES)))
    error = likelihood.std() / math.sqrt(size) / likelihood.mean()
    assert result.log_evidence == pytest.approx(np.log(likelihood.mean()), abs=4 * error)


def test_statements_at_risk_are_those_of_plain_sums(monkeypatch):
    """A statement's likelihood, blurred by both SDs, by a sum of its own."""
    n, z_low = 120.0, 1.96
    theta = np.linspace(-8, 8, 1601)
    logit = -1 + 0.5 * np.linspace(-6, 6, 121)
    weight = np.exp(-0.5 * np.linspace(-6, 6, 121) ** 2)
    weight /= weight.sum()
    p0, p1 = (1 / (1 + np.exp(-x)) for x in (logit[:, None], logit[:, None] + theta))
    error = np.sqrt((1 / (p0 * (1 - p0)) + 1 / (p1 * (1 - p1))) / n)
    of_finding = weight @ stats.norm.sf(z_low - theta / error)

    def table_of(study, mu, sd):
        if study < 4:
            return normal_table(study, mu, sd)
        if sd < 0.02:
            return np.interp(mu, theta, of_finding)
        kernel = np.exp(-0.5 * ((theta - mu[:, None]) / sd) ** 2)
        return kernel @ of_finding / kernel.sum(axis=1)

    studies = [estimate(f"s{i}", *row) for i, row in enumerate(STUDIES[:4])]
    quantities, _ = integrated(*studies, finding("s4", z_low, np.inf, n))
    expected = by_plain_sums(table_of, points=121)
    for name in ("mu", "tau", "kappa"):
        assert quantities[name]["q50"] == pytest.approx(expected[name], abs=5e-3), name


def test_a_bias_that_is_known_to_be_nothing_is_the_plain_model():
    studies = [
        *(estimate(f"s{i}", *row) for i, row in enumerate(STUDIES)),
        finding("s5", 0.0, np.inf, 80.0),
    ]
    data = dataset(terms_of(*studies), BASELINE)
    plain = answer(data, plain_design(data), priors(), LIMIT)
    nothing = frozenset({"s4", "s5"})
    quantities, result = integrated(*studies, high_risk=nothing, kappa="half_normal(0.001)")
    assert result.log_evidence == pytest.approx(plain.log_evidence, abs=1e-3)
    for name in ("mu", "tau", "theta_new"):
        for level in ("q2_5", "q50", "q97_5"):
            value = plain.quantities[name][level]
            assert quantities[name][level] == pytest.approx(value, abs=1e-3), (name, level)


@pytest.mark.long
def test_a_study_with_several_effects_has_one_bias():
    def several(effects):
        return [
            row | {"effect_id": f"s4/{i}"}
            for i, value in enumerate(effects)
            for row in estimate("s4", value, 0.3)
        ]

    others = [estimate(f"s{i}", *row) for i, row in enumerate(STUDIES[:4])]
    alike, _ = integrated(*others, several([1.2, 1.2, 1.2]))
    apart, _ = integrated(*others, several([0.4, 1.2, 2.0]))
    assert alike["omega"]["q50"] < apart["omega"]["q50"]
    data = dataset(terms_of(*others, several([1.2, 1.2, 1.2])), BASELINE, 0.5)
    plain = answer(data, plain_design(data), priors(), LIMIT).quantities
    assert alike["mu"]["q50"] < plain["mu"]["q50"]


def test_integration_says_which_fits_it_served():
    data = dataset(terms_of(*(estimate(f"s{i}", *row) for i, row in enumerate(STUDIES))), BASELINE)
    pooled, statuses = integrate_models([("o", data, specified(data))], LIMIT)
    assert list(statuses["status"]) == ["answered"]
    assert set(pooled["quantity"]) == {"mu", "tau", "theta_new", "kappa"}
    assert pd.notna(pooled["q50"]).all()
