"""Leave-one-out against brute force, and the averages behind it against direct integration."""

import json
from pathlib import Path

import numpy as np
import pytest
from made_up_fits import (
    counts,
    data_of,
    drawn_fit,
    estimate,
    finding,
    leave_one_out,
    model,
)
from scipy import integrate, stats

from livingreview.checks.influence import (
    CLOSED,
    draws_tree,
    influence_tables,
    integrated,
    left_out_rows,
)
from livingreview.checks.refits import Refits
from livingreview.checks.study_averages import log_density, log_marginals
from livingreview.effects.likelihood_tables import log_likelihoods, log_tails
from livingreview.models.quadrature.study_tables import StudyLikelihoods

pytestmark = pytest.mark.long

PINNED = json.loads((Path(__file__).parents[1] / "data/bcg_integration.json").read_text())
VALUES = np.array(PINNED["log_odds_ratio"])
ERRORS = np.sqrt(PINNED["variance"])
# Steps of a twentieth of the smallest heterogeneity tried below.
DENSE = np.linspace(-15, 15, 60_001)
MIXED = data_of(
    counts("counts", 20, 150, 35, 140),
    finding("more", 1.96, np.inf, 150.0),
    finding("not_significant", -1.96, 1.96, 60.0),
    finding("fewer", -np.inf, 0.0, 400.0),
    estimate("estimate", -0.4, 0.3),
)


@pytest.fixture(scope="module")
def bcg():
    trials = enumerate(zip(VALUES, ERRORS, strict=True))
    return drawn_fit(data_of(*[estimate(f"s{i:02}", y, s) for i, (y, s) in trials]), draws=8000)


def direct(function, m, tau, degrees):
    """Average over the effect by a dense trapezium sum; beyond its ends, the value there."""
    kernel = stats.norm(m, tau) if degrees is None else stats.t(degrees, m, tau)
    inside = integrate.trapezoid(kernel.pdf(DENSE) * function, DENSE)
    return inside + kernel.cdf(DENSE[0]) * function[0] + kernel.sf(DENSE[-1]) * function[-1]


@pytest.mark.parametrize("degrees", [None, 4.0])
def test_averages_over_the_effect_are_those_of_direct_integration(degrees):
    rng = np.random.default_rng(3)
    location = rng.uniform(-1.5, 1.5, (12, 5))
    tau = rng.uniform(0.01, 1.5, 12)
    likelihoods = StudyLikelihoods.from_readings([MIXED])
    functions = [likelihoods.log_likelihood, *log_tails(MIXED, likelihoods.theta)]
    found = log_marginals(likelihoods, functions, CLOSED, location, tau, degrees)
    dense = [np.exp(f) for f in (log_likelihoods(MIXED, DENSE), *log_tails(MIXED, DENSE))]
    for study, draw in np.ndindex(5, 12):
        m, t = location[draw, study], tau[draw]
        likelihood, *tails = (direct(f[study], m, t, degrees) for f in dense)
        assert found[0][draw, study] == pytest.approx(np.log(likelihood), abs=1e-4)
        for values, tail in zip(found[1:], tails, strict=True):
            assert np.exp(values[draw, study]) == pytest.approx(tail, abs=1e-4)


def test_tails_of_counts_are_fishers_noncentral_hypergeometric():
    theta = np.array([-1.0, 0.0, 0.7])
    below, upto = log_tails(data_of(counts("a", 4, 30, 9, 25)), theta)
    for i, t in enumerate(theta):
        # Of 55 people 13 have an event, 30 are treated; scipy's own implementation.
        law = stats.nchypergeom_fisher(55, 30, 13, np.exp(t))
        assert np.exp(below[0, i]) == pytest.approx(law.cdf(3), rel=1e-8)
        assert np.exp(upto[0, i]) == pytest.approx(law.cdf(4), rel=1e-8)


def test_tails_of_a_finding_hold_its_likelihood_between_them():
    theta = np.linspace(-2, 2, 9)
    below, upto = log_tails(MIXED, theta)
    likelihood = np.exp(log_likelihoods(MIXED, theta))
    for name in ("more", "not_significant", "fewer"):
        i = MIXED.studies.index(name)
        assert np.exp(upto[i]) - np.exp(below[i]) == pytest.approx(likelihood[i], abs=1e-9)


def test_no_events_at_all_leave_every_place_open():
    # Nothing can be said of the effect: one report is possible, given that nobody fell ill.
    below, upto = log_tails(data_of(counts("a", 0, 30, 0, 25)), np.array([0.3]))
    assert np.exp([below[0, 0], upto[0, 0]]) == pytest.approx([0.0, 1.0])


