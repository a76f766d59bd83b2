r"""The joint model: the true effects of studies on several outcomes, correlated.

Non-centred; :math:`\tau` is a standard deviation.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pymc as pm
import xarray as xr

from livingreview.effects.data_set import Dataset
from livingreview.effects.forms.form import Tensor
from livingreview.effects.forms.tensors import elements
from livingreview.models.nuts.hierarchical import Population
from livingreview.models.nuts.priors import random, spread
from livingreview.protocol.models import ModelSpecification


def joint(
    data: Dataset, numbers: dict[str, Tensor], specification: ModelSpecification
) -> Population:
    r"""Several outcomes, study effects correlated.

    .. math:: \theta_j = \mu_{o(j)} + \tau_{o(j)} (L u_{i(j)})_{o(j)}, \qquad
              L L^\top \sim \mathrm{LKJ}(\eta)

    (Lewandowski, Kurowicka and Joe 2009, Journal of Multivariate Analysis 100, 1989-2001).
    """
    priors = specification.priors
    mu = random("mu", priors.mu, numbers["mu_prior"], dims="outcome")
    tau = spread("tau", priors, numbers["tau_prior"], dims="outcome")
    outcomes = len(data.outcomes)
    assert specification.lkj is not None
    factor = pm.LKJCorr("correlation_factor", n=outcomes, eta=specification.lkj)
    # Products written out: a matrix product would pull in a BLAS that pip does not bring.
    correlation = (factor[:, None, :] * factor[None, :, :]).sum(axis=-1)
    pm.Deterministic("correlation", correlation, dims=("outcome", "other_outcome"))
    u = pm.Normal("u", 0.0, 1.0, dims=("study", "outcome"))
    moved = (u[:, None, :] * factor[None, :, :]).sum(axis=-1).flatten()
    position = data.effect_study * outcomes + data.effect_outcome
    of_effect = elements(moved, position, len(data.studies) * outcomes)
    expected, tau = mu[data.effect_outcome], tau[data.effect_outcome]
    return Population(expected + tau * of_effect, expected, tau**2)


def joint_quantities(
    posterior: xr.Dataset, differences: dict[str, list[str]], rng: np.random.Generator
) -> xr.Dataset:
    """Draws with the quantities that are reported of a joint model.

    `differences`: outcomes of each contrast, the first's pooled effect minus the second's.
    ``correlation`` by pair of outcomes, ``theta_new`` by outcome, and ``contrast`` by difference,
    where there is one.
    """
    mu, tau = posterior["mu"], posterior["tau"]
    pairs = list(combinations(map(str, mu["outcome"].to_numpy()), 2))
    correlation = xr.concat(
        [posterior["correlation"].sel(outcome=a, other_outcome=b, drop=True) for a, b in pairs],
        dim=pd.Index([f"{a}~{b}" for a, b in pairs], name="pair"),
    )
    posterior = posterior.drop_vars(["correlation", "correlation_factor"], errors="ignore")
    posterior = posterior.drop_dims("other_outcome", errors="ignore")
    posterior = posterior.assign(
        correlation=correlation.transpose("chain", "draw", "pair"),
        theta_new=mu + tau * rng.standard_normal(mu.shape),
    )
    if differences:
        contrast = xr.concat(
            [
                mu.sel(outcome=plus, drop=True) - mu.sel(outcome=minus, drop=True)
                for plus, minus in differences.values()
            ],
            dim=pd.Index(list(differences), name="difference"),
        )
        posterior["contrast"] = contrast.transpose("chain", "draw", "difference")
    return posterior
