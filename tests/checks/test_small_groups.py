"""What the law of statements from small groups moves, and which law the sampler is held against."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from made_up_fits import data_of, drawn_fit, estimate, finding, model, plain_design
from scipy import stats

from livingreview.checks.parity import parity_table, with_law_of_sampling
from livingreview.checks.small_groups import small_groups_table
from livingreview.effects.likelihood_tables import log_likelihoods
from livingreview.effects.specification import Specification
from livingreview.models.quadrature.engine import integrate_models
from livingreview.models.quadrature.heterogeneity import TauGrid
from livingreview.models.quadrature.nested_likelihoods import NestedLikelihoods
from livingreview.models.quadrature.statement_laws import integrate_laws
from livingreview.tables.models import StatementLaws

SMALL = [
    finding(f"s{i}", 1.96, np.inf, 14, kind="finding", significance_test=test)
    for i, test in enumerate([None, None, "fisher", None])
]
LARGE = [finding("large", -1.96, 1.96, 300, kind="finding"), estimate("e", 0.2, 0.3)]
LIMIT = 0.1


def cases(*studies):
    data = data_of(*studies)
    return [("o", data, Specification("overall", plain_design(data), model()))]


@pytest.fixture(scope="module")
def answers():
    every = cases(*SMALL, *LARGE)
    return integrate_models(every, LIMIT)[0], integrate_laws(every, LIMIT)


def by_dense_sums(data):
    """Median of mu, and P(mu > 0), from the studies' tables by sums over mu, tau and theta."""
    specification = model()
    theta = np.linspace(-12, 12, 961)
    mu, tau = np.linspace(-4, 5, 181), np.linspace(1e-3, 4, 121)
    log_l = log_likelihoods(data, theta)
    step = theta[1] - theta[0]
    log_density = specification.priors.mu.distribution.logpdf(mu)[:, None]
    log_density = log_density + specification.priors.spread.distribution.logpdf(tau)
    shares = np.exp(log_l - log_l.max(axis=1, keepdims=True))
    for k, sd in enumerate(tau):
        # By the distribution function, as a small spread falls between two points.
        upto = stats.norm.cdf(theta + step / 2, mu[:, None], sd)
        law = np.diff(upto, axis=1, prepend=stats.norm.cdf(theta[0] - step / 2, mu[:, None], sd))
        log_density[:, k] += np.log(law @ shares.T).sum(axis=1)
    share = np.exp(log_density - log_density.max()).sum(axis=1)
    share /= share.sum()
    upto = np.cumsum(share) - share / 2
    return np.interp(0.5, upto, mu), 1 - np.interp(0.0, mu, upto)


def test_each_law_moves_the_answer_as_dense_sums_have_it(answers):
    table = small_groups_table(*answers).set_index("quantity")
    assert set(table.index) == {"mu", "tau"}
    [(_, data, _)] = cases(*SMALL, *LARGE)
    for law, column in (("pearson", "exact"), ("normal", "normal"), ("wald", "wald")):
        median, above = by_dense_sums(data.with_statement_law(law))
        assert table.loc["mu", column] == pytest.approx(median, abs=0.002)
        name = "p_above_zero" if law == "pearson" else f"p_above_zero_{law}"
        assert table.loc["mu", name] == pytest.approx(above, abs=0.001)
    moved = abs(table["normal"] - table["exact"]) / table["sd"]
    np.testing.assert_allclose(table["normal_sds"], moved)
    assert table["wald_sds"].max() > 0


def test_a_review_without_small_groups_has_no_other_law():
    assert integrate_laws(cases(*LARGE), LIMIT).empty
    assert list(integrate_laws(cases(*LARGE), LIMIT)) == StatementLaws.columns()


def test_another_law_tabulates_only_the_studies_that_report_such_statements():
    """Where studies give several effects, the other rows are those of the tables at hand."""
    other = [row | {"effect_id": "e/other"} for row in estimate("e", 0.3, 0.25)]
    [(_, data, _)] = cases(*SMALL, *LARGE, other)
    assert data.has_several_effects
    reread = data.with_statement_law("wald")
    expected = NestedLikelihoods.from_readings([reread])
    before = NestedLikelihoods.from_readings([data])
    found = before.with_statement_law(reread)
    within = TauGrid.over(before.scale, 0.0, 2.0, 3)
    tables, of_first_law = (
        likelihoods.at(within).likelihoods.log_likelihood for likelihoods in (found, before)
    )
    wanted = expected.at(within).likelihoods
    # Blurred together with other rows, a row is summed in other steps: that counts in its tails,
    # and at the ends of the grid.
    near = wanted.log_likelihood > wanted.log_likelihood.max(axis=1, keepdims=True) - 20
    near &= np.abs(wanted.theta) < 8
    np.testing.assert_allclose(tables[near], wanted.log_likelihood[near], atol=1e-6)
    np.testing.assert_array_equal(found.at(within).likelihoods.error, wanted.error)
    assert np.abs(tables - of_first_law).max() > 0.01


def test_the_sampler_is_held_against_the_law_that_it_has(answers):
    integrated, laws = answers
    [(_, data, _)] = cases(*SMALL, *LARGE)
    fit = drawn_fit(data.with_statement_law("normal"), draws=8000)
    tree = xr.DataTree.from_dict({"posterior": fit.posterior})

    def worst(table):
        parity = parity_table([("o/overall", tree)], table, 4)
        return parity.loc[parity["quantity"] == "mu", "errors_apart"].max()

    assert worst(with_law_of_sampling(integrated, laws)) < 4
    assert worst(integrated) > 8
    none = StatementLaws.frame([])
    pd.testing.assert_frame_equal(
        with_law_of_sampling(integrated, none), integrated, check_dtype=False
    )
