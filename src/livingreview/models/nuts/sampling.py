"""The `nuts` engine: sample the models of one outcome with one compiled graph."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from livingreview.base.seeds import seed_of
from livingreview.effects.data_set import Dataset
from livingreview.effects.design_matrix import DesignMatrix
from livingreview.effects.specification import Specification
from livingreview.models.diagnostics import SamplingLimits
from livingreview.models.nuts.compiling import CompiledModel, compile_model
from livingreview.models.nuts.draws import sample_enough, sampler_of
from livingreview.models.nuts.graph import build_model, compiled_structure, model_numbers
from livingreview.models.nuts.hierarchical import STORED_WITH
from livingreview.models.nuts.joint import joint_quantities
from livingreview.protocol.models import JOINT, ModelSpecification
from livingreview.protocol.run_config import Sampler

# Variables that are stored, where a model has them: all others are steps on the way to these.
STORED = ("mu", "tau", "omega", "printed", "beta", "correlation", "theta", "baseline_logit")
KEPT = (*STORED, *STORED_WITH)
# Variables of the sampler's record that are stored: those that the checks read, without times.
SAMPLE_STATS = ("diverging", "energy", "depth", "n_steps", "mean_tree_accept", "step_size")


def fit_models(
    data: Dataset,
    specifications: list[Specification],
    sampler: Sampler,
    seed: int,
    outcome: str,
    limits: SamplingLimits | None = None,
) -> Iterator[tuple[str, xr.DataTree]]:
    """Sample every model of an outcome.

    Parameters
    ----------
    limits : SamplingLimits, optional
        A fit that misses them is sampled again (`livingreview.models.nuts.draws.sample_enough`).

    Yields
    ------
    fit : DataTree
        Groups `posterior` (``mu``, ``tau``, ``beta``, ``pooled`` and ``theta_new``
        by setting, ``theta`` by effect, ``baseline_logit`` by control arm; ``omega`` where a study
        gives several effects) and `sample_stats`. Only what the model uses.
    """
    alike = defaultdict(list)
    for specification in specifications:
        alike[compiled_structure(specification.model)].append(specification)
    graphs: dict[tuple, tuple[CompiledModel, int]] = {}
    for specification in specifications:
        key = compiled_structure(specification.model)
        if key not in graphs:
            width = max(len(served.design.coefficients) for served in alike[key])
            model = build_model(data, width, *(served.model for served in alike[key]))
            graphs[key] = compile_model(model, KEPT), width
        compiled, width = graphs[key]
        design = specification.design.of_effects(data.effect_studies, data.effects)
        numbers = model_numbers(
            data,
            width,
            specification.model,
            design.columns,
            design.included,
            specification.high_risk,
        )
        fit_seed = seed_of(seed, f"{outcome}/{specification.name}")
        steps = sampler_of(specification.model, sampler)
        finish = partial(_finished, data, specification.model.kind, design, fit_seed)
        fit = sample_enough(
            compiled, numbers, steps, fit_seed, f"{outcome}/{specification.name}", finish, limits
        )
        fit["posterior"].attrs["setting_studies"] = list(design.setting_studies)
        yield specification.name, fit


def _finished(
    data: Dataset, kind: str, design: DesignMatrix, seed: int, draws: xr.DataTree
) -> xr.DataTree:
    """What is stored of a model of one outcome."""
    fit = _stored(draws, data, kind, design.included, design.coefficients)
    posterior = fit["posterior"].to_dataset()
    reported = _reported(posterior, design, np.random.default_rng(seed))
    fit["posterior"] = xr.DataTree(posterior.assign(reported))
    return fit


def fit_joint(
    data: Dataset,
    name: str,
    specification: ModelSpecification,
    sampler: Sampler,
    seed: int,
    limits: SamplingLimits | None = None,
) -> Iterator[tuple[str, xr.DataTree]]:
    """Sample a model of several outcomes at once, then each of its contrasts.

    A contrast is sampled from the studies that report both outcomes, by the same graph with all
    other effects left out.

    Yields
    ------
    name : str
        Of the model, or of the contrast; a contrast that no study reports both outcomes of is left
        out.
    fit : DataTree
        As of `fit_models`, with ``mu``, ``tau`` and ``theta_new`` by outcome, ``correlation`` by
        pair of outcomes and ``contrast`` by its name.
    """
    compiled = compile_model(build_model(data, 0, specification), KEPT)
    steps = sampler_of(specification, sampler)
    pairs = {
        key: pair
        for key, pair in specification.differences.items()
        if set(pair) <= {*data.outcomes}
    }
    everything = np.ones(len(data.effects), dtype=bool)
    fits = {name: (everything, pairs)} | {
        key: (data.reporting_all(pair), {key: pair}) for key, pair in pairs.items()
    }
    for label, (included, differences) in fits.items():
        if not included.any():
            continue
        fit_seed = seed_of(seed, f"{JOINT}/{label}")
        numbers = model_numbers(data, 0, specification, included=included)
        finish = partial(_finished_joint, data, included, differences, fit_seed)
        fit = sample_enough(compiled, numbers, steps, fit_seed, f"{JOINT}/{label}", finish, limits)
        fit["posterior"].attrs["setting_studies"] = [
            len(np.unique(data.effect_study[included & (data.effect_outcome == i)]))
            for i in np.unique(data.effect_outcome[included])
        ]
        yield label, fit


def _finished_joint(
    data: Dataset,
    included: NDArray[np.bool_],
    differences: dict[str, list[str]],
    seed: int,
    draws: xr.DataTree,
) -> xr.DataTree:
    """What is stored of a joint model, of the outcomes that it includes."""
    fit = _stored(draws, data, JOINT, included)
    outcomes = [data.outcomes[i] for i in np.unique(data.effect_outcome[included])]
    posterior = fit["posterior"].to_dataset().sel(outcome=outcomes, other_outcome=outcomes)
    posterior = joint_quantities(posterior, differences, np.random.default_rng(seed))
    fit["posterior"] = xr.DataTree(posterior)
    return fit


def _stored(
    draws: xr.DataTree,
    data: Dataset,
    kind: str,
    included: NDArray[np.bool_],
    coefficients: Sequence[str] = (),
) -> xr.DataTree:
    """Keep what the model uses, without attributes.

    Attributes hold the time of sampling: without them, equal builds are equal in every byte.
    """
    within = {
        "effect": np.flatnonzero(included),
        "baseline": np.flatnonzero(data.included_baselines(included)),
        "coefficient": np.arange(len(coefficients)),
    }
    posterior = draws["posterior"].to_dataset()
    of_kind = [name for name, only in STORED_WITH.items() if only == kind]
    posterior = posterior[[name for name in (*STORED, *of_kind) if name in posterior]]
    posterior = posterior.isel({k: v for k, v in within.items() if k in posterior.dims})
    if coefficients:
        posterior = posterior.assign_coords(coefficient=list(coefficients))
    # No coefficient, or no control level among the effects that the model uses.
    posterior = posterior.drop_dims([name for name, size in posterior.sizes.items() if not size])
    groups = {
        "posterior": posterior,
        "sample_stats": draws["sample_stats"].to_dataset()[list(SAMPLE_STATS)],
    }
    return xr.DataTree.from_dict({name: group.drop_attrs() for name, group in groups.items()})


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
