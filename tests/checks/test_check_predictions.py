"""Replicated reviews where their law is known by hand."""

from dataclasses import replace

import numpy as np
import pytest
from made_up_fits import (
    counts,
    data_of,
    drawn_fit,
    estimate,
    finding,
    fit_of,
    model,
    priors,
)
from scipy import stats

from livingreview.checks.predictive import (
    new_effects,
    posterior_parameters,
    predictive_table,
    printed_reports,
    prior_parameters,
)
from livingreview.checks.reml import reml_tables
from livingreview.checks.report_statistics import observed
from livingreview.models.horseshoe import horseshoe_draws
from livingreview.protocol.priors import Prior

RNG = np.random.default_rng(20261124)
ALIKE = data_of(*[estimate(f"s{i}", 0.1 * i, 0.2) for i in range(8)])


def known(data, mu, tau, specification=None, draws=2000):
    """Fit whose posterior is one point."""
    truth = np.full(draws, mu), np.full(draws, tau)
    return fit_of(data, specification or model(), *truth, np.random.default_rng(1))


def rows_of(fit, based_on="posterior"):
    table = predictive_table([fit], seed=1)
    return table[table["based_on"] == based_on].set_index("statistic")


def test_observed_statistics_by_hand():
    data = data_of(estimate("a", 0.5, 0.2), estimate("b", -0.1, 0.1), counts("c", 10, 40, 10, 40))
    found = observed(data).statistics()
    # Log odds ratios 0 (c), 0.5 and -0.1; 1/s^2 of c is 1 / (2/10 + 2/30) = 3.75.
    w, y = np.array([3.75, 25, 100]), np.array([0.0, 0.5, -0.1])
    assert found["spread"] == pytest.approx((w * (y - (w * y).sum() / w.sum()) ** 2).sum())
    assert (found["smallest"], found["largest"]) == pytest.approx((-0.1, 0.5))
    # z are 0, 2.5 and -1.
    assert found["significant_increases"] == pytest.approx(1 / 3)
    assert found["significant_decreases"] == 0
    assert found["not_significant"] == pytest.approx(2 / 3)


def test_findings_count_by_the_bound_that_they_name():
    # The second ignored its clusters: its bound is 1.96 over the root of the design effect.
    # The fourth leaves its significance open and is not counted.
    data = data_of(
        finding("a", 1.96, np.inf, 100.0),
        finding("b", -np.inf, -1.2, 100.0, z_significant=1.2),
        finding("c", 0.0, 1.96, 100.0),
        finding("d", 0.0, np.inf, 100.0),
    )
    found = observed(data).statistics()
    assert "spread" not in found
    for name in ("significant_increases", "significant_decreases", "not_significant"):
        assert found[name] == pytest.approx(1 / 3)
    # Replicated without any effect, a bound of 1.2 is passed more often than one of 1.96.
    rows = rows_of(known(data, 0.0, 0.001, draws=8000))
    low, usual = stats.norm.sf(1.2), stats.norm.sf(1.96)
    assert rows.loc["significant_decreases", "p_at_least"] == pytest.approx(
        1 - (1 - low) * (1 - usual) ** 2, abs=0.04
    )


def test_spread_of_replicated_estimates_is_chi_squared():
    # Equal errors s: Q s^2 / (s^2 + tau^2) is chi-squared with 7 degrees of freedom.
    rows = rows_of(known(ALIKE, 0.3, 0.4))
    law = stats.chi2(7, scale=(0.2**2 + 0.4**2) / 0.2**2)
    assert rows.loc["spread", "q50"] == pytest.approx(law.median(), rel=0.08)
    assert rows.loc["spread", "q97_5"] == pytest.approx(law.ppf(0.975), rel=0.08)
    q = observed(ALIKE).statistics()["spread"]
    assert rows.loc["spread", "p_at_least"] == pytest.approx(law.sf(q), abs=0.04)
    assert rows.loc["largest", "q50"] == pytest.approx(
        stats.norm(0.3, np.hypot(0.2, 0.4)).ppf(0.5 ** (1 / 8)), abs=0.05
    )


