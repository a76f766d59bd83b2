"""Fits that are drawn from integrated posteriors: of outcomes with more studies than are sampled.

What checks, figures and tables read of a sampled fit, they read of these: independent draws of the
pooled effect, the coefficients and the SDs. There is no effect of each study in them, nor a level
of its control arm, as integration has no use for either; nor a record of a sampler.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import xarray as xr

from livingreview.base.seeds import seed_of
from livingreview.effects.data_set import Dataset
from livingreview.effects.design_matrix import DesignMatrix
from livingreview.effects.refusal import Refusal
from livingreview.effects.specification import Specification
from livingreview.models.quadrature.engine import NO_LIMIT, integrate_model, tabulated
from livingreview.models.quadrature.lattice_draws import PosteriorDraws
from livingreview.models.reported_effects import reported_effects


def draw_models(
    data: Dataset, specifications: list[Specification], size: int, seed: int, outcome: str
) -> tuple[dict[str, xr.DataTree], dict[str, str]]:
    """Draw every model of an outcome that integration can serve.

    Parameters
    ----------
    size : int
        Draws of each.

    Returns
    -------
    fits : dict of DataTree
        Group `posterior`, as of `livingreview.models.nuts.sampling.fit_models`, in one chain.
    refusals : dict of str
        Why integration cannot serve the others.
    """
    fits, refusals = {}, {}
    tabulate = lru_cache(maxsize=1)(tabulated)
    for specification in specifications:
        name = specification.name
        try:
            answer = integrate_model(data, specification, NO_LIMIT, tabulate)
        except Refusal as refusal:
            refusals[name] = str(refusal)
            continue
        rng = np.random.default_rng(seed_of(seed, f"{outcome}/{name}"))
        posterior = _posterior(answer.draws(size, rng), specification.design, rng)
        fits[name] = xr.DataTree.from_dict({"posterior": posterior})
    return fits, refusals


def _posterior(draws: PosteriorDraws, design: DesignMatrix, rng: np.random.Generator) -> xr.Dataset:
    """Draws under the names of a sampled fit's, with the effects that are reported."""
    mu, *beta = draws.coefficients.T
    named = {"mu": mu, "tau": draws.tau, "omega": draws.sd_within_study, "kappa": draws.kappa}
    dimensions = ("chain", "draw")
    posterior = xr.Dataset(
        {name: (dimensions, drawn[None]) for name, drawn in named.items() if drawn is not None},
        coords={"chain": [0], "draw": np.arange(mu.size)},
    )
    if beta:
        posterior["beta"] = ((*dimensions, "coefficient"), np.stack(beta, axis=1)[None])
        posterior = posterior.assign_coords(coefficient=list(design.coefficients))
    posterior = posterior.assign(reported_effects(posterior, design, rng))
    return posterior.assign_attrs(setting_studies=list(design.setting_studies))
