"""Selective printing with fixed weights: by scipy on a dense grid, and by what the weights mean."""

import math

import numpy as np
import pytest
from made_up_fits import BASELINE, counts, data_of, estimate, finding, priors, terms_of
from scipy import stats
from scipy.special import expit

from livingreview.effects.data_set import dataset
from livingreview.effects.forms.printing import Printing
from livingreview.models.quadrature.locations import likelihoods_of
from livingreview.models.quadrature.pooled_effect import pooled_effects
from livingreview.models.quadrature.printed_studies import printed
from livingreview.models.quadrature.study_tables import StudyLikelihoods

LIMIT = math.log(1.1)
LEVELS = [0.025, 0.05, 0.5, 0.95, 0.975]
Z = 1.96
# A significant increase, a significant decrease, and one that is neither.
NUMBERS = [estimate("up", 0.9, 0.3), estimate("down", -0.7, 0.25), estimate("flat", 0.1, 0.2)]
# z of a study with clusters, which the source called significant beyond 1.96 before correction.
CLUSTERED = estimate("clustered", 0.35, 0.2)
CLUSTERED[0]["z_significant"] = 1.2
# The last three leave open whether the result is significant, or in which direction.
STATEMENTS = {
    "more": (Z, np.inf),
    "less": (-np.inf, -Z),
    "not": (-Z, Z),
    "open": (0.0, np.inf),
    "open_less": (-np.inf, 0.0),
    "not_less": (-Z, 0.0),
}
FAVOURED = {0: (-Z, Z), 1: (-np.inf, Z), -1: (-Z, np.inf)}


def answer(data, printing):
    in_print = printed(data, likelihoods_of([data]), printing)
    return pooled_effects(
        in_print, np.ones((1, len(data.studies)), dtype=bool), priors(), LIMIT, with_new=True
    )


def grid():
    """Points of the pooled effect, and SDs between studies, with their prior log density."""
    m, tau = np.linspace(-4, 4, 1601), np.linspace(0, 3, 601)
    log_prior = stats.norm.logpdf(m) + stats.halfnorm.logpdf(tau, scale=0.5)[:, None]
    return m, tau[:, None], log_prior


def quantiles(points, density):
    cumulative = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2)])
    return np.interp(LEVELS, cumulative / cumulative[-1], points)


def posterior(log_density, m, tau):
    """Quantiles of both marginals, by trapezium sums."""
    density = np.exp(log_density - log_density.max())
    ends = np.ones(tau.size)
    ends[[0, -1]] = 0.5
    return quantiles(m, ends @ density), quantiles(tau[:, 0], density.sum(axis=1))


def unfavoured(error, favoured, m, tau, bound=Z):
    low, high = FAVOURED[favoured]
    population = stats.norm(m / error, np.sqrt(1 + tau**2 / error**2))
    return population.cdf(high * bound / Z) - population.cdf(low * bound / Z)


@pytest.mark.parametrize("favoured", [0, 1, -1])
@pytest.mark.parametrize("weight", [0.5, 0.1])
def test_estimates_by_a_dense_grid(weight, favoured):
    m, tau, log_density = grid()
    low, high = FAVOURED[favoured]
    studies = [(0.9, 0.3, Z), (-0.7, 0.25, Z), (0.1, 0.2, Z), (0.35, 0.2, 1.2)]
    for value, error, bound in studies:
        inside = low * bound / Z < value / error < high * bound / Z
        log_density = log_density + stats.norm.logpdf(value, m, np.hypot(error, tau))
        log_density += np.log(weight if inside else 1.0)
        log_density -= np.log(1 - (1 - weight) * unfavoured(error, favoured, m, tau, bound))
    of_mu, of_tau = posterior(log_density, m, tau)
    found = answer(data_of(*NUMBERS, CLUSTERED), Printing(weight, favoured))
    assert found.mu.quantiles[0] == pytest.approx(of_mu, abs=3e-4)
    assert found.tau.quantiles[0] == pytest.approx(of_tau, abs=3e-4)
    evidence = np.log(np.exp(log_density).sum() * (m[1] - m[0]) * (tau[1, 0] - tau[0, 0]))
    # The sum takes a whole step at tau = 0.
    assert found.log_evidence[0] == pytest.approx(evidence, abs=0.01)


