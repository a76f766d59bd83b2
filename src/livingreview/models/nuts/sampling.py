"""The `nuts` engine: sample the models of one outcome with one compiled graph."""

from __future__ import annotations

import logging
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
import nutpie
import xarray as xr

from livingreview.base.seeds import seed_of
from livingreview.base.steps import LOG, show_progress
from livingreview.effects.data_set import Dataset, Floats
from livingreview.effects.design_matrix import DesignMatrix
from livingreview.effects.specification import Specification
from livingreview.models.nuts.control_shares import LOCATION
from livingreview.models.nuts.graph import (
    PRINTING_TERMS,
    build_model,
    compiled_structure,
    model_numbers,
)
from livingreview.models.nuts.hierarchical import STORED_WITH
from livingreview.models.nuts.joint import joint_quantities
from livingreview.models.nuts.packing import Layout
from livingreview.protocol.models import JOINT, ModelSpecification
from livingreview.protocol.run_config import Sampler

# A divergence marks a region that the steps were too large for. Each further attempt asks for
# an acceptance this much nearer to 1: 0.95, then 0.99, then 0.998.
NEARER = 0.2
# Variables of the sampler's record that are stored: those that the checks read, without times.
SAMPLE_STATS = ("diverging", "energy", "depth", "n_steps", "mean_tree_accept", "step_size")


def fit_models(
    data: Dataset, specifications: list[Specification], sampler: Sampler, seed: int, outcome: str
) -> Iterator[tuple[str, xr.DataTree]]:
    """Sample every model of an outcome.

    Yields
    ------
    fit : DataTree
        Groups `posterior` (``mu``, ``tau``, ``beta``, ``pooled`` and ``theta_new``
        by setting, ``theta`` by effect, ``u`` by study), `sample_stats`, and
        `log_likelihood` by study. Only what the model uses.
    """
    alike = defaultdict(list)
    for specification in specifications:
        alike[compiled_structure(specification.model)].append(specification)
    graphs: dict[tuple, tuple[nutpie.compile_pymc.CompiledPyMCModel, int]] = {}
    for specification in specifications:
        key = compiled_structure(specification.model)
        if key not in graphs:
            width = max(len(served.design.coefficients) for served in alike[key])
            model = build_model(data, width, *(served.model for served in alike[key]))
            graphs[key] = nutpie.compile_pymc_model(model), width
        compiled, width = graphs[key]
        design = specification.design.of_effects(data.effect_studies, data.effects)
        numbers = model_numbers(data, width, specification.model, design.columns, design.included)
        fit_seed = seed_of(seed, f"{outcome}/{specification.name}")
        steps = sampler_of(specification.model, sampler)
        draws = sample_again(compiled, numbers, steps, fit_seed, f"{outcome}/{specification.name}")
        fit = _stored(draws, data, specification.model.kind, design)
        posterior = fit["posterior"].to_dataset()
        reported = _reported(posterior, design, np.random.default_rng(fit_seed))
        fit["posterior"] = xr.DataTree(posterior.assign(reported))
        fit["posterior"].attrs["setting_studies"] = list(design.setting_studies)
        yield specification.name, fit


def fit_joint(
    data: Dataset, name: str, specification: ModelSpecification, sampler: Sampler, seed: int
) -> xr.DataTree:
    """Sample a model of several outcomes at once.

    As of `fit_models`, with ``mu``, ``tau`` and ``theta_new`` by outcome, ``correlation`` by pair
    of outcomes and ``contrast`` by its name.
    """
    fit_seed = seed_of(seed, f"{JOINT}/{name}")
    compiled = nutpie.compile_pymc_model(build_model(data, 0, specification))
    numbers = model_numbers(data, 0, specification)
    steps = sampler_of(specification, sampler)
    draws = sample_again(compiled, numbers, steps, fit_seed, f"{JOINT}/{name}")
    fit = _stored(draws, data, JOINT)
    posterior = joint_quantities(
        fit["posterior"].to_dataset(),
        {key: s for key, s in specification.differences.items() if set(s) <= set(data.outcomes)},
        np.random.default_rng(fit_seed),
    )
    fit["posterior"] = xr.DataTree(posterior)
    fit["posterior"].attrs["setting_studies"] = [
        len(np.unique(data.effect_study[data.effect_outcome == i]))
        for i in range(len(data.outcomes))
    ]
    return fit


def sampler_of(specification: ModelSpecification, sampler: Sampler) -> Sampler:
    """The run's sampler, with smaller steps where a model asks for them."""
    if specification.target_accept is None:
        return sampler
    return sampler.model_copy(update={"target_accept": specification.target_accept})


