"""The odds ratios that a statement of significance allows."""

import math

import pytest
from scipy.special import expit, logit

from livingreview.findings import log_odds_ratio_at, z_at


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
