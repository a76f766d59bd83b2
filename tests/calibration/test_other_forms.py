"""Calibration of the forms that made-up studies of three kinds do not have."""

import numpy as np
import pytest

from livingreview.calibration.cases import BASELINE, calibration_cases, other_forms
from livingreview.calibration.names import CASES, WAYS
from livingreview.calibration.nuts import reports
from livingreview.calibration.quadrature import placed_truths, quadrature_cases, quadrature_verdicts
from livingreview.calibration.unknowns import with_drawn_shares

SETS = 300


def truth_of(data, theta=0.5):
    return {
        "theta": np.full(len(data.effects), theta),
        "baseline_logit": np.full(len(data.baselines), -1.0),
    }


def test_every_case_has_its_name():
    assert tuple(calibration_cases()) == CASES
    assert tuple(quadrature_cases()) == WAYS


def test_studies_of_unknown_sizes_state_or_give_a_rounded_value():
    data = other_forms()["unknown_sizes"]
    assert set(data.forms) == {"interval", "rounded"}
    drawn = reports(data, truth_of(data), np.random.default_rng(1))
    for name, form in drawn.forms.items():
        assert form.has_unknown_sizes
        np.testing.assert_array_equal(form.n_treated, data.forms[name].n_treated)
        np.testing.assert_array_equal(form.log_weight, data.forms[name].log_weight)
    interval, rounded = drawn.forms["interval"], drawn.forms["rounded"]
    valued = np.isfinite(interval.value_low)
    assert valued.sum() == (~valued).sum() == rounded.effect.size == 3
    # A statement bounds z, a value only itself.
    assert (np.isfinite(interval.z_low) | np.isfinite(interval.z_high)).tolist() == (
        ~valued
    ).tolist()
    assert np.isinf(rounded.z_low).all()
    np.testing.assert_allclose(rounded.value_high - rounded.value_low, 0.1)
    np.testing.assert_allclose((10 * rounded.value_low) % 1 % 1, 0.0, atol=1e-9)


def test_values_of_unknown_sizes_have_the_spread_of_sizes_from_the_prior():
    data, rng = other_forms()["unknown_sizes"], np.random.default_rng(2)
    drawn = [reports(data, truth_of(data), rng).forms["rounded"] for _ in range(SETS)]
    values = np.concatenate([(form.value_low + form.value_high) / 2 for form in drawn])
    # Mean of 1/n of a log-normal size, and the variance of rounding.
    location, scale = BASELINE.sizes.arguments
    variance = 3.3**2 * np.exp(scale**2 / 2 - location) + 0.1**2 / 12
    assert np.mean(values) == pytest.approx(0.5, abs=4 * np.sqrt(variance / values.size))
    assert np.var(values) == pytest.approx(variance, rel=0.2)


def test_rates_are_poisson_where_they_have_no_shape():
    data, rng = other_forms()["rates"], np.random.default_rng(3)
    assert set(data.forms) == {"poisson"}
    form = data.forms["poisson"]
    drawn = [reports(data, truth_of(data), rng).forms["poisson"] for _ in range(SETS)]
    events = np.array([d.events for d in drawn])
    mean = form.total * np.exp(-1.0 + 0.5 * form.treated)
    spread = np.isfinite(form.shape)
    assert 0 < spread.sum() < spread.size
    variance = mean + np.where(spread, mean**2 / form.shape, 0.0)
    np.testing.assert_allclose(events.mean(axis=0), mean, atol=5 * np.sqrt(variance.max() / SETS))
    np.testing.assert_allclose(events.var(axis=0), variance, rtol=0.45)


def test_known_control_shares_are_drawn_around_their_location():
    data, rng = other_forms()["ratios"], np.random.default_rng(4)
    assert set(data.forms) == {"ratio"}
    ratios = data.forms["ratio"]
    assert set(ratios.hazard) == {0, 1}
    assert ratios.share_row.size == 3
    assert data.shares.baselines.size == 6
    drawn = [with_drawn_shares(data, np.array([-2.0]), rng) for _ in range(SETS)]
    logits = np.array([d.shares.logit for d in drawn])
    variance = BASELINE.share_spread**2 + 0.15**2
    assert logits.mean() == pytest.approx(-2.0, abs=4 * np.sqrt(variance / logits.size))
    assert logits.var() == pytest.approx(variance, rel=0.2)
    one = drawn[0]
    own = ratios.baseline[ratios.share_row]
    np.testing.assert_array_equal(one.baseline_prior.location[own], one.shares.logit)
    np.testing.assert_array_equal(one.forms["ratio"].share_logit, one.shares.logit)
    others = data.shares.baselines
    np.testing.assert_array_equal(
        one.baseline_prior.location[others], data.baseline_prior.location[others]
    )


@pytest.mark.slow
@pytest.mark.parametrize("way", ["rates", "ratios"])
def test_truths_fall_where_integration_of_other_forms_says(way):
    found = placed_truths(quadrature_cases()[way], range(150), seed=3)
    assert quadrature_verdicts(found.assign(case=way))["calibrated"].all()
