"""The same trials in other forms of evidence, and findings of a known truth (validation/)."""

import importlib
import math
import sys

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from scipy import stats

from livingreview.effects.likelihood_tables import log_likelihoods

FOLDER = ROOT / "validation/forms_of_evidence"
# The folder's scripts import each other by name, as scripts do.
sys.path.append(str(FOLDER))
compare = importlib.import_module("compare")
known_truth = importlib.import_module("known_truth")
readme = importlib.import_module("readme")
simulations = importlib.import_module("simulations").simulations

FORMS = pd.read_csv(FOLDER / "forms.csv").set_index(["form", "quantity"])
STATISTICS = ["mean", "sd", "q2_5", "q5", "q50", "q95", "q97_5"]
# Beyond this many standard errors, chance explains a bias once in 16,000.
MOST_ERRORS = 4.0


def mu(form, statistic="mean"):
    return FORMS.loc[(form, "mu"), statistic]


def test_readme_shows_the_tables():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert readme.written(text, FOLDER) == text


@pytest.mark.slow
@pytest.mark.parametrize("form", list(compare.FORMS))
def test_posterior_is_the_one_pinned(form):
    found = compare.form_table([form]).set_index(["form", "quantity"])
    pinned = FORMS.loc[[form]]
    assert (found["trials"] == pinned["trials"]).all()
    # Twice what the engine's grids may leave in a quantile.
    assert (found[STATISTICS] - pinned[STATISTICS]).abs().max(axis=None) < 2e-4


@pytest.mark.slow
@pytest.mark.parametrize("form", ["z", "chi_squared"])
def test_posterior_with_a_long_tail_is_that_of_a_plain_sum(form):
    """Tests without a control share leave a peak beside a tail: a sum over mu, tau and theta."""
    found = compare.FORMS[form]()
    priors, step = found.overall.model.priors, 0.01
    theta, mu = np.arange(-15, 9, step), np.arange(-13, 6, step)
    log_likelihood = log_likelihoods(found.data, theta)
    likelihood = np.exp(log_likelihood - log_likelihood.max(axis=1, keepdims=True))
    # Below 0.02 no likelihood changes within the spread between studies.
    t = np.linspace(np.arcsinh(0.02 / 0.1), np.arcsinh(4 / 0.1), 200)
    tau = 0.1 * np.sinh(t)
    log_density = np.empty((tau.size, mu.size))
    for i, sd in enumerate(tau):
        blurred = stats.norm.pdf(mu[:, None], theta, sd) @ likelihood.T
        log_density[i] = np.log(np.maximum(blurred, 1e-300)).sum(axis=1)
    log_density += priors.mu.distribution.logpdf(mu)
    log_density += (priors.tau.distribution.logpdf(tau) + np.log(np.cosh(t)))[:, None]
    mass = np.exp(log_density - log_density.max())
    # All spreads below the first node, as if they were it.
    mass[0] *= 0.02 / (0.1 * np.cosh(t[0]) * (t[1] - t[0]))
    mass /= mass.sum()
    figures = compare.form_table([form]).set_index("quantity")
    for name, values, weights in (("mu", mu, mass.sum(axis=0)), ("tau", tau, mass.sum(axis=1))):
        mean = weights @ values
        assert figures.loc[name, "mean"] == pytest.approx(mean, abs=2e-4)
        sd = np.sqrt(weights @ (values - mean) ** 2)
        assert figures.loc[name, "sd"] == pytest.approx(sd, abs=2e-4)


def test_rounded_percentages_lie_between_the_counts_that_fit_them():
    for form in ("counts", "percentages"):
        assert mu("percentages_lowest") < mu(form) < mu("percentages_highest")
    # One decimal of a rare outcome costs more than the normal law does.
    assert abs(mu("percentages") - mu("counts")) > abs(mu("odds_ratio_unrounded") - mu("counts"))


def test_odds_ratios_are_nearer_to_no_effect_than_counts_and_rounding_is_not_why():
    assert 0.01 < mu("odds_ratio_unrounded") - mu("counts") < 0.02
    assert abs(mu("odds_ratio") - mu("odds_ratio_unrounded")) < 0.005
    # The normal law fails where events are few: counts for those trials mend two thirds of it.
    left = mu("odds_ratio_of_many_events") - mu("counts")
    assert 0 < left < (mu("odds_ratio_unrounded") - mu("counts")) / 3


def test_z_at_its_own_control_share_is_the_odds_ratio():
    apart = FORMS.loc["z_with_control_share"] - FORMS.loc["odds_ratio_unrounded"]
    assert apart.abs().max(axis=None) < 1e-5


