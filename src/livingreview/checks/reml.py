"""The posterior beside restricted maximum likelihood, what most published reviews report.

REML has no prior, and takes all evidence as normal. The build compares it with the Bayesian
answer on numeric evidence, so that a reader sees how far priors and exact likelihoods move it.
PyMARE fits it; where a study gives several effects, `livingreview.checks.nested_reml`.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import numpy as np
import pandas as pd

from livingreview.checks.assembled_fits import Fit
from livingreview.checks.nested_reml import RemlFit, nested_reml
from livingreview.checks.report_statistics import effects_of, observed
from livingreview.effects.data_set import Floats
from livingreview.effects.refusal import Refusal
from livingreview.tables.checks import Reml, Unchecked

with warnings.catch_warnings():
    # PyMARE 0.0.13 leaves a data file of its own open while it is imported.
    warnings.simplefilter("ignore", ResourceWarning)
    from pymare.estimators import VarianceBasedLikelihoodEstimator

# Tolerance of the search for tau squared; PyMARE's own leaves five correct digits.
SEARCH_TOLERANCE = 1e-12


def reml(values: Floats, variances: Floats, columns: Floats) -> RemlFit:
    """Fit a random-effects meta-regression by restricted maximum likelihood.

    Parameters
    ----------
    values, variances : ndarray, shape (study,)
        Estimates (on the scale of θ) and their squared standard errors.
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
    effects = summary.get_fe_stats()
    return RemlFit(
        coefficients=effects["est"][:, 0],
        standard_errors=effects["se"][:, 0],
        tau_squared=float(summary.tau2.item()),
    )


def reml_tables(fits: Iterable[Fit]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare each fit whose studies all give numbers."""
    rows, unchecked = [], []
    for fit in fits:
        try:
            estimates = _reml(fit)
        except Refusal as refusal:
            unchecked.append({"fit": fit.name, "table": "reml", "reason": str(refusal)})
            continue
        draws = [fit.draws("mu")]
        if fit.design.coefficients:
            draws += list(fit.draws("beta").T)
        names = ["mu", *(f"beta[{name}]" for name in fit.design.coefficients)]
        for i, (name, posterior) in enumerate(zip(names, draws, strict=True)):
            mean, sd = float(posterior.mean()), float(posterior.std(ddof=1))
            rows.append(
                {
                    "fit": fit.name,
                    "quantity": name,
                    "reml": float(estimates.coefficients[i]),
                    "standard_error": float(estimates.standard_errors[i]),
                    "tau": estimates.tau_squared**0.5,
                    "omega": estimates.omega_squared**0.5 if fit.data.has_several_effects else None,
                    "mean": mean,
                    "sd": sd,
                    "sds_apart": abs(float(estimates.coefficients[i]) - mean) / sd,
                }
            )
    return Reml.frame(rows), Unchecked.frame(unchecked)


def _reml(fit: Fit) -> RemlFit:
    """REML of the fit's studies, or the reason why there is none."""
    if fit.model.kind != "hierarchical":
        raise Refusal(f"a {fit.model.kind} model has no counterpart")
    numeric = effects_of(fit.data)["value"]
    if numeric.size < len(fit.data.effects):
        raise Refusal(
            "some studies give no effect with a standard error, but a statement, a ratio of risks"
            " or hazards, or a value of unknown precision"
        )
    reports = observed(fit.data)
    columns = fit.design.columns[numeric]
    columns = np.column_stack([np.ones(len(columns)), columns])
    if np.linalg.matrix_rank(columns) < columns.shape[1]:
        raise Refusal("the studies cannot tell the coefficients apart without priors")
    try:
        if fit.data.has_several_effects:
            sampling = fit.data.sampling_covariance(numeric, reports.error)
            studies = fit.data.effect_study[numeric]
            return nested_reml(reports.value, sampling, studies, columns)
        return reml(reports.value, reports.error**2, columns)
    except ValueError as error:
        raise Refusal(str(error)) from None
