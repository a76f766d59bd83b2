"""Ratios whose control share is not known: one location for all, against plain sums."""

import numpy as np
import pandas as pd
import pytest
from made_up_fits import plain_design
from scipy import integrate, stats
from scipy.special import expit, logsumexp

from livingreview.effects.data_set import dataset
from livingreview.effects.design_matrix import design_matrix
from livingreview.effects.forms.shared_errors import SharedNodes
from livingreview.effects.likelihood_tables import located_log_likelihoods
from livingreview.models.nuts.graph import build_model, model_numbers
from livingreview.models.quadrature import locations
from livingreview.models.quadrature.engine import answer, answer_from_tables, tabulated
from livingreview.protocol.models import ModelSpecification, Priors
from livingreview.protocol.moderators import Coding
from livingreview.protocol.outcomes import BaselinePriors, Shares
from livingreview.protocol.priors import Prior
from livingreview.tables.effects import Terms

SPREAD = 0.4
ARMS = BaselinePriors(
    findings=Prior.parse("normal(-1, 0.8)"),
    counts=Prior.parse("normal(-1, 10)"),
    shares=Shares(location=Prior.parse("normal(-1, 0.8)"), spread=SPREAD, reason="made up"),
)
PRIORS = Priors(
    mu=Prior.parse("normal(0, 1)"),
    beta=Prior.parse("normal(0, 1)"),
    tau=Prior.parse("half_normal(0.5)"),
)
RATIOS = [(0.5, 0.2), (0.7, 0.15), (0.3, 0.25)]
COUNTS = [(30, 60, 22, 60), (50, 90, 41, 95)]


def terms(ratios, counts):
    rows = [
        {"study_id": f"r{i}", "effect_id": f"r{i}", "outcome": "o", "likelihood": "ratio"}
        | {"value": y, "standard_error": s, "measure": "risk_ratio", "baseline_id": f"r{i}"}
        for i, (y, s) in enumerate(ratios)
    ]
    for i, (a, n, c, m) in enumerate(counts):
        common = {"study_id": f"c{i}", "outcome": "o", "likelihood": "binomial"}
        common |= {"baseline_id": f"c{i}"}
        rows.append(common | {"effect_id": None, "treated": 0.0, "events": c, "total": m})
        rows.append(common | {"effect_id": f"c{i}", "treated": 1.0, "events": a, "total": n})
    return Terms.frame(rows)


def arms(location_sd, spread):
    """Assumptions about arms, with a prior of the location of shares as wide as asked."""
    prior = Prior.parse(f"normal(-1, {location_sd})")
    shares = Shares(location=prior, spread=spread, reason="made up")
    return ARMS.model_copy(update={"shares": shares})


def by_plain_sums(ratios, counts, theta, mu, tau):
    """Posterior of mu and tau by sums over m, theta and each control logit."""
    step = theta[1] - theta[0]
    kernel = stats.norm.pdf(theta, mu[:, None, None], np.maximum(tau, 1e-9)[:, None]) * step
    alpha = np.linspace(-6, 4, 321)
    p1, p0 = expit(alpha[:, None] + theta), expit(alpha[:, None])
    of_ratios = [stats.norm.pdf(y, np.log(p1 / p0), s) for y, s in ratios]
    flat = stats.norm.pdf(alpha, -1, 10)
    of_counts = [
        (flat * stats.binom.pmf(c, k, p0[:, 0])) @ stats.binom.pmf(a, n, p1)
        for a, n, c, k in counts
    ]
    total = []
    for m in np.linspace(-4.5, 2.5, 71):
        log = stats.norm.logpdf(m, -1, 0.8)
        for _, _, c, k in counts:
            logit, error = np.log(c / (k - c)), np.sqrt(1 / c + 1 / (k - c))
            log += stats.norm.logpdf(logit, m, np.hypot(SPREAD, error))
        weight = stats.norm.pdf(alpha, m, SPREAD)
        rows = [weight @ density for density in of_ratios] + of_counts
        total.append(log + sum(np.log(kernel @ row) for row in rows))
    log = logsumexp(total, axis=0)
    log += stats.norm.logpdf(mu, 0, 1)[:, None] + stats.halfnorm.logpdf(tau, scale=0.5)
    weights = np.exp(log - log.max())
    return weights / weights.sum()


