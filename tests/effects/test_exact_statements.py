"""Statements from small groups: the exact law against scipy, and against simulated studies."""

import math
from functools import cache

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, logsumexp

from livingreview.effects.data_set import dataset
from livingreview.effects.forms.exact_statements import (
    has_exact_law,
    log_probabilities,
    within,
)
from livingreview.effects.forms.form import Truth
from livingreview.effects.forms.interval import Interval
from livingreview.effects.forms.shared_errors import SharedNodes
from livingreview.effects.forms.z_of_tables import z_of_tables
from livingreview.effects.likelihood_tables import log_likelihoods, log_tails
from livingreview.effects.study_effects import effects_of_studies
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.priors import Prior
from livingreview.tables.effects import Terms

LOCATION, SCALE = -0.9, 0.6
PRIORS = BaselinePriors(
    findings=Prior.parse(f"normal({LOCATION}, {SCALE})"), counts=Prior.parse("normal(-1, 0.8)")
)
SIZES = [(12, 15), (30, 30), (49, 200), (200, 49)]
TESTS = ["pearson", "yates", "wald", "fisher"]
THETA = np.array([-2.5, -0.8, 0.0, 0.3, 1.2, 3.0])
STATEMENTS = {
    "increase": (1.96, math.inf),
    "decrease": (-math.inf, -1.96),
    "no increase to speak of": (0.0, 1.96),
    "no decrease to speak of": (-1.96, 0.0),
    "not significant": (-1.96, 1.96),
    "more": (0.0, math.inf),
    "less": (-math.inf, 0.0),
}


def data_of(sizes, bounds, test=None, **more):
    """One statement."""
    row = {"term_id": "t", "effect_id": "s/o", "study_id": "s", "outcome": "o", "kind": "finding"}
    row |= {"likelihood": "interval", "baseline_id": "s/o", "significance_test": test}
    row |= {"n_treated": float(sizes[0]), "n_control": float(sizes[1])}
    row |= {"z_low": bounds[0], "z_high": bounds[1]} | more
    return dataset(Terms.frame([row]), PRIORS)


def table(*args, law="pearson", **kwargs):
    data = data_of(*args, **kwargs).with_statement_law(law)
    return log_likelihoods(data, THETA)[0]


def verdict(test, a, n1, c, n0):
    """-2 to 2: a decrease, significant or not; neither; an increase, not significant or so.

    By scipy's tests of one table, from their p values.
    """
    direction = np.sign(a * n0 - c * n1)
    if direction == 0 or a + c in (0, n1 + n0):
        return 0
    cells = np.array([[a, n1 - a], [c, n0 - c]])
    if test == "fisher":
        p = stats.fisher_exact(cells).pvalue
    elif test == "wald":
        if (cells == 0).any():
            cells = cells + 0.5
        (w, x), (y, z) = cells
        p = 2 * stats.norm.sf(abs(math.log(w / x) - math.log(y / z)) / math.sqrt((1 / cells).sum()))
    else:
        p = stats.chi2_contingency(cells, correction=test == "yates").pvalue
    return int(direction) * (2 if p < 2 * stats.norm.sf(1.96) else 1)


@cache
def verdicts(test, n1, n0):
    return np.array([[verdict(test, a, n1, c, n0) for c in range(n0 + 1)] for a in range(n1 + 1)])


VERDICTS = np.arange(-2, 3)


def holds(statement):
    """How much of a table of each verdict a statement holds of."""
    low, high = STATEMENTS[statement]
    middle = 0.5 if 0 in (low, high) else float(low < 0 < high)
    inside = [low < -1.96, low < 0 and high > -1.96, middle, high > 0 and low < 1.96, high > 1.96]
    return np.array(inside, dtype=float)