def test_chi_squared_read_as_z_of_the_log_odds_ratio_exaggerates():
    assert mu("chi_squared_with_control_share") < mu("z_with_control_share") - 0.02
    tau = FORMS.xs("tau", level="quantity")["mean"]
    assert tau["chi_squared_with_control_share"] > tau["z_with_control_share"] + 0.1


@pytest.mark.parametrize("form", ["chi_squared", "z", "chi_squared_with_control_share"])
def test_no_trial_is_lost_for_the_form_of_its_report(form):
    assert FORMS.loc[(form, "mu"), "trials"] == 13


@pytest.mark.parametrize("form", ["chi_squared", "z"])
def test_tests_are_near_the_counts_and_keep_more_than_findings(form):
    assert abs(mu(form) - mu("counts")) < 0.25 * mu("counts", "sd")
    assert mu("counts", "sd") < mu(form, "sd") < mu("finding", "sd")


@pytest.mark.slow
def test_chi_squared_agrees_with_a_plain_sum_over_a_dense_grid():
    terms = compare.in_form(compare.chi_squared).terms
    theta, step = np.linspace(-15, 9, 6001, retstep=True)
    logit = np.linspace(-4.1 - 12, -4.1 + 12, 401)[:, None]
    weight = stats.norm.pdf(logit, -4.1, 1.7)
    inverse = [2 + 2 * np.cosh(at) for at in (logit + theta, logit)]
    likelihoods = []
    for term in terms.itertuples():
        z = theta / np.sqrt(inverse[0] / term.n_treated + inverse[1] / term.n_control)
        says = stats.norm.cdf(term.z_high - z) - stats.norm.cdf(term.z_low - z)
        if term.z_high - term.z_low < 0.1:
            says = stats.norm.pdf((term.z_low + term.z_high) / 2, z)
        likelihoods.append((weight * says).sum(axis=0))
    of_study = (np.array(likelihoods) / np.max(likelihoods, axis=1, keepdims=True)).T
    mu, tau = np.arange(-12, 3.01, 0.03), (np.arange(125) + 0.5) * 0.02
    log_posterior = stats.norm.logpdf(mu, 0, 1.5)[:, None] + stats.halfnorm.logpdf(tau, 0, 0.5)
    for k, t in enumerate(tau):
        kernel = stats.norm.pdf(mu[:, None], theta, t) * step
        log_posterior[:, k] += np.log(kernel @ of_study).sum(axis=1)
    density = np.exp(log_posterior - log_posterior.max())
    density /= density.sum()
    for name, points, marginal in (
        ("mu", mu, density.sum(axis=1)),
        ("tau", tau, density.sum(axis=0)),
    ):
        pinned = FORMS.loc[("chi_squared", name)]
        mean = marginal @ points
        assert pinned["mean"] == pytest.approx(mean, abs=1e-3)
        assert pinned["sd"] == pytest.approx(math.sqrt(marginal @ points**2 - mean**2), abs=1e-3)
        edges = points + 0.5 * (points[1] - points[0])
        for column, level in (("q2_5", 0.025), ("q50", 0.5), ("q97_5", 0.975)):
            quantile = np.interp(level, np.cumsum(marginal), edges)
            assert pinned[column] == pytest.approx(quantile, abs=1e-3), (name, column)


def test_findings_keep_a_fifth_of_the_information():
    kept = (mu("counts", "sd") / mu("finding", "sd")) ** 2
    assert 0.18 < kept < 0.24
    # A statement bounds an effect from one side: the far tail is the longer one.
    assert mu("finding", "q50") - mu("finding", "q5") > 1.5 * (
        mu("finding", "q95") - mu("finding", "q50")
    )
    assert mu("finding", "q5") < mu("counts", "q5") and mu("finding", "q95") > mu("counts", "q95")


@pytest.mark.slow
@pytest.mark.parametrize("review", ["bcg_vaccine", "second_responder"])
def test_truths_drawn_from_the_prior_are_recovered_from_findings(review):
    found = known_truth.summary(known_truth.recovered(simulations()[f"{review}_drawn"]))
    print(found.to_string())
    # Exact but for Monte Carlo error: no allowance beyond the binomial bounds.
    assert found["coverage"].between(found["least"], found["most"]).all()
    assert (found["bias"].abs() < MOST_ERRORS * found["bias_error"]).all()


@pytest.mark.slow
@pytest.mark.parametrize("review", ["bcg_vaccine", "second_responder"])
def test_one_plausible_truth_is_covered_by_intervals_from_findings(review):
    found = known_truth.summary(known_truth.recovered(simulations()[f"{review}_fixed"]))
    print(found.to_string())
    # At a single truth near the prior's centre, intervals that lean on the prior cover more
    # than they promise; none may cover less.
    assert (found["coverage"] >= found["least"]).all()