@pytest.mark.parametrize("counts", [COUNTS, []], ids=["shares", "no share"])
def test_tensors_and_tables_are_one_model(counts):
    """Integration of mu and tau against plain sums, each by code that shares nothing."""
    data = dataset(terms(RATIOS, counts), ARMS)
    ours = answer(data, plain_design(data), PRIORS, 0.1)
    assert ours.converged
    mu, tau = np.linspace(-1.5, 4.5, 193), np.arange(0.0125, 2.5, 0.025)
    weights = by_plain_sums(RATIOS, counts, np.linspace(-6, 8, 1401), mu, tau)
    of_mu = weights.sum(axis=1)
    mean = of_mu @ mu
    sd = np.sqrt(of_mu @ (mu - mean) ** 2)
    assert ours.quantities["mu"]["mean"] == pytest.approx(mean, abs=2e-3)
    assert ours.quantities["mu"]["sd"] == pytest.approx(sd, abs=2e-3)
    of_tau = weights.sum(axis=0)
    assert ours.quantities["tau"]["mean"] == pytest.approx(of_tau @ tau, abs=4e-3)


LIKE = [(0.3 + 0.02 * i, 0.1) for i in range(8)]
UNLIKE = [(1.2, 0.1)] * 3 + [(-0.8, 0.1)] * 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ratios", "counts", "location_sd", "spread"),
    [
        (RATIOS, [], 1.5, 0.5),
        (UNLIKE, [], 1.5, 0.5),
        (LIKE, [], 1.5, 0.2),
        (LIKE, COUNTS * 10, 1.5, 0.5),
    ],
    ids=["few", "unlike", "like", "many shares"],
)
def test_more_nodes_of_the_location_move_nothing(ratios, counts, location_sd, spread, monkeypatch):
    data = dataset(terms(ratios, counts), arms(location_sd, spread))

    def statistics():
        found = answer(data, plain_design(data), PRIORS, 0.1).quantities
        return pd.DataFrame(found)

    nodes = locations.location_nodes(data.shares)[0].size
    before = statistics()
    monkeypatch.setattr(locations, "STEP_OF_SPREAD", locations.STEP_OF_SPREAD / 2)
    monkeypatch.setattr(locations, "STEP_OF_DISTANCE", locations.STEP_OF_DISTANCE / 2)
    assert locations.location_nodes(data.shares)[0].size > 1.9 * nodes
    np.testing.assert_allclose(before, statistics(), atol=5e-5)


def test_a_fit_without_any_share_is_served_by_nodes_of_all():
    data = dataset(terms(RATIOS, COUNTS * 4), arms(1.5, 0.5))
    ratios = dataset(terms(RATIOS, []), arms(1.5, 0.5))
    rows = tabulated(data).only(np.array([name.startswith("r") for name in data.studies]))
    found = answer_from_tables(rows, plain_design(ratios), PRIORS, 0.1).quantities
    expected = answer(ratios, plain_design(ratios), PRIORS, 0.1).quantities
    np.testing.assert_allclose(pd.DataFrame(found), pd.DataFrame(expected), atol=2e-4)


def ratio_by_quadrature(measure, value, error, theta, m):
    """Log density of a ratio at one location, by adaptive integration."""

    def log_ratio(alpha):
        p0, p1 = expit(alpha), expit(alpha + theta)
        return np.log(p1 / p0) if measure == "risk_ratio" else np.log(np.log1p(-p1) / np.log1p(-p0))

    def density(alpha):
        return stats.norm.pdf(alpha, m, SPREAD) * stats.norm.pdf(value, log_ratio(alpha), error)

    ends = m - 9 * SPREAD, m + 9 * SPREAD
    points = np.linspace(*ends, 40)
    return np.log(integrate.quad(density, *ends, points=points, limit=400, epsabs=0)[0])