@pytest.mark.parametrize("favoured", [0, 1, -1])
def test_statements_by_a_dense_grid(favoured):
    weight, n = 0.3, 150.0
    names = list(STATEMENTS)
    data = data_of(*[finding(name, *STATEMENTS[name], n) for name in names])
    likelihoods = StudyLikelihoods.from_readings([data])
    in_print = printed(data, likelihoods, Printing(weight, favoured))
    tau = np.array([0.0, 0.2, 0.7])
    points, found = in_print.tables(-1.5, 1.5, 0.05, tau)
    # By the process itself: a control logit, an effect, the study's z, what is printed of it.
    logit, logit_share = gaussian(-1.0, 0.5)
    at = np.linspace(0, points.size - 1, 7).astype(int)
    for row, name in enumerate(data.studies):
        low, high = STATEMENTS[name]
        inner_low, inner_high = max(low, FAVOURED[favoured][0]), min(high, FAVOURED[favoured][1])
        for k, sd in enumerate(tau):
            for i in at:
                theta, theta_share = gaussian(points[i], sd)
                z = theta / woolf(logit[:, None], theta, n)
                whole = stats.norm.cdf(high - z) - stats.norm.cdf(low - z)
                part = stats.norm.cdf(inner_high - z) - stats.norm.cdf(inner_low - z)
                kept = whole - (1 - weight) * np.where(inner_low < inner_high, part, 0.0)
                likelihood = logit_share @ kept @ theta_share
                error = woolf(-1.0, 0.0, n)
                in_print = 1 - (1 - weight) * unfavoured(error, favoured, points[i], sd)
                expected = np.log(likelihood / in_print)
                assert found[row, k, i] == pytest.approx(expected, abs=1e-4), (name, sd)


def gaussian(centre, sd):
    nodes, weights = np.polynomial.hermite_e.hermegauss(80 if sd else 1)
    return centre + sd * nodes, weights / weights.sum()


def woolf(logit, theta, n):
    p1, p0 = expit(logit + theta), expit(logit)
    return np.sqrt(1 / (n * p1 * (1 - p1)) + 1 / (n * p0 * (1 - p0)))


def mixed():
    """Every form of evidence."""
    statements = [finding(name, *bounds, 120.0) for name, bounds in STATEMENTS.items()]
    return data_of(*NUMBERS, CLUSTERED, *statements, counts("counts", 30, 210, 40, 200))


@pytest.mark.parametrize("favoured", [0, 1, -1])
def test_all_in_print_is_the_planned_answer_exactly(favoured):
    data = mixed()
    everything = np.ones((1, len(data.studies)), dtype=bool)
    plain = pooled_effects(StudyLikelihoods.from_readings([data]), everything, priors(), LIMIT)
    found = answer(data, Printing(1.0, favoured))
    assert np.array_equal(found.mu.quantiles, plain.mu.quantiles)
    assert np.array_equal(found.tau.quantiles, plain.tau.quantiles)
    assert np.array_equal(found.log_evidence, plain.log_evidence)


def test_what_mirrors_the_studies_mirrors_the_answer():
    up, down = (
        data_of(*[estimate(name, sign * y, s) for name, y, s in STUDIES]) for sign in (1, -1)
    )
    of_up, of_down = answer(up, Printing(0.2, 1)), answer(down, Printing(0.2, -1))
    assert of_up.mu.quantiles[0] == pytest.approx(-of_down.mu.quantiles[0][::-1], abs=2e-4)


def two_effects(study, values, errors):
    """Rows of a study that gives two estimates."""
    return [
        {"study_id": study, "effect_id": f"{study}/{i}", "likelihood": "normal"}
        | {"value": value, "standard_error": error}
        for i, (value, error) in enumerate(zip(values, errors, strict=True))
    ]


PAIRS = {"a": ((0.7, 0.3), (0.3, 0.2)), "b": ((0.1, -0.2), (0.2, 0.25)), "c": ((0.6,), (0.25,))}


