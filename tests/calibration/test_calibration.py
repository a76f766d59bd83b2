"""The calibration's own parts: reports by the stated process, ranks judged by the stated test."""

import numpy as np
import pandas as pd
import pymc as pm
import pytest
from scipy import stats

from livingreview.calibration.cases import calibration_cases
from livingreview.calibration.nuts import RANKS, graph, printed_reports, ranks, verdicts
from livingreview.calibration.quadrature import (
    placed_truths,
    quadrature_cases,
    quadrature_verdicts,
)
from livingreview.models.nuts.compiling import compile_model
from livingreview.protocol.run_config import Sampler


def ranks_of(values):
    rows = [("c", i, "mu", int(rank), 0) for i, rank in enumerate(values)]
    return pd.DataFrame(rows, columns=["case", "data_set", "quantity", "rank", "divergences"])


def test_uniform_ranks_pass_and_others_do_not():
    rng = np.random.default_rng(5)
    uniform = rng.integers(0, RANKS + 1, 400)
    assert verdicts(ranks_of(uniform))["calibrated"].item()
    too_narrow = np.clip((rng.beta(0.5, 0.5, 400) * (RANKS + 1)).astype(int), 0, RANKS)
    assert not verdicts(ranks_of(too_narrow))["calibrated"].item()


def test_truth_is_drawn_with_the_design_matrix_that_the_fit_uses():
    case = calibration_cases()["moderator"]
    model = graph(case)
    names = ["mu", "tau", "u", "beta", "theta"]
    mu, tau, u, beta, theta = pm.draw([model[n] for n in names], draws=1, random_seed=1)
    study = case.data.effect_study
    np.testing.assert_allclose(theta, mu + tau * u[study] + case.columns[study] @ beta)


def test_selection_leaves_unprinted_what_is_not_significant():
    case = calibration_cases()["selection"]
    data = case.data
    truth = {
        "mu": np.array(0.0),
        "tau": np.array(0.5),
        "theta": np.zeros(len(data.effects)),
        "printed": np.array(0.0),
        "baseline_logit": np.full(len(data.baselines), -0.9),
    }
    drawn, behind = printed_reports(data, truth, np.random.default_rng(2))
    estimates, statements = drawn.forms["normal"], drawn.forms["interval"]
    assert (np.abs(estimates.value / estimates.error) > 1.96).all()
    low, high = statements.z_low, statements.z_high
    assert set(np.abs(low[np.isfinite(low)])) <= {1.96}
    assert not (np.isfinite(low) & np.isfinite(high)).any()
    # In the place of an unprinted study stands another one, with an effect of its own.
    assert (behind["theta"] != 0.0).sum() >= len(data.effects) - 2


def test_studies_in_print_come_from_the_population_that_is_printed():
    data = calibration_cases()["selection"].data
    mu, tau, weight, rng, sets = 0.2, 0.3, 0.05, np.random.default_rng(4), 400
    prior, found = data.baseline_prior, []
    for _ in range(sets):
        truth = {"mu": np.array(mu), "tau": np.array(tau), "printed": np.array(weight)}
        truth["theta"] = mu + tau * rng.standard_normal(len(data.effects))
        truth["baseline_logit"] = rng.normal(prior.location, prior.scale)
        drawn, behind = printed_reports(data, truth, rng)
        found.append(behind["theta"][drawn.forms["normal"].effect])
    theta, expected = np.linspace(mu - 6 * tau, mu + 6 * tau, 4001), []
    for error in data.forms["normal"].error:
        inside = stats.norm.cdf(1.96 - theta / error) - stats.norm.cdf(-1.96 - theta / error)
        density = stats.norm.pdf(theta, mu, tau) * (1 - (1 - weight) * inside)
        expected.append((theta * density).sum() / density.sum())
    # Redrawn around their own effects, studies would have the mean of all, in print or not.
    chance = 4 * tau / np.sqrt(np.size(found))
    assert np.mean(found) == pytest.approx(np.mean(expected), abs=chance)
    assert np.mean(expected) > mu + 1.5 * chance


def test_truths_fall_where_integration_says():
    found = placed_truths(quadrature_cases()["estimates"], range(150), seed=3)
    table = quadrature_verdicts(found.assign(case="estimates"))
    assert list(table["quantity"]) == ["mu", "tau", "theta_new"]
    assert table["calibrated"].all()
    # Equal shares of the six intervals are far from what the quantiles promise.
    too_narrow = found.assign(case="c", interval=found["data_set"] % 6)
    assert not quadrature_verdicts(too_narrow)["calibrated"].any()


@pytest.mark.parametrize(
    ("way", "sets"),
    [
        pytest.param("small_groups", 300, marks=pytest.mark.slow),
        pytest.param("mixed_two_coefficients", 400, marks=pytest.mark.slow),
    ],
)
def test_truths_fall_where_integration_says_of_other_evidence(way, sets):
    found = placed_truths(quadrature_cases()[way], range(sets), seed=3)
    assert quadrature_verdicts(found.assign(case=way))["calibrated"].all()


def assert_parts_change_nothing(results, sets, parts):
    """Hold results of all data sets against those of their parts, put in order."""
    whole = results(range(sets))
    shared = pd.concat([results(range(part, sets, parts)) for part in range(parts)])
    shared = shared.sort_values("data_set", kind="stable").reset_index(drop=True)
    pd.testing.assert_frame_equal(whole, shared)
    assert whole["data_set"].nunique() == sets


def test_sharing_data_sets_among_integrating_parts_changes_nothing():
    case = quadrature_cases()["mixed"]
    assert_parts_change_nothing(lambda sets: placed_truths(case, sets, seed=3), 4, 3)


@pytest.mark.long
def test_sharing_data_sets_among_sampling_parts_changes_nothing(monkeypatch):
    case = calibration_cases()["overall"]
    # Compiled once: each part would have the same.
    compiled = compile_model(graph(case))
    monkeypatch.setattr("livingreview.calibration.nuts.compile_model", lambda model: compiled)
    short = Sampler(chains=2, tune=100, draws=100, target_accept=0.9)
    assert_parts_change_nothing(lambda sets: ranks(case, sets, 4, short, seed=3), 4, 3)