@pytest.mark.parametrize("measure", ["risk_ratio", "hazard_ratio"])
@pytest.mark.parametrize(("value", "error"), [(0.5, 0.2), (-0.3, 0.05), (0.4, 0.4)])
def test_one_table_serves_every_location(measure, value, error):
    """Each node of the location against direct integration over the control logit."""
    data = dataset(terms([(value, error)], []).assign(measure=measure), ARMS)
    theta, locations = np.array([-1.0, 0.0, 0.3, 1.2]), np.array([-3.0, -1.0, -0.9, 0.8])
    found = located_log_likelihoods(data, theta, locations)[:, 0]
    expected = np.array(
        [[ratio_by_quadrature(measure, value, error, t, m) for t in theta] for m in locations]
    )
    near = expected > -30
    np.testing.assert_allclose(found[near], expected[near], atol=1e-9)
    # So it is where errors are shared, which average to the same.
    shared, form = SharedNodes.of(3, 0.5), data.forms["ratio"]
    given = form.located_given(0, theta, data.baseline_prior, shared, locations)
    averaged = logsumexp(given + shared.log_weight[:, None], axis=1)
    near = expected > -12
    np.testing.assert_allclose(averaged[near], expected[near], atol=2e-5)


def test_groups_of_a_moderator_have_one_location_in_common():
    """With a slope that its prior holds at 0, a moderator changes nothing."""
    data = dataset(terms(RATIOS, COUNTS), ARMS)
    groups = ["a" if i % 2 else "b" for i in range(len(data.studies))]
    studies = pd.DataFrame({"study_id": list(data.studies), "moderator_g": groups})
    grouped = design_matrix(studies, {"g": Coding(kind="categorical", levels=["a", "b"])})
    no_slope = PRIORS.model_copy(update={"beta": Prior.parse("normal(0, 0.01)")})
    plain = answer(data, plain_design(data), PRIORS, 0.1).quantities
    found = answer(data, grouped, no_slope, 0.1)
    assert found.converged
    for quantity in ("mu", "tau"):
        for statistic in ("mean", "sd", "q2_5", "q97_5"):
            value = plain[quantity][statistic]
            assert found.quantities[quantity][statistic] == pytest.approx(value, abs=2e-3)


def test_a_control_share_on_record_moves_what_ratios_say():
    """With a higher control share a risk ratio is a larger odds ratio."""
    medians = []
    for c in (9, 22, 40):
        counts = [(c, 60, c, 60), (c, 60, c, 60)]
        data = dataset(terms(RATIOS, counts), ARMS)
        only_ratios = dataset(terms(RATIOS, []), ARMS)
        assert only_ratios.shares is not None and not only_ratios.shares.logit.size
        medians.append(answer(data, plain_design(data), PRIORS, 0.1).quantities["mu"]["q50"])
    assert medians[0] < medians[1] < medians[2]


@pytest.mark.long
def test_density_of_the_graph_is_that_of_the_model():
    data = dataset(terms(RATIOS, COUNTS), ARMS)
    model = build_model(data, 0, ModelSpecification(moderators={}, priors=PRIORS))
    assert "share_location" in model.named_vars
    point = model.initial_point()
    log = model.compile_logp()
    numbers = model_numbers(data, 0, ModelSpecification(moderators={}, priors=PRIORS))
    assert set(numbers) >= {"share_logit", "share_error", "share_spread"}

    def by_scipy(m, logits):
        around = sum(
            stats.norm.logpdf(x, m, SPREAD)
            for x, name in zip(logits, data.baselines, strict=True)
            if name.startswith("r")
        )
        shares = sum(
            stats.norm.logpdf(np.log(c / (k - c)), m, np.sqrt(SPREAD**2 + 1 / c + 1 / (k - c)))
            for *_, c, k in COUNTS
        )
        return around + shares + stats.norm.logpdf(m, -1, 0.8)

    moved = dict(point) | {"share_location": point["share_location"] + 0.7}
    logits = point["baseline_logit"]
    before = float(np.ravel(point["share_location"])[0])
    difference = by_scipy(before + 0.7, logits) - by_scipy(before, logits)
    assert log(moved) - log(point) == pytest.approx(difference, abs=1e-9)
