"""Two outcomes at once by integration, against closed forms and against draws from the prior."""

import math

import numpy as np
import pytest
from made_up_fits import data_of
from scipy import stats

from livingreview.effects.refusal import Refusal
from livingreview.models.quadrature.marginals import LEVELS
from livingreview.models.quadrature.two_outcomes import (
    Evidence,
    correlation_shape,
    two_outcomes,
)
from livingreview.protocol.models import Priors
from livingreview.protocol.priors import Prior

PRIORS = Priors(
    mu=Prior.parse("normal(0, 1)"),
    beta=Prior.parse("normal(0, 1)"),
    tau=Prior.parse("half_normal(0.5)"),
)
LIMIT = math.log(1.1)
# Log odds ratio and standard error by outcome and study; one study has either outcome alone.
FIRST = {"s0": (0.9, 0.2), "s1": (0.3, 0.3), "s2": (0.6, 0.25), "s3": (-0.2, 0.2)}
SECOND = {"s1": (-0.3, 0.3), "s4": (0.1, 0.2), "s0": (0.2, 0.25), "s2": (-0.1, 0.2)}


def estimates(of_studies):
    return data_of(
        {"study_id": name, "effect_id": f"{name}/o", "likelihood": "normal"}
        | {"value": value, "standard_error": error}
        for name, (value, error) in of_studies.items()
    )


def by_closed_form(first, second, shape):
    """Quantiles of the contrast and its mean, pooled effects conjugate given all else.

    Over Gauss-Legendre nodes of both heterogeneities and Gauss-Jacobi nodes of the correlation.
    """
    x, w = np.polynomial.legendre.leggauss(50)
    tau, of_tau = 1.5 * (x + 1), 1.5 * w * stats.halfnorm.pdf(1.5 * (x + 1), scale=0.5)
    rho, of_rho = np.zeros(1), np.ones(1)
    if shape is not None:
        x, w = np.polynomial.legendre.leggauss(40)
        rho, of_rho = x, w * (1 - x**2) ** (shape - 1)
    names = sorted({*first, *second})
    y = [(s, o, *given[s]) for o, given in enumerate((first, second)) for s in names if s in given]
    value, error = (np.array([row[i] for row in y]) for i in (2, 3))
    outcome = np.array([row[1] for row in y])
    same = np.array([[a[0] == b[0] for b in y] for a in y])
    x = np.eye(2)[outcome]
    weights, means, sds = [], [], []
    for i, j, k in np.ndindex(tau.size, tau.size, rho.size):
        sd = np.array([tau[i], tau[j]])[outcome]
        correlation = np.where(outcome[:, None] == outcome, 1.0, rho[k])
        # Pooled effects have the prior normal(0, 1) and are part of the covariance.
        covariance = np.diag(error**2) + same * correlation * np.outer(sd, sd)
        inverse = np.linalg.inv(covariance)
        posterior = np.linalg.inv(np.eye(2) + x.T @ inverse @ x)
        mean = posterior @ x.T @ inverse @ value
        total = covariance + x @ x.T
        density = -0.5 * (value @ np.linalg.solve(total, value) + np.linalg.slogdet(total)[1])
        weights.append(np.exp(density) * of_tau[i] * of_tau[j] * of_rho[k])
        means.append(mean[0] - mean[1])
        sds.append(math.sqrt(posterior[0, 0] + posterior[1, 1] - 2 * posterior[0, 1]))
    weights, means, sds = map(np.array, (weights / np.sum(weights), means, sds))
    points = np.linspace(-2, 3, 2001)
    below = np.array([weights @ stats.norm.cdf((p - means) / sds) for p in points])
    return np.interp(LEVELS, below, points), 1 - np.interp(0.0, points, below)


@pytest.mark.parametrize("shape", [None, 2.5])
def test_estimates_are_the_closed_form(shape):
    evidence = Evidence.of(estimates(FIRST), estimates(SECOND))
    result = two_outcomes(evidence, PRIORS, shape, LIMIT)
    quantiles, above = by_closed_form(FIRST, SECOND, shape)
    assert result.movement < 1e-4
    assert result.contrast.quantiles[0] == pytest.approx(quantiles, abs=5e-4)
    assert result.contrast.above[0] == pytest.approx(above, abs=2e-4)


def test_products_of_many_studies_are_the_closed_form():
    rng = np.random.default_rng(2)
    first, second = (
        {f"s{i}": (m + d, 0.2) for i, d in enumerate(rng.normal(0, 0.4, 20))} for m in (0.8, 0.1)
    )
    result = two_outcomes(Evidence.of(estimates(first), estimates(second)), PRIORS, None, LIMIT)
    quantiles, above = by_closed_form(first, second, None)
    assert result.contrast.quantiles[0] == pytest.approx(quantiles, abs=5e-4)
    assert result.contrast.above[0] == pytest.approx(above, abs=2e-4)


