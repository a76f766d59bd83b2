"""Terms of a whole data set against scipy, with and without selective printing."""

from dataclasses import replace

import numpy as np
import pytensor.tensor as pt
import pytest
from scipy import stats
from scipy.special import expit

from livingreview.effects.data_set import dataset, joint_dataset
from livingreview.models.nuts.graph import model_numbers
from livingreview.models.nuts.selection import log_printing, printing_numbers
from livingreview.protocol.models import ModelSpecification, Priors
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.priors import Prior
from livingreview.tables.effects import Terms

BASELINE = BaselinePriors(
    findings=Prior.parse("normal(-1, 1)"), counts=Prior.parse("normal(0, 10)")
)
PLAIN = ModelSpecification(
    moderators={},
    priors=Priors(
        mu=Prior.parse("normal(0, 1)"),
        beta=Prior.parse("normal(0, 1)"),
        tau=Prior.parse("half_normal(1)"),
    ),
)
SELECTION = PLAIN.model_copy(
    update={"kind": "selection", "omega": Prior.parse("beta(1, 1)"), "fewest_effects": 2}
)
OMEGA = 0.3
pytestmark = pytest.mark.long  # each test compiles a graph


@pytest.fixture
def data():
    """A trial with counts, a significant estimate, one that is not, and three findings."""
    rows = [
        {"study_id": "c", "effect_id": None, "likelihood": "binomial", "baseline_id": "c/x"}
        | {"treated": 0, "events": 40, "total": 200},
        {"study_id": "c", "effect_id": "c/o", "likelihood": "binomial", "baseline_id": "c/x"}
        | {"treated": 1, "events": 30, "total": 210},
        {"study_id": "e", "effect_id": "e/o", "likelihood": "normal"}
        | {"value": 0.9, "standard_error": 0.3},
        {"study_id": "f", "effect_id": "f/o", "likelihood": "normal"}
        | {"value": -0.1, "standard_error": 0.2},
    ]
    bounds = [(1.96, np.inf), (-1.96, 0.0), (0.0, np.inf)]
    for i, (low, high) in enumerate(bounds):
        sizes = {"z_low": low, "z_high": high, "n_treated": 300.0, "n_control": 250.0}
        name = {"study_id": f"g{i}", "effect_id": f"g{i}/o", "baseline_id": f"g{i}/o"}
        rows.append(name | {"likelihood": "interval"} | sizes)
    return dataset(Terms.frame(rows), BASELINE)


def evaluated(data, theta, logit, specification):
    """Terms by kind at given effects and baselines."""
    numbers = model_numbers(data, 0, specification)
    given = {name: pt.as_tensor(value) for name, value in numbers.items()}
    point = pt.as_tensor(theta), pt.as_tensor(logit)
    terms = {name: form.tensor(given, *point) for name, form in data.forms.items()}
    if specification is SELECTION:
        for name, form in data.forms.items():
            terms[name] += form.printed_share(given, *point, pt.as_tensor(np.float64(OMEGA)))
    return {name: term.eval(mode="FAST_COMPILE") for name, term in terms.items()}


def woolf(logit, theta, n_treated, n_control):
    p1, p0 = expit(logit + theta), expit(logit)
    return np.sqrt(1 / (n_treated * p1 * (1 - p1)) + 1 / (n_control * p0 * (1 - p0)))


def between(low, high, centre):
    # From the side on which the tail is small, else the difference loses its digits.
    if low > centre:
        return stats.norm.sf(low - centre) - stats.norm.sf(high - centre)
    return stats.norm.cdf(high - centre) - stats.norm.cdf(low - centre)


@pytest.fixture
def point(data):
    rng = np.random.default_rng(3)
    return rng.normal(0, 0.4, len(data.effects)), rng.normal(-1, 0.3, len(data.baselines))


def effect(data, theta, name):
    return theta[data.effects.index(name)]


def test_terms_without_selection(data, point):
    theta, logit = point
    terms = evaluated(data, theta, logit, PLAIN)
    a = logit[data.baselines.index("c/x")]
    expected = [
        stats.binom.logpmf(40, 200, expit(a)),
        stats.binom.logpmf(30, 210, expit(a + effect(data, theta, "c/o"))),
    ]
    np.testing.assert_allclose(terms["binomial"], expected, rtol=1e-9)
    expected = [
        stats.norm.logpdf(0.9, effect(data, theta, "e/o"), 0.3),
        stats.norm.logpdf(-0.1, effect(data, theta, "f/o"), 0.2),
    ]
    np.testing.assert_allclose(terms["normal"], expected, rtol=1e-12)
    for i, (low, high) in enumerate([(1.96, np.inf), (-1.96, 0.0), (0.0, np.inf)]):
        t, b = effect(data, theta, f"g{i}/o"), logit[data.baselines.index(f"g{i}/o")]
        probability = between(low, high, t / woolf(b, t, 300, 250))
        row = list(data.forms["interval"].effect).index(data.effects.index(f"g{i}/o"))
        assert terms["interval"][row] == pytest.approx(np.log(probability), rel=1e-9)