@pytest.mark.parametrize("favoured", [0, -1])
def test_several_effects_by_a_dense_grid(favoured):
    weight, rho = 0.2, 0.5
    terms = terms_of(*[two_effects(study, *numbers) for study, numbers in PAIRS.items()])
    data = dataset(terms, BASELINE, sampling_correlation=rho)
    assert data.has_several_effects
    m = np.linspace(-2.5, 2.5, 251)
    spread = np.linspace(0, 2.5, 101)
    tau, within = spread[:, None, None], spread[None, :, None]
    log_density = stats.norm.logpdf(m) + sum(
        stats.halfnorm.logpdf(sd, scale=0.5) for sd in (tau, within)
    )
    low, high = FAVOURED[favoured]
    for values, errors in PAIRS.values():
        y, s = np.array(values), np.array(errors)
        same = np.eye(y.size)
        sampling = np.where(same > 0, 1.0, rho) * np.outer(s, s)
        covariance = sampling + tau[..., None] ** 2 + within[..., None] ** 2 * same
        precision = np.linalg.inv(covariance)
        residual = y - m[:, None]
        quadratic = np.einsum("pi,twij,pj->twp", residual, precision, residual)
        log_density = log_density - 0.5 * (quadratic + np.linalg.slogdet(covariance)[1][..., None])
        for error in errors:
            population = stats.norm(m, np.sqrt(error**2 + tau**2 + within**2))
            inside = population.cdf(high * error) - population.cdf(low * error)
            log_density -= np.log(1 - (1 - weight) * inside)
    density = np.exp(log_density - log_density.max())
    ends = np.ones(spread.size)
    ends[[0, -1]] = 0.5
    found = answer(data, Printing(weight, favoured))
    of_mu = quantiles(m, np.einsum("t,w,twp->p", ends, ends, density))
    assert found.mu.quantiles[0] == pytest.approx(of_mu, abs=2e-3)
    of_tau = quantiles(spread, np.einsum("w,twp->t", ends, density))
    assert found.tau.quantiles[0] == pytest.approx(of_tau, abs=2e-3)
    of_within = quantiles(spread, np.einsum("t,twp->w", ends, density))
    assert found.sd_within_study.quantiles[0] == pytest.approx(of_within, abs=2e-3)


def test_several_effects_of_which_all_are_printed_are_the_planned_answer():
    rows = [two_effects(study, *numbers) for study, numbers in PAIRS.items()]
    statement = [
        row | {"effect_id": f"d/{i}", "study_id": "d"}
        for i in range(2)
        for row in finding(f"d{i}", 0.0, np.inf, 150.0)
    ]
    data = dataset(terms_of(*rows, statement), BASELINE, sampling_correlation=0.5)
    everything = np.ones((1, len(data.studies)), dtype=bool)
    plain = pooled_effects(likelihoods_of([data]), everything, priors(), LIMIT)
    found = answer(data, Printing(1.0, -1))
    assert np.array_equal(found.mu.quantiles, plain.mu.quantiles)
    half = answer(data, Printing(0.5, 0))
    assert half.movement[0] < 1e-4 and half.mu.quantiles[0, 2] < plain.mu.quantiles[0, 2] - 0.02


STUDIES = [("a", 0.7, 0.3), ("b", 0.1, 0.2), ("c", -0.2, 0.15)]


def test_tables_of_rows_add_up_and_can_be_chosen():
    data = mixed()
    likelihoods = StudyLikelihoods.from_readings([data])
    in_print = printed(data, likelihoods, Printing(weight=0.2, favoured=-1))
    rows = np.arange(len(data.studies)) % 3 != 1
    tau = np.array([0.0, 0.3])
    points, tables = in_print.tables(-1, 1, 0.1, tau)
    chosen = in_print.only(rows)
    assert chosen.names == tuple(np.array(data.studies)[rows])
    np.testing.assert_allclose(chosen.tables(-1, 1, 0.1, tau)[1], tables[rows], atol=1e-9)
    of_sum, sums = in_print.sums(rows[None], -1, 1, 0.1, tau)
    assert np.array_equal(points, of_sum)
    np.testing.assert_allclose(sums[0], tables[rows].sum(axis=0), atol=1e-9)