@pytest.mark.parametrize("sizes", [(12, 15), (30, 30), (49, 80)])
@pytest.mark.parametrize("test", TESTS)
def test_every_table_is_called_what_scipy_calls_it(sizes, test):
    z = z_of_tables(test, *sizes)
    found = verdicts(test, *sizes)
    np.testing.assert_array_equal(np.sign(z) * (1 + (np.abs(z) > 1.96)), found)


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("test", ["pearson", "wald"])
def test_table_is_the_sum_over_all_tables_of_both_groups(sizes, test):
    n1, n0 = sizes
    found = verdicts(test, n1, n0)
    alpha = np.linspace(LOCATION - 9 * SCALE, LOCATION + 9 * SCALE, 401)
    weight = stats.norm.logpdf(alpha, LOCATION, SCALE) + math.log(alpha[1] - alpha[0])
    control = stats.binom.pmf(np.arange(n0 + 1), n0, expit(alpha)[:, None])
    of_verdicts = np.empty((THETA.size, alpha.size, VERDICTS.size))
    for i, t in enumerate(THETA):
        treated = stats.binom.pmf(np.arange(n1 + 1), n1, expit(alpha + t)[:, None])
        for k, verdict_of in enumerate(VERDICTS):
            of_verdicts[i, :, k] = ((treated @ (found == verdict_of)) * control).sum(axis=1)
    for statement, bounds in STATEMENTS.items():
        with np.errstate(divide="ignore"):
            expected = logsumexp(np.log(of_verdicts @ holds(statement)) + weight, axis=1)
        values = table(sizes, bounds, test)
        # Below e^-40 the control levels that count lie beyond the reach of either sum.
        in_reach = expected > -40
        np.testing.assert_allclose(values[in_reach], expected[in_reach], rtol=0, atol=1e-7)
        assert (values[~in_reach] < -39).all()


@pytest.mark.parametrize("sizes", SIZES[:3])
def test_table_is_the_share_of_simulated_studies(sizes):
    n1, n0 = sizes
    rng = np.random.default_rng(18)
    logit = rng.normal(LOCATION, SCALE, 200_000)
    found = verdicts("wald", n1, n0)
    for i, t in enumerate(THETA):
        drawn = found[rng.binomial(n1, expit(logit + t)), rng.binomial(n0, expit(logit))]
        for statement, bounds in STATEMENTS.items():
            share = holds(statement)[drawn + 2]
            expected = min(math.exp(table(sizes, bounds, "wald")[i]), 1.0)
            error = 5 * math.sqrt(expected * (1 - expected) / share.size) + 1e-9
            assert share.mean() == pytest.approx(expected, abs=error), (t, statement)


@pytest.mark.parametrize("sizes", [*SIZES, (4, 4), (49, 1200)])
@pytest.mark.parametrize("test", TESTS)
def test_statements_that_exclude_each_other_add_to_one(sizes, test):
    def total(*statements):
        return np.exp([table(sizes, STATEMENTS[s], test) for s in statements]).sum(axis=0)

    parts = ("increase", "decrease", "no increase to speak of", "no decrease to speak of")
    np.testing.assert_allclose(total(*parts), 1, atol=1e-9)
    np.testing.assert_allclose(total("increase", "not significant", "decrease"), 1, atol=1e-9)
    np.testing.assert_allclose(total("more", "less"), 1, atol=1e-9)


def test_in_large_groups_the_exact_law_comes_near_the_normal_one():
    theta = np.linspace(-1, 1, 9)
    for test in ("pearson", "wald"):
        for bounds in STATEMENTS.values():
            apart = []
            for n in (25, 100, 400, 900):
                share = within(z_of_tables(test, n, n), *bounds)
                exact = log_probabilities(share, theta, (LOCATION, SCALE))
                data = data_of((n, n), bounds).with_statement_law("normal")
                normal = log_likelihoods(data, theta)[0]
                apart.append(np.abs(np.exp(exact) - np.exp(normal)).max())
            assert apart[3] < apart[2] < apart[0]
            assert apart[3] < 0.02, (test, bounds, apart)


def test_groups_of_fifty_have_the_normal_law():
    for law in ("pearson", "wald"):
        np.testing.assert_array_equal(
            table((50, 50), (0.0, 1.96), law=law), table((50, 50), (0.0, 1.96), law="normal")
        )


def test_the_law_of_a_named_test_is_its_own():
    for test in TESTS:
        of_pearson, of_wald = (
            table((12, 15), (1.96, math.inf), test, law=law) for law in ("pearson", "wald")
        )
        np.testing.assert_array_equal(of_pearson, of_wald)
    unnamed = {law: table((12, 15), (1.96, math.inf), law=law) for law in ("pearson", "wald")}
    for law, values in unnamed.items():
        np.testing.assert_array_equal(values, table((12, 15), (1.96, math.inf), law))
    assert (unnamed["pearson"] > unnamed["wald"]).all()