def test_smoothed_weights_give_the_leave_one_out_of_brute_force(bcg):
    # 8,000 independent draws: the log of a mean of weights has a standard error of about 0.01.
    elpd, mean = leave_one_out(VALUES, ERRORS, model())
    parts = integrated(bcg)
    rows = list(left_out_rows(bcg, draws_tree(bcg, parts), parts, np.inf, seed=1))
    found = np.array([row["elpd"] for row, _ in rows])
    k = np.array([row["pareto_k"] for row, _ in rows])
    assert np.all(k < 0.7)
    assert found == pytest.approx(elpd, abs=0.05)
    of_mu = np.array([s["mean"] for _, of in rows for s in of if s["quantity"] == "mu"])
    sd = np.array([s["sd"] for _, of in rows for s in of if s["quantity"] == "mu"])
    # Four Monte Carlo standard errors, at half the draws' worth of weights.
    assert np.all(np.abs(of_mu - mean) < 4 * sd / np.sqrt(4000))
    # The weights must have done something: no study left out moves mu by more than one left in.
    assert np.abs(mean - bcg.draws("mu").mean()).max() > 0.05


def test_refits_are_exact(bcg):
    elpd, mean = leave_one_out(VALUES, ERRORS, model())
    refits = Refits(bcg)
    for i in (3, 12):
        refit = refits.without(i)
        assert refit.elpd == pytest.approx(elpd[i], abs=1e-4)
        assert refit.statistics["mu"]["mean"] == pytest.approx(mean[i], abs=1e-4)
        assert set(refit.statistics) == {"mu", "tau"}


def test_weights_and_refits_agree_on_every_kind_of_evidence():
    fit = drawn_fit(MIXED, draws=8000)
    parts = integrated(fit)
    tree = draws_tree(fit, parts)
    weighted = list(left_out_rows(fit, tree, parts, np.inf, seed=1))
    exact = list(left_out_rows(fit, tree, parts, -np.inf, seed=1))
    assert not any(row["refitted"] for row, _ in weighted)
    assert all(row["refitted"] for row, _ in exact)
    # Against the other four, a significant increase is a surprise that weights cannot bear.
    heavy = {row["study_id"] for row, _ in weighted if row["pareto_k"] > 0.7}
    assert heavy == {"more"}
    for (by_weights, without), (by_fit, refitted) in zip(weighted, exact, strict=True):
        if by_weights["study_id"] in heavy:
            continue
        assert by_weights["elpd"] == pytest.approx(by_fit["elpd"], abs=0.05)
        assert by_weights["pit"] == pytest.approx(by_fit["pit"], abs=0.03)
        for one, other in zip(without, refitted, strict=True):
            assert one["quantity"] == other["quantity"]
            assert one["mean"] == pytest.approx(other["mean"], abs=0.04)
            assert one["q50"] == pytest.approx(other["q50"], abs=0.05)
            assert one["p_above_zero"] == pytest.approx(other["p_above_zero"], abs=0.04)


def test_a_study_too_heavy_for_weights_is_refitted_or_left_for_the_warning(protocol):
    limits = protocol.checks
    others = [estimate(f"s{i}", 0.1 * i, 0.25) for i in range(4)]
    data = data_of(*others, estimate("heavy", 4.0, 0.02))
    influence, left_out, *_ = influence_tables([drawn_fit(data)], limits, seed=1)
    heavy = influence.set_index("study_id").loc["heavy"]
    assert heavy["pareto_k"] > limits.pareto_k_at_most.value
    assert heavy["refitted"]
    values, errors = [0.0, 0.1, 0.2, 0.3, 4.0], [0.25] * 4 + [0.02]
    elpd, mean = leave_one_out(values, errors, model())
    assert heavy["elpd"] == pytest.approx(elpd[4], abs=1e-3)
    without = left_out.set_index(["study_id", "quantity"]).loc[("heavy", "mu")]
    assert without["mean"] == pytest.approx(mean[4], abs=1e-3)
    # Integration cannot answer for Student-t effects, and the weights stay.
    robust = model("robust", degrees=4.0)
    influence, *_ = influence_tables([drawn_fit(data, robust)], limits, seed=1)
    assert not influence["refitted"].any()


def test_an_outlier_is_improbable_given_the_others(protocol):
    alike = [0.0, 0.05, -0.05, 0.02, -0.02, 0.1]
    studies = [estimate(f"s{i}", value, 0.1) for i, value in enumerate(alike)]
    fit = drawn_fit(data_of(*studies, estimate("outlier", 3.0, 0.1)))
    influence, *_ = influence_tables([fit], protocol.checks, seed=1)
    pit = influence.set_index("study_id")["pit"]
    assert pit["outlier"] > 0.999
    assert pit.drop("outlier").between(0.05, 0.95).all()


def test_kinds_without_a_likelihood_of_one_study_are_told(protocol):
    fit = drawn_fit(MIXED, model("joint", lkj=2.0))
    *tables, told = influence_tables([fit], protocol.checks, 1)
    assert all(table.empty for table in tables)
    assert set(told["table"]) == {"influence", "power_scaling"}


def test_closed_forms_of_estimates():
    assert log_density(0.3, 0.04 + 0.25, -0.1) == pytest.approx(
        stats.norm.logpdf(0.3, -0.1, np.sqrt(0.29))
    )
