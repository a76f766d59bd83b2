"""The `nuts` engine: sample the models of one outcome with one compiled graph."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
import nutpie
import pandas as pd
import xarray as xr

from livingreview.dataset import Dataset
from livingreview.models import build_model, families, model_numbers
from livingreview.moderators import DesignMatrix
from livingreview.packing import Layout
from livingreview.run_config import Sampler
from livingreview.specification import Specification

# Kept of the sampler's own record: what the checks read, and nothing that holds a clock.
SAMPLE_STATS = ("diverging", "energy", "depth", "n_steps", "mean_tree_accept", "step_size")


def seed_of(seed: int, fit: str) -> int:
    """Seed of one fit, the same whatever else is fitted before or beside it."""
    digest = hashlib.sha256(f"{seed}/{fit}".encode()).digest()
    return int.from_bytes(digest[:4], "big")


def fit_models(
    data: Dataset, specifications: list[Specification], sampler: Sampler, seed: int, outcome: str
) -> Iterator[tuple[str, xr.DataTree]]:
    """Sample every model of an outcome.

    Parameters
    ----------
    data : Dataset
    specifications : list of Specification
    sampler : Sampler
    seed : int
        Of the whole run; each fit derives its own.
    outcome : str

    Yields
    ------
    name : str
        Of the model.
    fit : DataTree
        Groups `posterior` (``mu``, ``tau``, ``beta``, ``pooled`` and ``theta_new``
        by setting, ``theta`` by effect, ``u`` by study), `sample_stats`, and
        `log_likelihood` by study. Only what the model uses.
    """
    coefficients = max(len(s.design.coefficients) for s in specifications)
    compiled: dict[tuple, nutpie.compile_pymc.CompiledPyMCModel] = {}
    for specification in specifications:
        key = families(specification.priors)
        if key not in compiled:
            model = build_model(data, coefficients, specification.priors)
            compiled[key] = nutpie.compile_pymc_model(model)
        fit_seed = seed_of(seed, f"{outcome}/{specification.name}")
        design = specification.design
        order = pd.Index(design.studies).get_indexer(data.studies)
        numbers = model_numbers(
            data,
            coefficients,
            specification.priors,
            design.columns[order],
            design.included[order],
        )
        draws = nutpie.sample(
            compiled[key].with_data(numbers=Layout.of(numbers).packed(numbers)),
            draws=sampler.draws,
            tune=sampler.tune,
            chains=sampler.chains,
            # Chains in turn: fits run side by side instead, and draws do not depend on it.
            cores=1,
            seed=fit_seed,
            target_accept=sampler.target_accept,
            progress_bar=False,
            save_warmup=False,
        )
        yield specification.name, _kept(draws, data, specification, fit_seed)


def _kept(
    draws: xr.DataTree, data: Dataset, specification: Specification, seed: int
) -> xr.DataTree:
    """Keep what the model uses, and add what it is reported by."""
    design = specification.design
    included = design.included[pd.Index(design.studies).get_indexer(data.studies)]
    within = {
        "study": np.flatnonzero(included),
        "effect": np.flatnonzero(included[data.effect_study]),
        "baseline": np.flatnonzero(included[data.baseline_study]),
        "coefficient": np.arange(len(design.coefficients)),
    }
    posterior = draws["posterior"].to_dataset()
    log_likelihood = _by_study(posterior, data).isel(study=within["study"])
    posterior = posterior.drop_vars(list(data.term_study))
    posterior = posterior.isel({k: v for k, v in within.items() if k in posterior.dims})
    if design.coefficients:
        posterior = posterior.assign_coords(coefficient=list(design.coefficients))
    else:
        posterior = posterior.drop_dims("coefficient", errors="ignore")
    posterior = posterior.assign(_reported(posterior, design, np.random.default_rng(seed)))
    stats = draws["sample_stats"].to_dataset()[list(SAMPLE_STATS)]
    groups = {
        "posterior": posterior,
        "sample_stats": stats,
        "log_likelihood": log_likelihood.to_dataset(name="terms"),
    }
    # Attributes hold the time of sampling: without them, equal builds are equal in every byte.
    tree = xr.DataTree.from_dict({name: group.drop_attrs() for name, group in groups.items()})
    tree["posterior"].attrs["setting_studies"] = list(design.setting_studies)
    return tree


def _by_study(posterior: xr.Dataset, data: Dataset) -> xr.DataArray:
    """Log likelihood of each study, the sum over its terms: the unit of leave-one-out."""
    total = np.zeros((posterior.sizes["chain"], posterior.sizes["draw"], len(data.studies)))
    for name, study in data.term_study.items():
        for term, of_study in enumerate(study):
            total[..., of_study] += posterior[name].to_numpy()[..., term]
    return xr.DataArray(
        total,
        dims=("chain", "draw", "study"),
        coords={
            "chain": posterior["chain"],
            "draw": posterior["draw"],
            "study": list(data.studies),
        },
    )


def _reported(
    posterior: xr.Dataset, design: DesignMatrix, rng: np.random.Generator
) -> dict[str, xr.DataArray]:
    """Pooled effect in each setting, and the effect of a new study there."""
    setting = xr.DataArray(
        design.setting_columns,
        dims=("setting", "coefficient"),
        coords={"setting": list(design.settings), "coefficient": list(design.coefficients)},
    )
    pooled = posterior["mu"].expand_dims(setting=list(design.settings), axis=-1)
    if design.coefficients:
        pooled = pooled + xr.dot(posterior["beta"], setting, dim="coefficient")
    noise = xr.zeros_like(pooled) + rng.standard_normal(pooled.shape)
    return {"pooled": pooled, "theta_new": pooled + posterior["tau"] * noise}
