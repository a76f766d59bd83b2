"""Numerical integration against answers that others computed, and against itself done otherwise."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_up_fits import data_of, finding, model
from scipy import stats
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq
from scipy.special import expit, gammaln, log_expit, logsumexp, ndtr

from livingreview.effects.data_set import dataset
from livingreview.effects.design_matrix import design_matrix
from livingreview.effects.likelihood_tables import log_likelihoods
from livingreview.effects.refusal import Refusal
from livingreview.effects.specification import Specification
from livingreview.models.quadrature.engine import (
    answer,
    answer_from_tables,
    integrate_models,
    tabulated,
)
from livingreview.models.quadrature.linear_terms import LinearTerm, modes
from livingreview.models.quadrature.marginals import LEVELS as PROBABILITIES
from livingreview.models.quadrature.marginals import mixture_marginal
from livingreview.models.quadrature.pooled_effect import pooled_effects
from livingreview.models.quadrature.study_tables import StudyLikelihoods
from livingreview.protocol.models import Priors
from livingreview.protocol.moderators import Coding
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.priors import Prior
from livingreview.tables.effects import Terms

PINNED = json.loads((Path(__file__).parents[1] / "data/bcg_integration.json").read_text())
PRIORS = Priors(
    mu=Prior.parse("normal(0, 1.5)"),
    beta=Prior.parse("normal(0, 1)"),
    tau=Prior.parse("half_normal(0.5)"),
)
LIMIT = math.log(1.1)
LEVELS = {"q2_5": "0.025", "q5": "0.05", "q50": "0.5", "q95": "0.95", "q97_5": "0.975"}


@pytest.fixture(scope="module")
def estimates():
    pairs = zip(PINNED["log_odds_ratio"], PINNED["variance"], strict=True)
    return data_of(
        {"study_id": f"s{i}", "effect_id": f"s{i}/o", "likelihood": "normal"}
        | {"value": y, "standard_error": math.sqrt(v)}
        for i, (y, v) in enumerate(pairs)
    )


@pytest.fixture(scope="module")
def counts():
    rows = []
    for i, trial in enumerate(PINNED["trials"]):
        common = {"study_id": f"s{i}", "likelihood": "binomial", "baseline_id": f"s{i}/c"}
        for treated, arm in enumerate(("control", "treated")):
            numbers = {"events": trial[f"events_{arm}"], "total": trial[f"total_{arm}"]}
            effect = {"effect_id": f"s{i}/o" if treated else None, "treated": treated}
            rows.append(common | numbers | effect)
    return data_of(rows)


def plain(data, **moderators):
    return design_matrix(pd.DataFrame({"study_id": list(data.studies)} | moderators), {})


def agrees(found, pinned, tolerance):
    assert found["mean"] == pytest.approx(pinned["mean"], abs=tolerance)
    assert found["sd"] == pytest.approx(pinned["sd"], abs=tolerance)
    for ours, theirs in LEVELS.items():
        assert found[ours] == pytest.approx(pinned["q"][theirs], abs=tolerance), ours


def test_normal_model_is_the_pinned_integration(estimates):
    result = answer(estimates, plain(estimates), PRIORS, LIMIT)
    assert result.converged
    agrees(result.quantities["mu"], PINNED["normal"]["beta"][0], 1e-6)
    agrees(result.quantities["tau"], PINNED["normal"]["tau"], 1e-6)
    agrees(result.quantities["theta_new"], PINNED["normal"]["predictive_at_x0"], 1e-6)


def test_meta_regression_is_the_pinned_integration(estimates):
    latitude = [PINNED["trials"][int(s[1:])]["latitude"] for s in estimates.studies]
    studies = pd.DataFrame({"study_id": estimates.studies, "moderator_latitude": latitude})
    coding = Coding(kind="numeric", centre=float(np.mean(latitude)), per=10.0)
    result = answer(estimates, design_matrix(studies, {"latitude": coding}), PRIORS, LIMIT)
    agrees(result.quantities["mu"], PINNED["latitude"]["beta"][0], 1e-5)
    agrees(result.quantities["beta[latitude]"], PINNED["latitude"]["beta"][1], 1e-5)
    agrees(result.quantities["tau"], PINNED["latitude"]["tau"], 1e-5)


def test_exact_binomial_model_is_the_pinned_integration(counts):
    result = answer(counts, plain(counts), PRIORS, LIMIT)
    assert result.converged
    agrees(result.quantities["mu"], PINNED["binomial"]["mu"], 1e-5)
    agrees(result.quantities["tau"], PINNED["binomial"]["tau"], 1e-5)


@pytest.mark.parametrize("levels", ["a", "ab", "abc"])
def test_both_ways_of_integrating_agree_on_normal_terms(estimates, levels):
    values = [levels[i % len(levels)] for i in range(13)]
    studies = pd.DataFrame({"study_id": estimates.studies, "moderator_g": values})
    coding = Coding(kind="categorical", levels=list(levels))
    moderators = {"g": coding} if len(levels) > 1 else {}
    design = design_matrix(studies, moderators)
    closed = answer(estimates, design, PRIORS, LIMIT)
    likelihoods = StudyLikelihoods.from_readings([estimates])
    general = answer_from_tables(likelihoods, design, PRIORS, LIMIT)
    assert general.converged
    for quantity, figures in closed.quantities.items():
        for name, value in figures.items():
            assert general.quantities[quantity][name] == pytest.approx(value, abs=5e-6), name


@pytest.mark.long
def test_findings_agree_with_a_plain_sum_over_a_dense_grid():
    bounds = [(1.96, np.inf), (0.0, 1.96), (-np.inf, -1.96)]
    sizes = [(200.0, 210.0), (150.0, 148.0), (102.0, 102.0)]
    data = data_of(
        {"study_id": f"s{i}", "effect_id": f"s{i}/o", "baseline_id": f"s{i}/o"}
        | {"likelihood": "interval", "z_low": low, "z_high": high, "n_treated": a, "n_control": b}
        for i, ((low, high), (a, b)) in enumerate(zip(bounds, sizes, strict=True))
    )
    result = answer(data, plain(data), PRIORS, LIMIT)
    assert result.converged

    theta, step = np.linspace(-14, 14, 1401, retstep=True)
    alpha, weight = np.linspace(-4, 2, 121), stats.norm.pdf(np.linspace(-4, 2, 121), -1, 0.5)
    p0, p1 = expit(alpha[:, None]), expit(alpha[:, None] + theta)
    mu = np.linspace(-6, 6, 241)
    tau = (np.arange(300) + 0.5) * 0.01
    log_posterior = stats.norm.logpdf(mu, 0, 1.5)[:, None] + stats.halfnorm.logpdf(tau, 0, 0.5)
    for (low, high), (n1, n0) in zip(bounds, sizes, strict=True):
        z = theta / np.sqrt(1 / (n1 * p1 * (1 - p1)) + 1 / (n0 * p0 * (1 - p0)))
        says = stats.norm.cdf(high - z) - stats.norm.cdf(low - z)
        likelihood = weight @ says / weight.sum()
        for k, t in enumerate(tau):
            kernel = stats.norm.pdf(mu[:, None], theta, t) * step
            of_study = kernel @ likelihood if t > step else np.interp(mu, theta, likelihood)
            log_posterior[:, k] += np.log(of_study)
    density = np.exp(log_posterior - log_posterior.max())
    density /= density.sum()
    for name, points, marginal in (
        ("mu", mu, density.sum(axis=1)),
        ("tau", tau, density.sum(axis=0)),
    ):
        mean = marginal @ points
        sd = math.sqrt(marginal @ points**2 - mean**2)
        found = result.quantities[name]
        assert found["mean"] == pytest.approx(mean, abs=2e-3)
        assert found["sd"] == pytest.approx(sd, abs=2e-3)
        cumulative = np.cumsum(marginal)
        for column, level in (("q2_5", 0.025), ("q50", 0.5), ("q97_5", 0.975)):
            edges = points + 0.5 * (points[1] - points[0])
            assert found[column] == pytest.approx(np.interp(level, cumulative, edges), abs=5e-3)


@pytest.mark.parametrize(("location", "scale"), [(-1.0, 0.5), (-4.1, 1.7)])
@pytest.mark.parametrize(
    ("low", "high", "n"),
    [
        (-13.2 - 5e-5, -13.2 + 5e-5, 90_000.0),
        (-11.1, -11.0, 13_598.0),
        (2.31, 2.32, 120.0),
        (0.0, 1.96, 13_598.0),
        (-np.inf, -1.96, 88_391.0),
    ],
)
def test_interval_of_z_is_averaged_over_the_control_logit(location, scale, low, high, n):
    prior = Prior.parse(f"normal({location}, {scale})")
    row = {"study_id": "s", "effect_id": "s/o", "baseline_id": "s/o", "likelihood": "interval"}
    row |= {"z_low": low, "z_high": high, "n_treated": n, "n_control": 1.1 * n}
    terms = Terms.frame([row])
    data = dataset(terms, BaselinePriors(findings=prior, counts=prior))
    theta = np.linspace(-3.0, 3.0, 97)
    [found] = log_likelihoods(data, theta)
    # 8,000 control logits, and the density times the width where the interval is narrow.
    logit = np.linspace(location - 10 * scale, location + 10 * scale, 8_001)[:, None]
    p0, p1 = expit(logit), expit(logit + theta)
    z = theta / np.sqrt(1 / (n * p1 * (1 - p1)) + 1 / (1.1 * n * p0 * (1 - p0)))
    says = stats.norm.cdf(high - z) - stats.norm.cdf(low - z)
    if high - low < 0.001:
        says = stats.norm.pdf((low + high) / 2, z) * (high - low)
    dense = np.trapezoid(stats.norm.pdf(logit, location, scale) * says, logit, axis=0)
    near = dense > dense.max() * math.exp(-20)
    assert near.sum() > 3
    np.testing.assert_allclose(found[near], np.log(dense[near]), atol=2e-6)


@pytest.mark.parametrize(
    "table",
    [
        (0, 50, 0, 60),
        (50, 50, 60, 60),
        (0, 50, 60, 60),
        (50, 50, 0, 60),
        (0, 50, 7, 60),
        (50, 50, 30, 60),
        (1, 50, 0, 60),
        (0, 1, 0, 1),
        (0, 90_000, 0, 90_000),
        (0, 5, 45_000, 90_000),
        (0, 2.5, 0, 3.5),  # effective people of a clustered study
    ],
)
def test_empty_and_full_arms_are_exact(table):
    a, n1, c, n0 = table
    common = {"study_id": "s", "likelihood": "binomial", "baseline_id": "s/c"}
    arms = [(None, 0, c, n0), ("s/o", 1, a, n1)]
    data = data_of(
        common | dict(zip(("effect_id", "treated", "events", "total"), arm, strict=True))
        for arm in arms
    )
    theta = np.linspace(-15, 15, 31)
    [found] = log_likelihoods(data, theta)
    logit, step = np.linspace(-100, 100, 80_001, retstep=True)
    logit = logit[:, None]
    dense = stats.norm.logpdf(logit, 0, 10)
    for e, n, at in ((a, n1, logit + theta), (c, n0, logit)):
        dense = dense + gammaln(n + 1) - gammaln(e + 1) - gammaln(n - e + 1)
        dense = dense + e * log_expit(at) + (n - e) * log_expit(-at)
    dense = logsumexp(dense, axis=0) + np.log(step)
    near = dense > dense.max() - 25
    np.testing.assert_allclose(found[near], dense[near], atol=3e-6)


def test_study_left_out_of_a_model_has_no_say(estimates):
    design = plain(estimates)
    without = [i for i in range(13) if i != 3]
    smaller = data_of(
        {"study_id": f"s{i}", "effect_id": f"s{i}/o", "likelihood": "normal"}
        | {"value": estimates.estimates[0][i], "standard_error": estimates.estimates[1][i]}
        for i in without
    )
    included = design.included.copy()
    included[3] = False
    masked = answer(
        estimates, type(design)(**{**vars(design), "included": included}), PRIORS, LIMIT
    )
    alone = answer(smaller, plain(smaller), PRIORS, LIMIT)
    for quantity, figures in alone.quantities.items():
        assert masked.quantities[quantity] == pytest.approx(figures, abs=1e-9)


@pytest.mark.parametrize("family", ["half_normal(0.5)", "inverse_gamma(1.77, 0.55)"])
@pytest.mark.parametrize(("errors", "values"), [([1e-6], [0.2]), ([1e3, 0.1], [5.0, 0.1])])
def test_extreme_estimates_have_finite_answers(family, errors, values):
    data = data_of(
        {"study_id": f"s{i}", "effect_id": f"s{i}/o", "likelihood": "normal"}
        | {"value": y, "standard_error": s}
        for i, (y, s) in enumerate(zip(values, errors, strict=True))
    )
    priors = PRIORS.model_copy(update={"tau": Prior.parse(family)})
    for figures in answer(data, plain(data), priors, LIMIT).quantities.values():
        assert np.isfinite(list(figures.values())).all()
        assert figures["q2_5"] <= figures["q50"] <= figures["q97_5"]


def test_what_integration_cannot_serve_is_refused_with_the_reason(counts):
    studies = pd.DataFrame({"study_id": counts.studies, "moderator_g": list("abcdabcdabcda")})
    coding = Coding(kind="categorical", levels=["a", "b", "c", "d"])
    with pytest.raises(Refusal, match="more than two coefficients"):
        answer(counts, design_matrix(studies, {"g": coding}), PRIORS, LIMIT)


def test_models_with_two_coefficients_are_answered_beside_those_refused(counts):
    cases = []
    for levels in ("abc", "abcd"):
        values = [levels[i % len(levels)] for i in range(13)]
        studies = pd.DataFrame({"study_id": counts.studies, "moderator_g": values})
        coding = Coding(kind="categorical", levels=list(levels))
        design = design_matrix(studies, {"g": coding})
        cases.append(("died", counts, Specification(levels, design, model(of=PRIORS))))
    pooled, integrated = integrate_models(cases, LIMIT)
    assert integrated.set_index("fit")["status"].to_dict() == {
        "died/abc": "answered",
        "died/abcd": "refused",
    }
    assert "more than two coefficients" in integrated["reason"].iloc[1]
    found = pooled.set_index("quantity")
    assert (found["model"] == "abc").all()
    assert {"mu", "beta[g=b]", "beta[g=c]", "mu[g=c]", "theta_new[g=c]"} <= set(found.index)
    # The settings are sums of coefficients.
    means = found["mean"]
    assert means["mu[g=c]"] == pytest.approx(means["mu"] + means["beta[g=c]"], abs=1e-6)


# Findings by their interval of z and groups, and estimates by value and standard error; each with
# a level and a number, the two moderators of the study.
TWO_MODERATORS = [
    ((1.96, np.inf), (200.0, 210.0), "a", -1.0),
    ((0.0, 1.96), (150.0, 148.0), "b", 0.5),
    ((-np.inf, -1.96), (102.0, 102.0), "a", 1.2),
    ((-1.96, 1.96), (90.0, 80.0), "b", -0.4),
    ((-1.96, 0.0), (120.0, 130.0), "a", 0.3),
    (0.4, 0.3, "b", 1.0),
    (-0.2, 0.25, "a", 0.0),
]


@pytest.mark.long
def test_two_coefficients_agree_with_a_plain_sum_over_a_dense_grid():
    rows = []
    for i, (first, second, *_) in enumerate(TWO_MODERATORS):
        row = {"study_id": f"s{i}", "effect_id": f"s{i}/o", "baseline_id": f"s{i}/o"}
        if isinstance(first, tuple):
            names = ("z_low", "z_high", "n_treated", "n_control")
            numbers = dict(zip(names, first + second, strict=True))
            rows.append(row | {"likelihood": "interval"} | numbers)
        else:
            numbers = {"value": first, "standard_error": second}
            rows.append(row | {"likelihood": "normal", "baseline_id": None} | numbers)
    data = data_of(rows)
    level, number = zip(*(case[2:] for case in TWO_MODERATORS), strict=True)
    studies = pd.DataFrame({"study_id": [f"s{i}" for i in range(len(rows))]})
    studies = studies.assign(moderator_g=level, moderator_x=number)
    moderators = {
        "g": Coding(kind="categorical", levels=["a", "b"]),
        "x": Coding(kind="numeric", centre=0.0, per=1.0),
    }
    result = answer(data, design_matrix(studies, moderators), PRIORS, LIMIT)
    assert result.converged

    # Independent of the engine: each study on 8,001 effects, three coefficients, 48 nodes of tau.
    grid = np.linspace(-3.6, 3.6, 73)
    log_prior = stats.norm.logpdf(grid, 0, 1.5)[:, None, None]
    log_prior = log_prior + stats.norm.logpdf(grid)[:, None] + stats.norm.logpdf(grid)
    theta, step = np.linspace(-14, 14, 4001, retstep=True)
    alpha = np.linspace(-4, 2, 121)
    weight = stats.norm.pdf(alpha, -1, 0.5)
    p0, p1 = expit(alpha[:, None]), expit(alpha[:, None] + theta)
    nodes, weights = np.polynomial.legendre.leggauss(48)
    taus, weights = 1.25 * (nodes + 1), weights * stats.halfnorm.pdf(1.25 * (nodes + 1), scale=0.5)
    m = np.linspace(-13, 13, 521)
    total, of_tau = np.zeros((73, 73, 73)), np.zeros(48)
    says = []
    for first, second, *_ in TWO_MODERATORS[:5]:
        z = theta / np.sqrt(1 / (second[0] * p1 * (1 - p1)) + 1 / (second[1] * p0 * (1 - p0)))
        says.append(weight @ (stats.norm.cdf(first[1] - z) - stats.norm.cdf(first[0] - z)))
    for k, tau in enumerate(taus):
        kernel = stats.norm.pdf(m[:, None], theta, tau) * step
        kernel /= kernel.sum(axis=1, keepdims=True)
        log_posterior = log_prior.copy()
        for i, (first, second, g, x) in enumerate(TWO_MODERATORS):
            at = (g == "b") * grid[:, None] + x * grid
            at = np.clip(grid[:, None, None] + at, m[0], m[-1])
            if i < 5:
                log_posterior += CubicSpline(m, np.log(kernel @ (says[i] / weight.sum())))(at)
            else:
                log_posterior += stats.norm.logpdf(first, at, math.hypot(second, tau))
        density = np.exp(log_posterior) * weights[k]
        of_tau[k] = density.sum()
        total += density
    total, of_tau = total / total.sum(), of_tau / of_tau.sum()
    for axis, quantity in enumerate(("mu", "beta[g=b]", "beta[x]")):
        share = total.sum(axis=tuple({0, 1, 2} - {axis}))
        below = CubicSpline(grid, share / 0.1).antiderivative()
        mean = share @ grid
        found = result.quantities[quantity]
        assert found["mean"] == pytest.approx(mean, abs=5e-4)
        assert found["sd"] == pytest.approx(math.sqrt(share @ (grid - mean) ** 2), abs=5e-4)
        for name, p in (("q2_5", 0.025), ("q50", 0.5), ("q97_5", 0.975)):
            x = brentq(lambda x, p=p, below=below: below(x) - p, grid[0], grid[-1])
            assert found[name] == pytest.approx(x, abs=1e-3), (quantity, name)
    mean = of_tau @ taus
    assert result.quantities["tau"]["mean"] == pytest.approx(mean, abs=5e-4)
    at_b = grid[:, None] + grid
    of_both = total.sum(axis=2)
    variance = of_both.ravel() @ (at_b.ravel() - of_both.ravel() @ at_b.ravel()) ** 2
    new = result.quantities["theta_new[g=b]"]
    assert new["mean"] == pytest.approx(of_both.ravel() @ at_b.ravel(), abs=1e-3)
    assert new["sd"] == pytest.approx(math.sqrt(variance + of_tau @ taus**2), abs=1e-3)


@pytest.mark.long
def test_exact_model_with_a_numeric_moderator_stands_still(counts):
    latitude = [PINNED["trials"][int(s[1:])]["latitude"] for s in counts.studies]
    studies = pd.DataFrame({"study_id": counts.studies, "moderator_latitude": latitude})
    coding = Coding(kind="numeric", centre=float(np.mean(latitude)), per=10.0)
    result = answer(counts, design_matrix(studies, {"latitude": coding}), PRIORS, LIMIT)
    assert result.converged
    # Close to the answer with normal terms, of which the counts are the exact form.
    assert result.quantities["beta[latitude]"]["q50"] == pytest.approx(
        PINNED["latitude"]["beta"][1]["q"]["0.5"], abs=0.05
    )


@pytest.mark.long
def test_many_fits_on_shared_tables_are_the_single_fits(counts):
    rng = np.random.default_rng(5)
    membership = rng.random((12, len(counts.studies))) < 0.6
    sets = [
        PRIORS,
        Priors(
            mu=Prior.parse("student_t(4, 0, 0.58)"),
            beta=Prior.parse("normal(0, 1)"),
            tau=Prior.parse("inverse_gamma(1.77, 0.55)"),
        ),
        PRIORS.model_copy(
            update={"tau": None, "tau_squared": Prior.parse("log_normal(-2.56, 1.74)")}
        ),
    ]
    for priors in sets:
        together = pooled_effects(
            StudyLikelihoods.from_readings([counts]), membership, priors, LIMIT
        )
        assert together.movement.max() < 1e-4
        for i in (0, 11):
            design = plain(counts)
            design = type(design)(**{**vars(design), "included": membership[i]})
            alone = answer(counts, design, priors, LIMIT).quantities
            for name, marginal in (("mu", together.mu), ("tau", together.tau)):
                found = [marginal.mean[i], marginal.sd[i], *marginal.quantiles[i]]
                expected = [alone[name][k] for k in ("mean", "sd", *LEVELS)]
                assert found == pytest.approx(expected, abs=2e-4), name


def test_tables_end_where_likelihoods_do(counts):
    likelihoods = StudyLikelihoods.from_readings([counts])
    for step in (0.5, likelihoods.step / 3):
        points, values = likelihoods.tables(-40.0, 40.0, step, np.array([0.0, 0.5]))
        assert np.abs(points).max() <= 15.0 + 1e-9
        # Carried on beyond its grid a likelihood would rise without end; a peak between two
        # points, a quarter of a standard error apart, is at most (1/8)^2 / 2 above them.
        assert (values.max(axis=2) <= likelihoods.log_likelihood.max(axis=1)[:, None] + 0.01).all()


def test_two_readings_of_a_study_are_two_rows(counts):
    likelihoods = StudyLikelihoods.from_readings([counts, counts])
    size = len(counts.studies)
    membership = np.zeros((2, 2 * size), dtype=bool)
    membership[0, :size] = True
    membership[1, size:] = True
    both = pooled_effects(likelihoods, membership, PRIORS, LIMIT)
    assert both.mu.quantiles[0] == pytest.approx(both.mu.quantiles[1], abs=1e-12)


def test_no_study_at_all_gives_the_prior_back(counts):
    nothing = np.zeros((1, len(counts.studies)), dtype=bool)
    result = pooled_effects(StudyLikelihoods.from_readings([counts]), nothing, PRIORS, LIMIT)
    assert result.mu.sd[0] == pytest.approx(1.5, abs=1e-4)
    assert result.tau.quantiles[0, 2] == pytest.approx(stats.halfnorm.ppf(0.5, scale=0.5), abs=1e-4)
    assert result.log_evidence[0] == pytest.approx(0.0, abs=1e-6)


def test_a_quantile_of_a_mixture_stays_where_it_is_found():
    # Five quantiles are sought together: one that is found first must wait for the others.
    rng = np.random.default_rng(20261123)
    weights = rng.dirichlet(np.ones(65), size=4)
    means, sds = rng.normal(0, 0.3, (4, 65)), rng.uniform(0.1, 1, (4, 65))
    found, _ = mixture_marginal(weights, means, sds, LIMIT, weights[None])
    for fit in range(4):
        for quantile, p in zip(found.quantiles[fit], PROBABILITIES, strict=True):
            below = lambda x, fit=fit: stats.norm.cdf(x, means[fit], sds[fit]) @ weights[fit]  # noqa: E731
            expected = brentq(lambda x, p=p, below=below: below(x) - p, -20, 20, xtol=1e-15)
            assert quantile == pytest.approx(expected, abs=1e-13)


def test_without_studies_the_answer_is_the_prior():
    data = data_of(finding("a", 1.96, np.inf, 100))
    nothing = replace(plain(data), included=np.zeros(1, dtype=bool))
    found = answer_from_tables(tabulated(data), nothing, PRIORS, LIMIT).quantities
    assert found["mu"]["q97_5"] == pytest.approx(PRIORS.mu.distribution.ppf(0.975), abs=1e-3)
    assert found["tau"]["q50"] == pytest.approx(PRIORS.tau.distribution.ppf(0.5), abs=1e-3)


def test_statements_that_bear_out_any_large_effect_leave_the_prior_to_end_it():
    # By the normal law the standard error grows with the effect, so that far out every effect goes
    # with "not significant": the likelihood is even there, and the mass ends with the prior's.
    sizes, levels = (30, 40, 50, 70, 100, 125, 160, 200), "yxxyyyyy"
    bounds = [(0.0 if n in (30, 125) else -1.96, 1.96) for n in sizes]
    rows = [
        {
            "study_id": f"s{i}",
            "effect_id": f"s{i}",
            "likelihood": "interval",
            "baseline_id": f"s{i}",
        }
        | {"z_low": low, "z_high": high, "n_treated": float(n), "n_control": float(n)}
        for i, (n, (low, high)) in enumerate(zip(sizes, bounds, strict=True))
    ]
    arms = BaselinePriors(
        findings=Prior.parse("normal(-1, 0.5)"), counts=Prior.parse("normal(0, 10)")
    )
    data = dataset(Terms.frame(rows), arms).with_statement_law("normal")
    studies = pd.DataFrame({"study_id": data.studies, "moderator_g": list(levels)})
    design = design_matrix(studies, {"g": Coding(kind="categorical", levels=["x", "y"])})
    priors = Priors(
        mu=Prior.parse("normal(0, 1)"),
        beta=Prior.parse("normal(0, 0.5)"),
        tau=Prior.parse("half_normal(0.5)"),
    )
    found = answer(data, design, priors, LIMIT).quantities
    # Independent of the engine: draws of the prior, weighted by what they make of the statements.
    rng, draws = np.random.default_rng(1), 1_000_000
    mu, beta = rng.normal(0, 1, draws), rng.normal(0, 0.5, draws)
    tau, log_weight = np.abs(rng.normal(0, 0.5, draws)), np.zeros(draws)
    for n, level, (low, high) in zip(sizes, levels, bounds, strict=True):
        theta = mu + beta * (level == "y") + tau * rng.standard_normal(draws)
        p = expit(rng.normal(-1, 0.5, draws) + np.array([np.zeros(draws), theta]))
        z = theta / np.sqrt((1 / (n * p * (1 - p))).sum(axis=0))
        log_weight += np.log(np.maximum(ndtr(high - z) - ndtr(low - z), 1e-300))
    weight = np.exp(log_weight)
    for name, values in (("mu", mu), ("tau", tau), ("beta[g=y]", beta)):
        mean = np.average(values, weights=weight)
        sd = np.sqrt(np.average((values - mean) ** 2, weights=weight))
        # Three Monte Carlo errors.
        assert found[name]["mean"] == pytest.approx(mean, abs=0.004), name
        assert found[name]["sd"] == pytest.approx(sd, abs=0.003), name


@pytest.mark.parametrize("values", [[9.0] * 6, [-9.0, 9.0], [-40.0, -38.0, 35.0]])
def test_posteriors_far_beyond_their_prior_agree_with_a_plain_sum(values):
    errors = np.full(len(values), 0.3)
    data = data_of(
        {"study_id": f"s{i}", "effect_id": f"s{i}/o", "likelihood": "normal"}
        | {"value": y, "standard_error": error}
        for i, (y, error) in enumerate(zip(values, errors, strict=True))
    )
    mu, tau = np.linspace(-30, 30, 6001), (np.arange(3000) + 0.5) * 0.01
    log_density = stats.norm.logpdf(mu, 0, 1.5) + stats.halfnorm.logpdf(tau, 0, 0.5)[:, None]
    for y, error in zip(values, errors, strict=True):
        log_density += stats.norm.logpdf(y, mu, np.hypot(tau, error)[:, None])
    density = np.exp(log_density - log_density.max())
    density /= density.sum()
    likelihoods = StudyLikelihoods.from_readings([data])
    together = pooled_effects(likelihoods, np.ones((1, len(values)), dtype=bool), PRIORS, LIMIT)
    for name, points, by_point, marginal in (
        ("mu", mu, density.sum(axis=0), together.mu),
        ("tau", tau, density.sum(axis=1), together.tau),
    ):
        mean = by_point @ points
        expected = [mean, math.sqrt(by_point @ points**2 - mean**2)]
        for of_all in (
            answer(data, plain(data), PRIORS, LIMIT),
            answer_from_tables(likelihoods, plain(data), PRIORS, LIMIT),
        ):
            found = of_all.quantities[name]
            assert [found["mean"], found["sd"]] == pytest.approx(expected, abs=1e-3), name
        assert [marginal.mean[0], marginal.sd[0]] == pytest.approx(expected, abs=1e-3), name


def test_the_highest_mode_is_taken_where_a_second_one_is_nearer_to_the_curves():
    # A curve that is highest, and bends most, at 7, where the prior is 24 nats down.
    points = np.linspace(-12, 12, 1201)
    prior = LinearTerm.through(np.ones(1), points, stats.norm.logpdf(points)[None], falls=True)
    far = np.logaddexp(-0.5 * points**2, 0.5 - 0.5 * ((points - 7.0) / 0.1) ** 2)
    curve = LinearTerm.through(np.ones(1), points, far[None])
    frames, log_density = modes([prior, curve], 1)
    assert frames.centre[0, 0] == pytest.approx(0.0, abs=1e-3)
    assert log_density[0] == pytest.approx(stats.norm.logpdf(0.0), abs=1e-3)
