"""Restricted maximum likelihood where the answer is known by hand, and against metafor."""

import json
from pathlib import Path

import numpy as np
import peers
import pytest

from livingreview.checks.nested_reml import nested_reml
from livingreview.checks.reml import reml


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


# metafor's rma() ends its search when a step moves tau squared by less.
METAFOR_THRESHOLD = 1e-5


def trials(model):
    """Metafor's log odds ratios and variances, and the columns of a model of them."""
    given = peers.figures("metafor")["logOR"]
    latitude = np.array([float(trial["latitude"]) for trial in peers.trials()])
    columns = np.column_stack([np.ones(13), latitude - latitude.mean()])
    width = 2 if model == "reml_latitude" else 1
    return np.array(given["yi"]), np.array(given["vi"]), columns[:, :width]


@pytest.mark.parametrize("figure", ["reml", "reml_converged", "reml_latitude_converged"])
def test_six_digits_of_metafor(figure):
    fit = reml(*trials(figure.removesuffix("_converged")))
    theirs = peers.figures("metafor")[figure]
    assert fit.coefficients == pytest.approx(np.array(theirs["coefficients"]), abs=1e-7)
    assert fit.standard_errors == pytest.approx(np.array(theirs["standard_errors"]), abs=1e-7)
    assert fit.tau_squared == pytest.approx(theirs["tau_squared"], abs=1e-7)


def test_metafors_default_search_ends_early_with_latitude():
    # What differs is tau squared alone, and by a search that has not come to its end: the
    # next step of Fisher scoring (Viechtbauer 2005) is below the threshold, and towards us.
    values, variances, columns = trials("reml_latitude")
    theirs = peers.figures("metafor")["reml_latitude"]
    ours = reml(values, variances, columns).tau_squared
    weights = np.diag(1 / (variances + theirs["tau_squared"]))
    covariance = np.linalg.inv(columns.T @ weights @ columns)
    assert covariance @ columns.T @ weights @ values == pytest.approx(
        np.array(theirs["coefficients"]), abs=1e-12
    )
    assert np.sqrt(np.diag(covariance)) == pytest.approx(
        np.array(theirs["standard_errors"]), abs=1e-12
    )
    residual = weights - weights @ columns @ covariance @ columns.T @ weights
    step = values @ residual @ residual @ values - np.trace(residual)
    step /= np.trace(residual @ residual)
    assert abs(step) < METAFOR_THRESHOLD
    assert 0 < step / (ours - theirs["tau_squared"]) < 1


def schools():
    """Values, variances and districts of 56 schools, and metafor's figures for them."""
    pinned = json.loads((Path(__file__).parents[1] / "data/schools_in_districts.json").read_text())
    rows = [
        (value, variance, i)
        for i, effects in enumerate(pinned["districts"].values())
        for value, variance in effects
    ]
    values, variances, district = map(np.array, zip(*rows, strict=True))
    return values, variances, district.astype(int), pinned["reml"]


def test_three_digits_of_metafor_where_a_study_gives_several_effects():
    values, variances, district, theirs = schools()
    fit = nested_reml(values, np.diag(variances), district, np.ones((56, 1)))
    found = [fit.coefficients[0], fit.standard_errors[0], fit.tau_squared, fit.omega_squared]
    names = ("mu", "standard_error", "tau_squared", "omega_squared")
    assert found == pytest.approx([theirs[name] for name in names], abs=5e-4)


def test_without_a_variance_within_studies_it_is_the_fit_of_one_estimate_a_study():
    # Two estimates of each study with fully known, correlated errors, all alike within a study:
    # the variance within studies is 0, and their mean is one estimate.
    values = np.array([-1.0, 0.2, 0.5, 1.1, 2.0])
    sampling = np.kron(np.eye(5), [[0.3, 0.12], [0.12, 0.3]])
    fit = nested_reml(np.repeat(values, 2), sampling, np.repeat(np.arange(5), 2), np.ones((10, 1)))
    of_means = reml(values, np.full(5, 0.21), np.ones((5, 1)))
    assert fit.omega_squared == pytest.approx(0.0, abs=1e-6)
    assert fit.tau_squared == pytest.approx(of_means.tau_squared, abs=1e-5)
    assert fit.standard_errors == pytest.approx(of_means.standard_errors, abs=1e-5)
