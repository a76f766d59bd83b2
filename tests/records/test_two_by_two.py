"""Two arms and an event: the odds ratio, the usual tests, and the way back from their z."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, logit

from livingreview.records.evidence.two_by_two import (
    log_odds_ratio_at,
    log_odds_ratio_at_pooled_z,
    pooled_z,
    standard_error_at,
    z_at,
    z_of_usual_tests,
)


@pytest.mark.parametrize("z", [-1.96, 0.5, 1.96])
def test_root_gives_back_z_from_the_four_expected_cells(z):
    n_treated, n_control, p_control = 327, 498, 0.28
    theta = log_odds_ratio_at(z, n_treated, n_control, p_control)
    p_treated = expit(logit(p_control) + theta)
    cells = [n * q for n, p in ((n_treated, p_treated), (n_control, p_control)) for q in (p, 1 - p)]
    assert theta / math.sqrt(sum(1 / cell for cell in cells)) == pytest.approx(z)


def test_known_two_by_two_table():
    # 28 of 100 against 42 of 100: log odds ratio 0.62169, Woolf SE 0.30109, z 2.0648.
    theta = math.log((42 / 58) / (28 / 72))
    z = theta / math.sqrt(1 / 42 + 1 / 58 + 1 / 28 + 1 / 72)
    assert z == pytest.approx(2.0648, abs=1e-4)
    assert z_at(theta, 100, 100, 0.28) == pytest.approx(z)
    assert log_odds_ratio_at(z, 100, 100, 0.28) == pytest.approx(theta)


def test_turning_events_into_their_absence_turns_the_sign():
    assert log_odds_ratio_at(1.96, 52, 55, 0.2) == pytest.approx(
        -log_odds_ratio_at(-1.96, 52, 55, 0.8)
    )


def test_larger_study_needs_a_smaller_effect():
    small, large = (log_odds_ratio_at(1.96, n, n, 0.3) for n in (50, 500))
    assert 0 < large < small


def test_open_and_neutral_bounds_stay():
    assert log_odds_ratio_at(0.0, 50, 50, 0.3) == 0
    assert log_odds_ratio_at(math.inf, 50, 50, 0.3) == math.inf
    assert log_odds_ratio_at(-math.inf, 50, 50, 0.3) == -math.inf


def test_groups_too_small_for_any_significance_have_no_finite_bound():
    assert log_odds_ratio_at(1.96, 3, 3, 0.3) == math.inf
    assert log_odds_ratio_at(-1.96, 3, 3, 0.3) == -math.inf


def test_root_lies_before_the_peak_of_z():
    theta = log_odds_ratio_at(1.96, 60, 60, 0.28)
    assert z_at(theta + 0.01, 60, 60, 0.28) > 1.96


@pytest.mark.parametrize("yates", [False, True])
@pytest.mark.parametrize("table", [(4, 123, 11, 139), (62, 100, 30, 120), (0, 20, 5, 25)])
def test_pooled_z_is_the_root_of_pearsons_chi_squared(table: tuple[int, ...], yates: bool):
    a, n_treated, c, n_control = table
    cells = [[a, n_treated - a], [c, n_control - c]]
    z = pooled_z(a / n_treated, c / n_control, n_treated, n_control, yates)
    assert z**2 == pytest.approx(stats.chi2_contingency(cells, correction=yates).statistic)
    assert np.sign(z) == np.sign(a / n_treated - c / n_control)


def test_wald_z_of_both_ratios():
    # Aronson 1948; metafor 5.1.12, escalc: OR -0.938694, 0.357125; RR -0.889311, 0.325585.
    of_odds, of_risks, *_ = z_of_usual_tests(4, 123, 11, 139)
    assert of_odds == pytest.approx(-0.938694 / math.sqrt(0.357125), abs=1e-5)
    assert of_risks == pytest.approx(-0.889311 / math.sqrt(0.325585), abs=1e-5)


@pytest.mark.parametrize("yates", [False, True])
@pytest.mark.parametrize("z", [-2.4, -0.3, 1.7, 5.0])
def test_root_of_the_pooled_z_gives_it_back(z: float, yates: bool):
    theta = log_odds_ratio_at_pooled_z(z, 130, 170, 0.28, yates)
    p_treated = expit(logit(0.28) + theta)
    assert pooled_z(p_treated, 0.28, 130, 170, yates) == pytest.approx(z)


def test_pooled_z_that_no_proportion_reaches_has_no_root():
    # 3 of 3 against 30% of 3 has z 1.80.
    assert log_odds_ratio_at_pooled_z(2.0, 3, 3, 0.3) == math.inf


def test_standard_error_is_that_of_the_expected_table():
    # 200 of 400 against 100 of 400.
    theta = math.log((200 / 200) / (100 / 300))
    assert standard_error_at(theta, 400, 400, 0.25) == pytest.approx(
        math.sqrt(1 / 200 + 1 / 200 + 1 / 100 + 1 / 300)
    )
