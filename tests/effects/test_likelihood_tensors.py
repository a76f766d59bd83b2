"""The three likelihood terms against routes that share no code with them."""

import mpmath
import numpy as np
import pytensor.tensor as pt
import pytest
from pytensor import config, function
from pytensor.gradient import grad
from scipy import stats

from livingreview.effects.forms.binomial import wald
from livingreview.effects.forms.bounded import statement
from livingreview.effects.forms.interval_probability import log_interval_probability
from livingreview.effects.forms.tensors import log_normal_density
from livingreview.records.evidence.two_by_two import woolf_error


@pytest.fixture(scope="module")
def interval():
    """Log probability of an interval and its derivative by the centre, compiled once."""
    low, high, centre = pt.dvectors("low", "high", "centre")
    value = log_interval_probability(low, high, centre)
    with config.change_flags(cxx=""):
        return function(
            [low, high, centre], [value, grad(value.sum(), centre)], mode="FAST_COMPILE"
        )


def exact(low, high, centre):
    """Log P(low < z < high) and its derivative, with 60 digits."""
    with mpmath.workdps(60):
        density = [0 if mpmath.isinf(b) else mpmath.npdf(b - centre) for b in (low, high)]
        # Tails are taken from the side on which they are small.
        if low - centre > 0:
            p = mpmath.ncdf(-(low - centre)) - (
                0 if mpmath.isinf(high) else mpmath.ncdf(centre - high)
            )
        else:
            p = (1 if mpmath.isinf(high) else mpmath.ncdf(high - centre)) - (
                0 if mpmath.isinf(low) else mpmath.ncdf(low - centre)
            )
        return float(mpmath.log(p)), float((density[0] - density[1]) / p)


BOUNDS = [(1.96, np.inf), (-np.inf, -1.96), (-1.96, 1.96), (0, 1.96), (-1.96, 0), (0, np.inf)]


@pytest.mark.parametrize("centre", [-40.0, -12.5, -3.0, -1.96, 0.0, 0.7, 1.96, 4.0, 25.0, 60.0])
@pytest.mark.parametrize(("low", "high"), BOUNDS)
def test_interval_probability_keeps_value_and_gradient_in_both_tails(interval, low, high, centre):
    value, slope = interval([low], [high], [centre])
    true_value, true_slope = exact(low, high, centre)
    assert value[0] == pytest.approx(true_value, rel=1e-10, abs=1e-14)
    assert slope[0] == pytest.approx(true_slope, rel=1e-8, abs=1e-12)


# As wide as the rounding of a test statistic, down to the least that is used.
@pytest.mark.parametrize("width", [1e-6, 1e-4, 0.01])
@pytest.mark.parametrize("z", [-13.2, -2.31, 0.0, 5.5])
@pytest.mark.parametrize("centre", [-40.0, -12.5, -2.3, 0.0, 5.0, 25.0])
def test_narrow_interval_is_the_density_of_z_times_its_width(interval, z, centre, width):
    value, slope = interval([z - width / 2], [z + width / 2], [centre])
    # log(sinh x / x) with x = gap width / 2, and what is left of the series.
    gap = z - centre
    density = stats.norm.logpdf(gap) + (gap**2 - 1) * width**2 / 24
    left = (abs(gap) * width) ** 4 / 2880 + width**4
    assert value[0] == pytest.approx(np.log(width) + density, abs=1.1 * left + 1e-8)
    left = abs(gap) ** 3 * width**4 / 720 + abs(gap) * width**4
    assert slope[0] == pytest.approx(gap * (1 - width**2 / 12), abs=1.1 * left + 1e-7)
    true_value, true_slope = exact(z - width / 2, z + width / 2, centre)
    assert value[0] == pytest.approx(true_value, abs=1e-8)
    assert slope[0] == pytest.approx(true_slope, abs=1e-7)


def test_statements_that_exclude_each_other_have_probabilities_that_add_to_one(interval):
    centres = np.linspace(-6, 6, 25)
    parts = [(-np.inf, -1.96), (-1.96, 0.0), (0.0, 1.96), (1.96, np.inf)]
    total = sum(
        np.exp(interval(np.full(25, low), np.full(25, high), centres)[0]) for low, high in parts
    )
    np.testing.assert_allclose(total, 1, rtol=1e-12)


@pytest.mark.parametrize(
    ("n_treated", "n_control", "control_logit", "theta"),
    [
        (400, 400, -0.94, 0.0),
        (400, 400, -0.94, 0.4),
        (102, 102, 0.0, -0.6),
        (327, 498, -0.94, 0.2),
        (220, 671, 0.5, -0.5),
        (30, 30, -0.94, 0.5),
    ],
)
def test_a_findings_likelihood_is_the_share_of_studies_that_would_have_printed_it(
    interval, n_treated, n_control, control_logit, theta
):
    rng = np.random.default_rng(1)
    studies = 200_000
    p = 1 / (1 + np.exp(-np.array([control_logit + theta, control_logit])))
    value, error = wald(
        rng.binomial(n_treated, p[0], studies).astype(float),
        np.full(studies, float(n_treated)),
        rng.binomial(n_control, p[1], studies).astype(float),
        np.full(studies, float(n_control)),
    )
    z = value / error
    error = woolf_error(
        np.float64(control_logit), np.float64(theta), n_treated, n_control, pt
    ).eval(mode="FAST_COMPILE")
    # Counts come in whole numbers: the normal law of z is wrong by the order of 1/sqrt(n).
    tolerance = 0.2 / np.sqrt(min(n_treated, n_control))
    for low, high in BOUNDS:
        # Equal groups can tie at z = 0, which no statement covers: half to either side.
        at_bound = np.isclose(z, low) | np.isclose(z, high)
        share = np.mean((z > low) & (z < high) & ~at_bound) + 0.5 * np.mean(at_bound)
        likelihood = np.exp(interval([low], [high], [theta / error])[0][0])
        assert likelihood == pytest.approx(share, abs=tolerance), (low, high)


def test_each_statement_is_the_interval_that_z_lies_in():
    z = np.array([2.5, -2.5, 1.0, -1.0, 1.0])
    names_direction = np.array([True, True, True, True, False])
    low, high = statement(z, names_direction, np.full(5, 1.96))
    np.testing.assert_array_equal(low, [1.96, -np.inf, 0.0, -1.96, -1.96])
    np.testing.assert_array_equal(high, [np.inf, -1.96, 1.96, 0.0, 1.96])
    assert ((low < z) & (z < high)).all()


def test_normal_term_is_the_normal_density():
    value = log_normal_density(pt.as_tensor(np.float64(0.4)), 0.2, 0.1).eval(mode="FAST_COMPILE")
    assert value == pytest.approx(stats.norm.logpdf(0.4, 0.1, 0.2), rel=1e-12)


def test_standard_error_is_that_of_the_expected_table():
    # 100 of 400 against 200 of 400: cells 100, 300, 200, 200.
    theta = np.log((100 / 300) / (200 / 200))
    error = woolf_error(np.float64(0), np.float64(theta), 400, 400, pt)
    expected = np.sqrt(1 / 100 + 1 / 300 + 1 / 200 + 1 / 200)
    assert error.eval(mode="FAST_COMPILE") == pytest.approx(expected, rel=1e-12)