def test_selection_weighs_what_is_printed(data, point):
    theta, logit = point
    plain, terms = (evaluated(data, theta, logit, s) for s in (PLAIN, SELECTION))
    moved = {name: terms[name] - plain[name] for name in plain}
    # 40 of 200 against 30 of 210 gives z = -1.55: not significant.
    np.testing.assert_allclose(moved["binomial"], [0, np.log(OMEGA)], atol=1e-9)
    # z = 3 is significant, z = -0.5 is not.
    np.testing.assert_allclose(moved["normal"], [0, np.log(OMEGA)], atol=1e-12)
    for i, weight in enumerate(["all", "none", "some"]):
        t, b = effect(data, theta, f"g{i}/o"), logit[data.baselines.index(f"g{i}/o")]
        z = t / woolf(b, t, 300, 250)
        open_statement = between(1.96, np.inf, z) + OMEGA * between(0.0, 1.96, z)
        kept = {"all": 1.0, "none": OMEGA, "some": open_statement / between(0.0, np.inf, z)}
        row = list(data.forms["interval"].effect).index(data.effects.index(f"g{i}/o"))
        assert moved["interval"][row] == pytest.approx(np.log(kept[weight]), rel=1e-8, abs=1e-10)


@pytest.mark.parametrize(("z", "kept"), [(1.2, OMEGA), (-1.9599, OMEGA), (2.31, 1.0), (-13.2, 1.0)])
def test_a_test_is_printed_as_its_own_z_is(data, point, z, kept):
    theta, logit = point
    bounds = {"z_low": np.full(3, z - 1e-5), "z_high": np.full(3, z + 1e-5)}
    narrow = replace(data.forms["interval"], **bounds)
    narrow = data.with_forms(data.forms | {"interval": narrow})
    plain, selected = (
        evaluated(narrow, theta, logit, model)["interval"] for model in (PLAIN, SELECTION)
    )
    np.testing.assert_allclose(selected - plain, np.log(kept), atol=1e-6)


@pytest.mark.parametrize(("expected", "variance"), [(0.0, 0.0), (0.3, 0.04), (-1.2, 0.5)])
def test_what_is_printed_is_a_share_of_the_population_of_studies(data, expected, variance):
    given = {name: pt.as_tensor(value) for name, value in printing_numbers(data).items()}
    share = log_printing(
        given, pt.as_tensor(expected), pt.as_tensor(variance), pt.as_tensor(OMEGA)
    ).eval(mode="FAST_COMPILE")
    errors = {"c/o": woolf_of_counts(), "e/o": 0.3, "f/o": 0.2}
    errors |= {f"g{i}/o": woolf(-1.0, 0.0, 300, 250) for i in range(3)}
    rng = np.random.default_rng(5)
    for name, error in errors.items():
        z = (rng.normal(expected, variance**0.5, 400_000) / error) + rng.normal(size=400_000)
        simulated = np.mean(np.where(np.abs(z) > 1.96, 1.0, OMEGA))
        assert np.exp(share[data.effects.index(name)]) == pytest.approx(simulated, abs=0.004)


def woolf_of_counts():
    return np.sqrt(1 / 30 + 1 / 180 + 1 / 40 + 1 / 160)


def test_estimates_of_one_study_are_correlated_as_the_protocol_says():
    rows = [
        {"study_id": "a", "effect_id": f"a/{i}", "likelihood": "normal"}
        | {"value": y, "standard_error": s}
        for i, (y, s) in enumerate([(0.2, 0.3), (0.5, 0.2)])
    ]
    rows.append(rows[0] | {"study_id": "b", "effect_id": "b/0", "value": -0.4})
    data = dataset(Terms.frame(rows), BASELINE, sampling_correlation=0.6)
    theta = np.array([0.1, 0.3, -0.2])
    assert data.has_several_effects and list(data.correlated_group) == [0, 0, -1]
    covariance = np.array([[0.09, 0.6 * 0.06], [0.6 * 0.06, 0.04]])
    pair = stats.multivariate_normal.logpdf([0.2, 0.5], theta[:2], covariance)
    given = {name: pt.as_tensor(value) for name, value in model_numbers(data, 0, PLAIN).items()}
    g = pt.vector("g")
    terms = data.forms["normal"].tensor(given, pt.as_tensor(theta), None, data.shared_errors(g))
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    each = [terms.eval({g: np.array([x])}, mode="FAST_COMPILE") for x in nodes]
    averaged = np.log(sum(w * np.exp(t[:2].sum()) for t, w in zip(each, weights, strict=True)))
    assert averaged - 0.5 * np.log(2 * np.pi) == pytest.approx(pair, rel=1e-10)
    assert each[0][2] == pytest.approx(stats.norm.logpdf(-0.4, -0.2, 0.3), rel=1e-10)


def test_estimates_on_different_outcomes_of_a_study_are_not_correlated():
    rows = [
        {"study_id": study, "effect_id": f"{study}/{outcome}{i}", "outcome": outcome}
        | {"likelihood": "normal", "value": 0.2, "standard_error": 0.3}
        for study, outcome, i in [("a", "x", 0), ("a", "y", 0), ("a", "x", 1), ("b", "x", 0)]
    ]
    baselines = {"x": BASELINE, "y": BASELINE}
    data = joint_dataset(Terms.frame(rows), baselines, sampling_correlation=0.6)
    group = dict(zip(data.effects, data.correlated_group, strict=True))
    assert group == {"a/x0": 0, "a/x1": 0, "a/y0": -1, "b/x0": -1}
    assert not joint_dataset(Terms.frame(rows[:2]), baselines, 0.6).has_several_effects


def test_effects_beside_one_control_arm_have_its_counts_in_common_and_nothing_else():
    arms = [(None, 0, 40), ("a/low", 1, 30), ("a/high", 1, 25)]
    rows = [
        {"study_id": "a", "effect_id": name, "likelihood": "binomial", "baseline_id": "a/c"}
        | {"treated": treated, "events": events, "total": 200}
        for name, treated, events in arms
    ]
    data = dataset(Terms.frame(rows), BASELINE, sampling_correlation=0.6)
    assert data.has_several_effects and set(data.correlated_group) == {-1}
