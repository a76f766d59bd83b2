"""Restricted maximum likelihood through PyMARE: what most published meta-analyses report.

It has no prior and no posterior. The build compares it with the Bayesian answer on
numeric evidence, so that a reader can see how far priors and exact likelihoods move it.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

with warnings.catch_warnings():
    # PyMARE 0.0.13 leaves a data file of its own open while it is imported.
    warnings.simplefilter("ignore", ResourceWarning)
    from pymare.estimators import VarianceBasedLikelihoodEstimator

Floats = NDArray[np.float64]

# PyMARE searches a bounded stand-in for tau squared. Its own tolerance leaves five digits.
SEARCH_TOLERANCE = 1e-12


@dataclass(frozen=True)
class RemlFit:
    """A mixed-effects meta-regression by restricted maximum likelihood.

    Attributes
    ----------
    coefficients, standard_errors : ndarray, shape (coefficient,)
        The errors are those of weighted least squares at the estimated variance
        ("Wald"), without the adjustment of Knapp and Hartung.
    tau_squared : float
        Variance between studies.
    """

    coefficients: Floats
    standard_errors: Floats
    tau_squared: float


def reml(values: Floats, variances: Floats, columns: Floats) -> RemlFit:
    """Fit a random-effects meta-regression by restricted maximum likelihood.

    Parameters
    ----------
    values, variances : ndarray, shape (study,)
        Estimates (log odds ratios) and their squared standard errors.
    columns : ndarray, shape (study, coefficient)
        Design matrix; a column of ones for the pooled effect.

    Raises
    ------
    ValueError
        If there are not more studies than coefficients: the variance between
        studies cannot then be estimated.

    References
    ----------
    Viechtbauer 2005, Journal of Educational and Behavioral Statistics 30(3), 261-293.
    """
    studies, coefficients = columns.shape
    if studies <= coefficients:
        raise ValueError(f"{studies} studies for {coefficients} coefficients")
    estimator = VarianceBasedLikelihoodEstimator(
        method="REML", small_sample_correction="wald", xtol=SEARCH_TOLERANCE
    )
    fit = estimator.fit(y=values[:, None], v=variances[:, None], X=columns)
    summary = fit.summary()
    found = summary.get_fe_stats()
    return RemlFit(
        coefficients=found["est"][:, 0],
        standard_errors=found["se"][:, 0],
        tau_squared=float(summary.tau2.item()),
    )
