"""Restricted maximum likelihood where the answer is known by hand."""

import numpy as np
import pytest

from livingreview.reml import reml


def test_equal_variances_give_the_sample_variance_less_the_error():
    # With one variance v for all, REML is the sample variance less v, and the mean.
    values = np.array([-1.0, 0.0, 0.5, 2.5])
    fit = reml(values, np.full(4, 0.3), np.ones((4, 1)))
    assert fit.coefficients == pytest.approx([0.5])
    assert fit.tau_squared == pytest.approx(values.var(ddof=1) - 0.3, rel=1e-6)
    assert fit.standard_errors == pytest.approx([values.std(ddof=1) / 2], rel=1e-6)


def test_studies_closer_than_their_errors_have_no_heterogeneity():
    variances = np.array([0.5, 1.0, 2.0])
    fit = reml(np.array([0.1, 0.12, 0.09]), variances, np.ones((3, 1)))
    assert fit.tau_squared == pytest.approx(0, abs=1e-9)
    assert fit.standard_errors == pytest.approx([(1 / variances).sum() ** -0.5])


def test_too_few_studies_are_refused():
    with pytest.raises(ValueError, match="2 studies for 2 coefficients"):
        reml(np.zeros(2), np.ones(2), np.array([[1.0, 0.0], [1.0, 1.0]]))