def test_studies_that_contradict_each_other_beyond_all_numbers_are_left_to_sampling():
    far = {f"s{i}": (6.0 * (-1) ** i, 0.1) for i in range(4)}
    narrow = PRIORS.model_copy(update={"tau": Prior.parse("half_normal(0.001)")})
    with pytest.raises(Refusal, match="contradict"):
        two_outcomes(Evidence.of(estimates(far), estimates(far)), narrow, None, LIMIT)


def test_a_coarse_grid_that_is_not_refined_serves_simulations():
    evidence = Evidence.of(estimates(FIRST), estimates(SECOND))
    result = two_outcomes(evidence, PRIORS, 2.5, LIMIT, (33, 9, 9), (33, 9, 9))
    quantiles, above = by_closed_form(FIRST, SECOND, 2.5)
    assert not result.converged
    assert result.contrast.quantiles[0] == pytest.approx(quantiles, abs=0.01)
    assert result.contrast.above[0] == pytest.approx(above, abs=0.001)


def test_a_correlation_makes_the_contrast_surer_and_the_order_of_studies_does_not_matter():
    # Effects that differ much between studies, and alike on both outcomes.
    first = {f"s{i}": (0.5 + d, 0.2) for i, d in enumerate((-0.8, -0.3, 0.2, 0.9))}
    second = {f"s{i}": (d, 0.2) for i, d in enumerate((-0.8, -0.3, 0.2, 0.9))}
    turned = dict(reversed(second.items()))
    free, same, known = (
        two_outcomes(Evidence.of(estimates(first), estimates(given)), PRIORS, shape, LIMIT)
        for given, shape in ((second, 2.0), (turned, 2.0), (second, None))
    )
    assert free.contrast.sd < 0.8 * known.contrast.sd
    assert same.quantiles == pytest.approx(free.quantiles, abs=1e-9)


@pytest.mark.long
def test_statements_are_draws_from_the_prior_weighted_by_what_was_stated():
    bounds = {"s0": (1.96, np.inf), "s1": (0.0, np.inf), "s2": (1.96, np.inf)}
    others = {"s0": (-1.96, 1.96), "s2": (-np.inf, 0.0)}

    def stated(given):
        return data_of(
            {"study_id": name, "effect_id": f"{name}/o", "baseline_id": f"{name}/o"}
            | {"likelihood": "interval", "z_low": low, "z_high": high}
            | {"n_treated": 150.0, "n_control": 140.0}
            for name, (low, high) in given.items()
        )

    first, second = stated(bounds), stated(others)
    result = two_outcomes(Evidence.of(first, second), PRIORS, 2.5, LIMIT)
    rng = np.random.default_rng(5)
    size = 1_000_000
    mu, tau = rng.standard_normal((2, size)), np.abs(rng.normal(0, 0.5, (2, size)))
    rho = 2 * rng.beta(2.5, 2.5, size) - 1
    log_weight = np.zeros(size)
    for name in bounds:
        u = rng.standard_normal((2, size))
        u[1] = rho * u[0] + np.sqrt(1 - rho**2) * u[1]
        for side, (data, given) in enumerate(((first, bounds), (second, others))):
            if name not in given:
                continue
            theta = mu[side] + tau[side] * u[side]
            prior = data.baseline_prior
            alpha = rng.normal(prior.location[0], prior.scale[0], size)
            p = 1 / (1 + np.exp(-np.stack([alpha + theta, alpha])))
            error = np.sqrt((1 / (np.array([[150.0], [140.0]]) * p * (1 - p))).sum(axis=0))
            low, high = given[name]
            z = theta / error
            log_weight += np.log(
                np.maximum(stats.norm.cdf(high - z) - stats.norm.cdf(low - z), 1e-300)
            )
    weight = np.exp(log_weight - log_weight.max())
    contrast = mu[0] - mu[1]
    above = weight[contrast > 0].sum() / weight.sum()
    effective = weight.sum() ** 2 / (weight**2).sum()
    error = math.sqrt(above * (1 - above) / effective)
    assert error < 0.003
    assert result.contrast.above[0] == pytest.approx(above, abs=4 * error)
    mean, sd = float(weight @ contrast / weight.sum()), float(result.contrast.sd[0])
    assert result.contrast.mean[0] == pytest.approx(mean, abs=4 * sd / math.sqrt(effective))


def test_one_of_three_correlations_has_the_prior_that_lkj_means():
    # LKJ(eta) of K outcomes: (rho + 1) / 2 ~ Beta(a, a), a = eta - 1 + K / 2.
    rng = np.random.default_rng(8)
    draws = rng.uniform(-1, 1, (400_000, 3))
    a, b, c = draws.T
    determinant = 1 + 2 * a * b * c - a**2 - b**2 - c**2
    kept, weight = draws[determinant > 0, 0], determinant[determinant > 0]
    variance = float(weight @ kept**2 / weight.sum())
    shape = correlation_shape(2.0, 3)
    assert variance == pytest.approx(1 / (2 * shape + 1), rel=0.02)