def test_new_studies_are_replicated_not_the_old_ones():
    # With the studies' own effects, an outlier would be as extreme in every replication.
    data = data_of(*[estimate(f"s{i}", 0.0, 0.1) for i in range(6)], estimate("far", 4.0, 0.1))
    rows = rows_of(drawn_fit(data, model(of=priors(tau="half_normal(0.05)"))))
    assert rows.loc["largest", "p_at_least"] < 0.001
    assert rows.loc["spread", "p_at_least"] < 0.001


def test_student_t_effects_reach_further():
    far = {}
    for kind in (model(), model("robust", degrees=3.0)):
        far[kind.kind] = rows_of(known(ALIKE, 0.0, 0.4, kind)).loc["largest", "q97_5"]
    assert far["robust"] > far["hierarchical"] + 0.3


def test_selection_prints_what_is_not_significant_less_often():
    omega = 0.3
    selective = model("selection", omega=Prior.parse("beta(1, 1)"), fewest_effects=2)
    fit = known(ALIKE, 0.2, 0.3, selective)
    size, rng = 2000, np.random.default_rng(2)
    parameters = replace(posterior_parameters(fit), printing_weight=np.full(size, omega))
    theta, logit = new_effects(fit, parameters, rng), np.zeros((size, 0))
    reports = printed_reports(fit, parameters, theta, logit, rng)
    # Over the population of studies, z varies by sqrt(1 + 0.3^2 / 0.2^2).
    inside = np.diff(stats.norm(1, np.hypot(1, 1.5)).cdf([-1.96, 1.96])).item()
    expected = omega * inside / (1 - (1 - omega) * inside)
    share = (reports.verdict == 0).mean()
    assert share == pytest.approx(expected, abs=4 * np.sqrt(0.25 / (8 * size)))
    assert np.array_equal(reports.verdict == 0, np.abs(reports.value / reports.error) < 1.96)


def test_prior_draws_have_the_quantiles_of_the_protocol():
    of = priors(mu="normal(0.5, 0.3)", tau="inverse_gamma(1.77, 0.55)")
    fit = known(ALIKE, 0.0, 0.1, model(of=of), draws=20_000)
    truths = prior_parameters(fit, np.random.default_rng(3))
    assert np.quantile(truths.mu, [0.1, 0.9]) == pytest.approx(
        stats.norm(0.5, 0.3).ppf([0.1, 0.9]), abs=0.02
    )
    assert np.quantile(truths.tau, [0.1, 0.9]) == pytest.approx(
        stats.invgamma(1.77, scale=0.55).ppf([0.1, 0.9]), rel=0.05
    )
    posterior = posterior_parameters(fit)
    assert (posterior.tau == 0.1).all()


def test_horseshoe_draws_end_at_the_slab():
    # With a huge global scale only the slab is left, a normal with its scale.
    draws = horseshoe_draws(1e6, 0.5, (20_000, 1), np.random.default_rng(4))
    assert draws.std() == pytest.approx(0.5, rel=0.03)
    small = horseshoe_draws(0.05, 0.5, (20_000, 1), np.random.default_rng(4))
    assert np.median(np.abs(small)) < 0.03


def test_reml_of_equal_errors_is_the_mean():
    mu = np.random.default_rng(5).normal(0.5, 0.1, 2000)
    table, told = reml_tables([fit_of(ALIKE, model(), mu, np.full(2000, 0.2), RNG)])
    row = table.iloc[0]
    assert row["reml"] == pytest.approx(0.35)
    assert row["sds_apart"] == pytest.approx(1.5, abs=0.1)
    assert told.empty
    _, told = reml_tables([known(data_of(finding("a", 1.96, np.inf, 50.0)), 0, 1)])
    assert told["reason"].tolist() == [
        "some studies give no effect with a standard error, but a statement, a ratio of risks or"
        " hazards, or a value of unknown precision"
    ]
    _, told = reml_tables([known(data_of(estimate("a", 0.1, 0.2)), 0, 1)])
    assert told["reason"].tolist() == ["1 studies for 1 coefficients"]