@pytest.mark.parametrize(
    "numbers",
    [
        {"kind": "test"},
        {"z_significant": 1.4},
        {"n_treated": 20.3},
        {"n_treated": np.nan, "most_treated": 30.0},
        {"n_treated": 6000.0},
    ],
)
def test_other_rows_keep_the_normal_law(numbers):
    priors = PRIORS.model_copy(update={"sizes": Prior.parse("log_normal(3, 0.5)")})
    row = {"term_id": "t", "effect_id": "s/o", "study_id": "s", "outcome": "o", "kind": "finding"}
    row |= {"likelihood": "interval", "baseline_id": "s/o", "z_low": 1.96}
    row |= {"n_treated": 20.0, "n_control": 30.0}
    data = dataset(Terms.frame([row | numbers]), priors)
    assert data.exact_statements.size == 0
    small = dataset(Terms.frame([row]), priors)
    assert small.exact_statements.tolist() == [0]


@pytest.mark.parametrize("test", [None, "fisher"])
def test_the_law_that_is_told_is_the_exact_one(test):
    row = {"likelihood": "interval", "kind": "finding", "z_low": 1.96, "z_high": np.inf}
    row |= {"n_treated": 12.0, "n_control": 15.0, "significance_test": test}
    [term] = Terms.frame([row]).to_dict("records")
    assert Interval.traced(term) == (
        "1.96 < z < inf, z ~ Normal(θ/s(α, θ), 1); integrated exactly, over all tables of"
        f" Binomial(expit(α + θ)) and Binomial(expit(α)), with the z of {test or 'pearson'};"
        " 12 treated and 15 control"
    )


def test_a_total_in_two_halves_is_one_of_whole_people():
    np.testing.assert_array_equal(
        table((15.5, 15.5), (1.96, math.inf)), table((16, 15), (1.96, math.inf))
    )


def test_given_what_errors_share_the_law_is_normal():
    data = data_of((12, 15), (0.0, 1.96))
    [study] = effects_of_studies(data)
    alone, shared = SharedNodes.of(1, 0.5), SharedNodes.of(2, 0.5)
    [[[exact]]] = study.tables(THETA, alone, None)
    np.testing.assert_array_equal(exact, log_likelihoods(data, THETA)[0])
    [normal] = effects_of_studies(data.with_statement_law("normal"))
    np.testing.assert_array_equal(
        study.tables(THETA, shared, None), normal.tables(THETA, shared, None)
    )


def test_tails_are_the_probabilities_of_smaller_z():
    data = data_of((12, 15), (0.0, 1.96), "yates")
    below, upto = log_tails(data, THETA)
    np.testing.assert_allclose(below[0], table((12, 15), (-math.inf, 0.0), "yates"))
    np.testing.assert_allclose(upto[0], table((12, 15), (-math.inf, 1.96), "yates"))


def test_draws_are_as_often_called_significant_as_the_law_says():
    data = data_of((12, 15), (0.0, 1.96))
    [form] = data.forms.values()
    rng = np.random.default_rng(3)
    logit = rng.normal(LOCATION, SCALE, (200_000, 1))
    for i in (1, 2, 4):
        _, z = form.drawn(Truth(np.full(logit.shape, THETA[i]), logit), rng)
        for bounds in STATEMENTS.values():
            share = ((z > bounds[0]) & (z < bounds[1])).mean()
            error = 5 * math.sqrt(0.25 / z.size)
            assert share == pytest.approx(math.exp(table((12, 15), bounds)[i]), abs=error)


@pytest.mark.parametrize(
    ("test", "sizes"), [("fisher", (3, 3)), ("pearson", (1, 1)), ("wald", (3, 3)), (None, (3, 3))]
)
def test_a_statement_that_no_table_bears_out_keeps_the_normal_law(test, sizes):
    row = {"kind": "finding", "n_treated": sizes[0], "n_control": sizes[1]}
    row |= {"z_low": 1.96, "z_high": math.inf, "z_significant": math.nan}
    assert not has_exact_law(row | {"significance_test": test or math.nan})
    larger = {"n_treated": 20, "n_control": 20}
    assert has_exact_law(row | larger | {"significance_test": test or math.nan})
