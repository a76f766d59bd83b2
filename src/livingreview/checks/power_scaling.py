"""Which of prior and studies an answer hangs on: each is raised to a power a little off 1.

Sensitivity is the change of a posterior, by the cumulative Jensen-Shannon distance, for each
doubling of the power (Kallioinen and others 2023, Statistics and Computing 34, 57). What
moves with the prior and with the likelihood is torn between them; what moves with the prior
alone has learnt little from the studies.
"""

from __future__ import annotations

from typing import Any

import arviz_stats as azs
import numpy as np
import xarray as xr
from scipy import stats

from livingreview.checks.assembled_fits import Fit
from livingreview.effects.data_set import Floats
from livingreview.protocol.checks import CheckThresholds
from livingreview.protocol.priors import LOCAL_DEGREES


def power_scaling_rows(
    fit: Fit, tree: xr.DataTree, limits: CheckThresholds
) -> list[dict[str, Any]]:
    """One row of `power_scaling.csv` per pooled quantity.

    `tree`: draws of pooled quantities, and the log likelihood of each study with its own effect
    integrated out.
    """
    posterior = tree["posterior"].to_dataset()
    shape = (posterior.sizes["chain"], posterior.sizes["draw"])
    prior = xr.Dataset(
        {"terms": (("chain", "draw"), log_prior(fit).reshape(shape))}, coords=posterior.coords
    )
    tree = xr.DataTree.from_dict(
        {
            "posterior": posterior,
            "log_likelihood": tree["log_likelihood"].to_dataset(),
            "log_prior": prior,
        }
    )
    of_prior, of_likelihood = (azs.psense(tree, group=group) for group in ("prior", "likelihood"))
    rows = []
    for name in posterior.data_vars:
        sensitivity = {"prior": float(of_prior[name]), "likelihood": float(of_likelihood[name])}
        diagnosis = "none"
        if sensitivity["prior"] > limits.prior_sensitivity_at_most.value:
            moved = sensitivity["likelihood"] >= limits.likelihood_sensitivity_at_least.value
            diagnosis = "prior_data_conflict" if moved else "strong_prior_or_weak_likelihood"
        rows.append({"fit": fit.name, "quantity": str(name), **sensitivity, "diagnosis": diagnosis})
    return rows


def log_prior(fit: Fit) -> Floats:
    """Log prior density of mu, both SDs and beta at each draw, in the terms of the protocol.

    Priors of the studies' effects are part of the model, and stay as they are. A
    horseshoe prior is one of its global scale, local scales and directions
    (`livingreview.models.nuts.hierarchical.horseshoe`).
    """
    priors = fit.model.priors
    total = priors.mu.distribution.logpdf(fit.draws("mu"))
    for name in ("tau", "omega") if fit.has_sd_within_study else ("tau",):
        sd = fit.draws(name)
        total = total + priors.spread.distribution.logpdf(sd if priors.tau is not None else sd**2)
    if not fit.design.coefficients:
        return total
    if fit.model.kind == "shrinkage":
        used = len(fit.design.coefficients)
        return (
            total
            + stats.halfnorm.logpdf(fit.draws("global"), scale=fit.model.global_scale)
            + stats.norm.logpdf(fit.draws("z")[:, :used]).sum(axis=1)
            + _log_half_t(fit.draws("local")[:, :used]).sum(axis=1)
        )
    return total + priors.beta.distribution.logpdf(fit.draws("beta")).sum(axis=1)


def _log_half_t(values: Floats) -> Floats:
    return np.log(2.0) + stats.t.logpdf(values, LOCAL_DEGREES)
