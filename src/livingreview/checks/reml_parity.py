"""The posterior beside restricted maximum likelihood, what most published reviews report.

They should not be the same: one has priors and exact likelihoods, the other neither. A
difference that matters must be seen, and explained.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from livingreview.checks.fit import Fitted
from livingreview.checks.reml import RemlFit, reml
from livingreview.checks.reports import effects_of, observed
from livingreview.effects.refusal import Refusal
from livingreview.tables.checks import Reml, Unchecked


def reml_tables(fits: Iterable[Fitted]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare each fit whose studies all give numbers.

    Returns
    -------
    reml, unchecked : DataFrame
        Columns of the classes of `livingreview.tables.checks` of these names.
    """
    rows, told = [], []
    for fit in fits:
        try:
            theirs = _reml(fit)
        except Refusal as refusal:
            told.append({"fit": fit.name, "table": "reml", "reason": str(refusal)})
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
                    "reml": float(theirs.coefficients[i]),
                    "standard_error": float(theirs.standard_errors[i]),
                    "tau": theirs.tau_squared**0.5,
                    "mean": mean,
                    "sd": sd,
                    "sds_apart": abs(float(theirs.coefficients[i]) - mean) / sd,
                }
            )
    return Reml.frame(rows), Unchecked.frame(told)


def _reml(fit: Fitted) -> RemlFit:
    """REML of the fit's studies, or the reason why there is none."""
    if fit.model.kind != "hierarchical":
        raise Refusal(f"a {fit.model.kind} model has no counterpart")
    if fit.data.interval_effect.size:
        raise Refusal("some studies report only a finding")
    if fit.data.has_several_effects:
        raise Refusal("a study gives several effects on the outcome")
    reports = observed(fit.data)
    studies = fit.data.effect_study[effects_of(fit.data)["value"]]
    columns = fit.design.columns[studies]
    columns = np.column_stack([np.ones(len(columns)), columns])
    if np.linalg.matrix_rank(columns) < columns.shape[1]:
        raise Refusal("the studies cannot tell the coefficients apart without priors")
    try:
        return reml(reports.value, reports.error**2, columns)
    except ValueError as error:
        raise Refusal(str(error)) from None
