"""Blurs of tabulated likelihoods against closed forms, however wide or narrow the kernel."""

import numpy as np
import pytest

from livingreview.models.quadrature.blur import Points, blurred

THETA = np.linspace(-15, 15, 601)
# Standard errors of two rows around their values.
VALUE, ERROR = np.array([[0.5], [-1.0]]), np.array([[0.3], [0.6]])


@pytest.mark.parametrize("stride", [1, 3])
@pytest.mark.parametrize("sd", [0.0, 0.02, 0.2, 2.0])
def test_normal_likelihoods_stay_normal(sd, stride):
    at = Points(THETA[150:450:stride], THETA[150:450:stride], 150, stride)
    [table] = blurred(THETA, -0.5 * ((THETA - VALUE) / ERROR) ** 2, at, np.array([sd]), 0.075)
    variance = ERROR**2 + sd**2
    expected = -0.5 * (at.theta - VALUE) ** 2 / variance + 0.5 * np.log(ERROR**2 / variance)
    near = expected > -20
    assert table[near] == pytest.approx(expected[near], abs=2e-5)


def test_a_kernel_wider_than_all_effects_takes_no_more_memory_than_they():
    log_likelihood = np.where(THETA > 0, 0.0, -np.inf)[None]
    at = Points.all_of(THETA)
    # A heavy tail of a prior reaches so far; half of the kernel lies on either side.
    [table] = blurred(THETA, log_likelihood, at, np.array([1e12]), 0.05)
    assert np.exp(table) == pytest.approx(np.full(table.shape, 0.5), abs=1e-6)
