"""Terms of a whole data set against scipy, with and without selective printing."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytensor.tensor as pt
import pytest
from scipy import stats
from scipy.special import expit

from livingreview.effects.data_set import dataset, joint_dataset
from livingreview.effects.forms.likelihood_tensors import term_likelihoods
from livingreview.models.nuts.graph import model_numbers
from livingreview.protocol.models import ModelSpecification, Priors
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.priors import Prior

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
        | {"log_odds_ratio": 0.9, "standard_error": 0.3},
        {"study_id": "f", "effect_id": "f/o", "likelihood": "normal"}
        | {"log_odds_ratio": -0.1, "standard_error": 0.2},
    ]
    bounds = [(1.96, np.inf), (-1.96, 0.0), (0.0, np.inf)]
    for i, (low, high) in enumerate(bounds):
        sizes = {"z_low": low, "z_high": high, "n_treated": 300.0, "n_control": 250.0}
        name = {"study_id": f"g{i}", "effect_id": f"g{i}/o", "baseline_id": f"g{i}/o"}
        rows.append(name | {"likelihood": "interval"} | sizes)
    return dataset(pd.DataFrame(rows), BASELINE)


def evaluated(data, theta, logit, specification):
    """Terms by kind at given effects and baselines."""
    numbers = model_numbers(data, 0, specification)
    given = {name: pt.as_tensor(value) for name, value in numbers.items()}
    omega = pt.as_tensor(np.float64(OMEGA)) if specification is SELECTION else None
    terms = term_likelihoods(data, given, pt.as_tensor(theta), pt.as_tensor(logit), omega)
    return {name: term.eval(mode="FAST_COMPILE") for name, term in terms.items()}


def woolf(logit, theta, n_treated, n_control):
    p1, p0 = expit(logit + theta), expit(logit)
    return np.sqrt(1 / (n_treated * p1 * (1 - p1)) + 1 / (n_control * p0 * (1 - p0)))


def between(low, high, centre):
    # From the side on which the tail is small, else the difference loses its digits.
    if low > centre:
        return stats.norm.sf(low - centre) - stats.norm.sf(high - centre)
    return stats.norm.cdf(high - centre) - stats.norm.cdf(low - centre)


def printed(centre):
    """Probability of being printed, relative to that of a significant result."""
    return 1 - (1 - OMEGA) * between(-1.96, 1.96, centre)


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
    np.testing.assert_allclose(terms["binomial_terms"], expected, rtol=1e-9)
    expected = [
        stats.norm.logpdf(0.9, effect(data, theta, "e/o"), 0.3),
        stats.norm.logpdf(-0.1, effect(data, theta, "f/o"), 0.2),
    ]
    np.testing.assert_allclose(terms["normal_terms"], expected, rtol=1e-12)
    for i, (low, high) in enumerate([(1.96, np.inf), (-1.96, 0.0), (0.0, np.inf)]):
        t, b = effect(data, theta, f"g{i}/o"), logit[data.baselines.index(f"g{i}/o")]
        probability = between(low, high, t / woolf(b, t, 300, 250))
        row = list(data.interval_effect).index(data.effects.index(f"g{i}/o"))
        assert terms["interval_terms"][row] == pytest.approx(np.log(probability), rel=1e-9)


def test_selection_weighs_what_is_printed_and_divides_by_its_probability(data, point):
    theta, logit = point
    plain, terms = (evaluated(data, theta, logit, s) for s in (PLAIN, SELECTION))
    moved = {name: terms[name] - plain[name] for name in plain}
    # 40 of 200 against 30 of 210 gives z = -1.55: not significant.
    t, b = effect(data, theta, "c/o"), logit[data.baselines.index("c/x")]
    expected = np.log(OMEGA) - np.log(printed(t / woolf(b, t, 210, 200)))
    np.testing.assert_allclose(moved["binomial_terms"], [0, expected], atol=1e-9)
    # z = 3 is significant, z = -0.5 is not.
    expected = [
        -np.log(printed(effect(data, theta, "e/o") / 0.3)),
        np.log(OMEGA) - np.log(printed(effect(data, theta, "f/o") / 0.2)),
    ]
    np.testing.assert_allclose(moved["normal_terms"], expected, rtol=1e-9)
    for i, weight in enumerate(["all", "none", "some"]):
        t, b = effect(data, theta, f"g{i}/o"), logit[data.baselines.index(f"g{i}/o")]
        z = t / woolf(b, t, 300, 250)
        open_statement = between(1.96, np.inf, z) + OMEGA * between(0.0, 1.96, z)
        kept = {"all": 1.0, "none": OMEGA, "some": open_statement / between(0.0, np.inf, z)}
        row = list(data.interval_effect).index(data.effects.index(f"g{i}/o"))
        expected = np.log(kept[weight]) - np.log(printed(z))
        assert moved["interval_terms"][row] == pytest.approx(expected, rel=1e-8, abs=1e-10)


@pytest.mark.parametrize(("z", "kept"), [(1.2, OMEGA), (-1.9599, OMEGA), (2.31, 1.0), (-13.2, 1.0)])
def test_a_test_is_printed_as_its_own_z_is(data, point, z, kept):
    theta, logit = point
    narrow = replace(data, z_low=np.full(3, z - 1e-5), z_high=np.full(3, z + 1e-5))
    plain, selected = (
        evaluated(narrow, theta, logit, model)["interval_terms"] for model in (PLAIN, SELECTION)
    )
    for i in range(3):
        effect, baseline = data.interval_effect[i], data.interval_baseline[i]
        centre = theta[effect] / woolf(logit[baseline], theta[effect], 300, 250)
        expected = np.log(kept) - np.log(printed(centre))
        assert selected[i] - plain[i] == pytest.approx(expected, abs=1e-6)


def test_everything_printed_is_no_selection(data, point):
    theta, logit = point
    numbers = model_numbers(data, 0, SELECTION)
    given = {name: pt.as_tensor(value) for name, value in numbers.items()}
    certain = pt.as_tensor(np.float64(1.0))
    terms = term_likelihoods(data, given, pt.as_tensor(theta), pt.as_tensor(logit), certain)
    plain = evaluated(data, theta, logit, PLAIN)
    for name, term in terms.items():
        np.testing.assert_allclose(term.eval(mode="FAST_COMPILE"), plain[name], atol=1e-12)


def test_estimates_of_one_study_are_correlated_as_the_protocol_says():
    rows = [
        {"study_id": "a", "effect_id": f"a/{i}", "likelihood": "normal", "baseline_id": None}
        | {"treated": np.nan, "log_odds_ratio": y, "standard_error": s}
        | dict.fromkeys(("events", "total", "z_low", "z_high", "n_treated", "n_control"), np.nan)
        for i, (y, s) in enumerate([(0.2, 0.3), (0.5, 0.2)])
    ]
    rows.append(rows[0] | {"study_id": "b", "effect_id": "b/0", "log_odds_ratio": -0.4})
    data = dataset(pd.DataFrame(rows), BASELINE, sampling_correlation=0.6)
    theta = np.array([0.1, 0.3, -0.2])
    terms = evaluated(data, theta, np.zeros(0), PLAIN)["normal_terms"]
    covariance = np.array([[0.09, 0.6 * 0.06], [0.6 * 0.06, 0.04]])
    pair = stats.multivariate_normal.logpdf([0.2, 0.5], theta[:2], covariance)
    assert terms[:2].sum() == pytest.approx(pair, rel=1e-10)
    assert terms[2] == pytest.approx(stats.norm.logpdf(-0.4, -0.2, 0.3), rel=1e-10)
    assert data.has_several_effects
    assert not replace(data, effect_study=np.array([0, 1, 2])).has_several_effects


def test_estimates_on_different_outcomes_of_a_study_are_not_correlated():
    rows = [
        {"study_id": study, "effect_id": f"{study}/{outcome}{i}", "outcome": outcome}
        | {"likelihood": "normal", "log_odds_ratio": 0.2, "standard_error": error}
        for study, outcome, i, error in [
            ("a", "x", 0, 0.3),
            ("a", "y", 0, 0.2),
            ("a", "x", 1, 0.5),
            ("b", "x", 0, 0.4),
            ("b", "y", 0, 0.1),
        ]
    ]
    columns = ["baseline_id", "treated", "events", "total"]
    columns += ["z_low", "z_high", "n_treated", "n_control"]
    terms = pd.DataFrame(rows).assign(**dict.fromkeys(columns, np.nan))
    data = joint_dataset(terms, {"x": BASELINE, "y": BASELINE}, sampling_correlation=0.6)
    inverse = np.linalg.inv(data.normal_whitener)
    covariance = pd.DataFrame(inverse @ inverse.T, data.effects, data.effects)
    expected = pd.DataFrame(np.diag(data.normal_error**2), data.effects, data.effects)
    expected.loc["a/x0", "a/x1"] = expected.loc["a/x1", "a/x0"] = 0.6 * 0.3 * 0.5
    pd.testing.assert_frame_equal(covariance, expected)
    # One estimate on each outcome of a study leaves nothing to correlate.
    alone = joint_dataset(terms.drop(index=2), {"x": BASELINE, "y": BASELINE}, 0.6)
    assert alone.normal_whitener.size == 0