def sample_again(
    compiled: nutpie.compile_pymc.CompiledPyMCModel,
    numbers: dict[str, Floats],
    sampler: Sampler,
    seed: int,
    fit: str,
) -> xr.DataTree:
    """Draw as `sample` does, again with smaller steps while a draw diverges.

    Whether one of 8,000 draws diverges can hang on the processor's last digit; a build should
    not. What still diverges at the last attempt is returned, for the gate to judge.
    """
    for attempt in range(sampler.attempts):
        target = 1 - (1 - sampler.target_accept) * NEARER**attempt
        steps = sampler.model_copy(update={"target_accept": target})
        start = time.monotonic()
        draws = sample(compiled, numbers, steps, seed, fit)
        divergences = int(draws["sample_stats"]["diverging"].sum())
        LOG.log(
            logging.WARNING if divergences else logging.INFO,
            f"{fit}: {steps.chains} chains of {steps.draws} draws after {steps.tune} to tune,"
            f" acceptance {target:.3f} (attempt {attempt + 1} of {sampler.attempts}),"
            f" {divergences} divergences, {time.monotonic() - start:.1f} s",
        )
        if not divergences:
            break
    return draws


def sample(
    compiled: nutpie.compile_pymc.CompiledPyMCModel,
    numbers: dict[str, Floats],
    sampler: Sampler,
    seed: int,
    fit: str = "sampling",
) -> xr.DataTree:
    """Draw from a compiled model with the given numbers."""

    def show(chains: list[Any]) -> None:
        done = sum(chain.finished_draws for chain in chains)
        show_progress(fit, done, sum(chain.total_draws for chain in chains))

    return nutpie.sample(
        compiled.with_data(numbers=Layout.for_arrays(numbers).packed(numbers)),
        draws=sampler.draws,
        tune=sampler.tune,
        chains=sampler.chains,
        # Chains in turn: fits run side by side instead, and draws do not depend on it.
        cores=1,
        seed=seed,
        target_accept=sampler.target_accept,
        progress_bar=False,
        progress_callback=show if sys.stderr.isatty() else None,
        save_warmup=False,
    )


def _stored(
    draws: xr.DataTree, data: Dataset, kind: str, design: DesignMatrix | None = None
) -> xr.DataTree:
    """Keep what the model uses, without attributes.

    Attributes hold the time of sampling: without them, equal builds are equal in every byte.
    """
    included = np.ones(len(data.effects), dtype=bool) if design is None else design.included
    coefficients = () if design is None else design.coefficients
    within = {
        "study": np.unique(data.effect_study[included]),
        "effect": np.flatnonzero(included),
        "baseline": np.flatnonzero(data.included_baselines(included)),
        "coefficient": np.arange(len(coefficients)),
    }
    posterior = draws["posterior"].to_dataset()
    log_likelihood = _by_study(posterior, data).isel(study=within["study"])
    others = [name for name, only in STORED_WITH.items() if only != kind]
    unused = [*data.term_study, PRINTING_TERMS, "shared_error", LOCATION, *others]
    posterior = posterior.drop_vars(unused, errors="ignore")
    posterior = posterior.isel({k: v for k, v in within.items() if k in posterior.dims})
    if coefficients:
        posterior = posterior.assign_coords(coefficient=list(coefficients))
    else:
        posterior = posterior.drop_dims("coefficient", errors="ignore")
    groups = {
        "posterior": posterior,
        "sample_stats": draws["sample_stats"].to_dataset()[list(SAMPLE_STATS)],
        "log_likelihood": log_likelihood.to_dataset(name="terms"),
    }
    return xr.DataTree.from_dict({name: group.drop_attrs() for name, group in groups.items()})


def _by_study(posterior: xr.Dataset, data: Dataset) -> xr.DataArray:
    """Log likelihood of each study, the sum over its terms: the unit of leave-one-out."""
    total = np.zeros((posterior.sizes["chain"], posterior.sizes["draw"], len(data.studies)))
    of_term = data.term_study
    if PRINTING_TERMS in posterior:
        of_term[PRINTING_TERMS] = data.effect_study
    for name, study in of_term.items():
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
    scale = posterior["tau"]
    if "omega" in posterior:
        scale = (scale**2 + posterior["omega"] ** 2) ** 0.5
    if design.coefficients:
        pooled = pooled + xr.dot(posterior["beta"], setting, dim="coefficient")
    noise = xr.zeros_like(pooled) + rng.standard_normal(pooled.shape)
    return {"pooled": pooled, "theta_new": pooled + scale * noise}
