r"""The hierarchical model as a PyMC model whose data can be swapped after compiling.

.. math::

    \theta_j = \mu + x_j^\top \beta + \tau u_{i(j)}, \qquad u_i \sim N(0, 1)

for effect j of study i, on the log odds ratio scale; :math:`\tau` is a standard
deviation (variants in `livingreview.models.nuts.hierarchical`). Each analysed effect
brings the terms of its form of the likelihood (`livingreview.effects.forms`).

Importing and compiling take seconds, sampling a tenth of one. So the graph is
built once per outcome, for all effects and for the largest number of
coefficients, and each model is a set of data: a design matrix whose unused
columns are 0, a mask of included effects, and whether study effects have heavy
tails and coefficients are shrunk. What a model does not use is drawn from its
prior, touches nothing, and is not stored.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pymc as pm
import pytensor
from numpy.typing import NDArray

from livingreview.effects.data_set import Dataset, Floats
from livingreview.models.nuts.control_shares import LOCATION, located, share_terms
from livingreview.models.nuts.hierarchical import AT_RISK, hierarchical
from livingreview.models.nuts.joint import joint
from livingreview.models.nuts.packing import NUMBERS, Layout
from livingreview.models.nuts.priors import random
from livingreview.models.nuts.sampling_errors import (
    CORRELATION_TERMS,
    INCLUDED,
    correlation_terms,
    integrated_group,
    shared_errors,
)
from livingreview.models.nuts.selection import log_printing, printing_numbers
from livingreview.protocol.models import ModelSpecification

# Off, as it lets the last digits hang on whether a function comes from PyTensor's cache on disk
# or was compiled just now: the first build of a machine would differ from its second.
pytensor.config.numba__fastmath = False

# A model without heavy tails has scale factors of study effects in its graph but does not use
# them. Half their degrees of freedom is so large that all factors are close to 1 and do not
# make the sampler take smaller steps.
NARROW = 50.0
# Name of the terms of selective printing, one for each effect.
PRINTING_TERMS = "printing_terms"
# Kinds of model that share a graph, which is switched from one to the other; each other kind has
# its own.
SWITCHED = ("hierarchical", "robust", "shrinkage")


def compiled_structure(specification: ModelSpecification) -> tuple[object, ...]:
    """Parts of a specification that are compiled into the graph; all other parts are data."""
    priors = specification.priors
    return (
        "hierarchical" if specification.kind in SWITCHED else specification.kind,
        specification.lkj,
        specification.kappa and specification.kappa.family,
        priors.mu.family,
        priors.beta.family,
        priors.spread.family,
        priors.tau is None,
    )


def model_numbers(
    data: Dataset,
    coefficients: int,
    specification: ModelSpecification,
    columns: Floats | None = None,
    included: NDArray[np.bool_] | None = None,
    high_risk: Collection[str] = (),
) -> dict[str, Floats]:
    """All numbers of one model: what may be swapped without compiling again.

    `columns`, shape (effect, up to `coefficients`): design matrix; coefficients beyond it get
    columns of 0. `included`, shape (effect,): effects that this model uses; all by default.
    `high_risk`: studies at high risk of bias.
    """
    priors = specification.priors
    matrix = np.zeros((len(data.effects), coefficients))
    if columns is not None:
        matrix[:, : columns.shape[1]] = columns
    if included is None:
        included = np.ones(len(data.effects), dtype=bool)
    numbers = {
        "mu_prior": np.array(priors.mu.arguments),
        "beta_prior": np.array(priors.beta.arguments),
        "tau_prior": np.array(priors.spread.arguments),
        "heavy_tails": _switch(specification.degrees, 0.5, NARROW),
        "shrunk": _switch(specification.global_scale, 1.0, 1.0),
        "columns": matrix,
        **{
            f"included_{name}": used.astype(float)
            for name, used in data.included_terms(included).items()
        },
        **data.numbers,
    }
    if specification.kappa is not None:
        numbers["kappa_prior"] = np.array(specification.kappa.arguments)
        numbers[AT_RISK] = np.isin(data.studies, list(high_risk)).astype(float)
    if specification.omega is not None:
        numbers["printing_weight_prior"] = np.array(specification.omega.arguments)
        numbers |= printing_numbers(data)
    if (integrated_group(data) >= 0).any() or specification.omega is not None:
        numbers[INCLUDED] = included.astype(float)
    return numbers


def _switch(option: float | None, factor: float, unused: float) -> Floats:
    """Whether a model has an option, and the number that the option brings."""
    return np.array([0.0, unused] if option is None else [1.0, factor * option])


def build_model(data: Dataset, coefficients: int, *specifications: ModelSpecification) -> pm.Model:
    """Graph for the terms of one outcome, or of all for a joint model.

    Parameters
    ----------
    coefficients : int
        Largest number of coefficients among the models to be fitted; may be 0.
    *specifications : ModelSpecification
        Models that the graph will serve. Their `compiled_structure` must be the same; their
        numbers can be swapped. The graph starts with the numbers of the first model.

    Returns
    -------
    pymc.Model
        Dimensions `study`, `effect`, `baseline`, `coefficient`, `outcome`.
        Deterministics such as ``binomial_terms`` hold the log likelihood of each term of a form,
        in the order of the data set.
    """
    coords = {
        "outcome": data.outcomes,
        "other_outcome": data.outcomes,
        "study": data.studies,
        "effect": data.effects,
        "baseline": data.baselines,
        "coefficient": range(coefficients),
    }
    specification, kinds = specifications[0], {served.kind for served in specifications}
    with pm.Model(coords=coords) as model:
        values = model_numbers(data, coefficients, specification)
        layout = Layout.for_arrays(values)
        numbers = layout.unpacked(pm.Data(NUMBERS, layout.packed(values)))
        if specification.kind == "joint":
            population = joint(data, numbers, specification)
        else:
            population = hierarchical(data, numbers, specification, kinds, coefficients)
        theta = pm.Deterministic("theta", population.theta, dims="effect")
        logit, printing_weight = None, None
        if data.baselines:
            location, scale = numbers["baseline_location"], numbers["baseline_scale"]
            if data.shares is not None:
                location = located(data.shares, numbers, location)
            logit = pm.Normal("baseline_logit", location, scale, dims="baseline")
        if specification.omega is not None:
            printing_weight = random(
                "printed", specification.omega, numbers["printing_weight_prior"]
            )
        shared = shared_errors(data)
        if data.shares is not None:
            terms = share_terms(data.shares, numbers, model[LOCATION])
            terms = pm.Deterministic("share_terms", terms * numbers["included_share_terms"])
            pm.Potential("all_share_terms", terms.sum())
        for name, form in data.forms.items():
            terms = form.tensor(numbers, theta, logit, shared)
            if printing_weight is not None:
                terms = terms + form.printed_share(numbers, theta, logit, printing_weight)
            name = f"{name}_terms"
            terms = pm.Deterministic(name, terms * numbers[f"included_{name}"])
            pm.Potential(f"all_{name}", terms.sum())
        together = correlation_terms(data, numbers, theta, logit)
        if together is not None:
            together = pm.Deterministic(CORRELATION_TERMS, together)
            pm.Potential(f"all_{CORRELATION_TERMS}", together.sum())
        if printing_weight is not None:
            log_share = log_printing(
                numbers, population.expected, population.variance, printing_weight
            )
            terms = -log_share * numbers[INCLUDED]
            pm.Potential(f"all_{PRINTING_TERMS}", pm.Deterministic(PRINTING_TERMS, terms).sum())
    return model
