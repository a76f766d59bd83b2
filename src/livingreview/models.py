r"""The hierarchical model as a PyMC model whose data can be swapped after compiling.

.. math::

    \theta_j = \mu + x_j^\top \beta + \tau u_{i(j)}, \qquad u_i \sim N(0, 1)

for effect j of study i, on the log odds ratio scale; :math:`\tau` is a standard
deviation. Each analysed effect brings one term: exact binomial arms, a normal
estimate, or the interval that a finding names for the study's z.

Importing and compiling take seconds, sampling a tenth of one. So the graph is
built once per outcome, for all its effects and for the largest number of
coefficients, and each model is a set of data: a design matrix whose unused
columns are 0, and a mask of included studies. What a model does not use is
drawn from its prior, touches nothing, and is not stored.
"""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from numpy.typing import NDArray

from livingreview.dataset import Dataset, Floats, Indices
from livingreview.likelihood import (
    Tensor,
    log_binomial,
    log_interval_probability,
    log_normal_density,
    standard_error_of_log_odds_ratio,
)
from livingreview.packing import Layout
from livingreview.priors import Prior
from livingreview.protocol import Priors


def families(priors: Priors) -> tuple[str, str, str, bool]:
    """What of a prior set is fixed when a model is compiled; the numbers are data."""
    return priors.mu.family, priors.beta.family, priors.spread.family, priors.tau is None


def model_numbers(
    data: Dataset,
    coefficients: int,
    priors: Priors,
    columns: Floats | None = None,
    included: NDArray[np.bool_] | None = None,
) -> dict[str, Floats]:
    """All numbers of one model: what may be swapped without compiling again.

    Parameters
    ----------
    data : Dataset
    coefficients : int
        Coefficients of the compiled graph.
    priors : Priors
    columns : ndarray, shape (study, up to `coefficients`), optional
        Design matrix; coefficients beyond it get columns of 0.
    included : ndarray of bool, shape (study,), optional
        Studies that this model uses; all by default.
    """
    matrix = np.zeros((len(data.effects), coefficients))
    if columns is not None:
        matrix[:, : columns.shape[1]] = columns[data.effect_study]
    if included is None:
        included = np.ones(len(data.studies), dtype=bool)
    return {
        "mu_prior": np.array(priors.mu.arguments),
        "beta_prior": np.array(priors.beta.arguments),
        "tau_prior": np.array(priors.spread.arguments),
        "columns": matrix,
        **{
            f"included_{name}": included[study].astype(float)
            for name, study in data.term_study.items()
        },
        **data.numbers,
    }


def build_model(data: Dataset, coefficients: int, priors: Priors) -> pm.Model:
    """Graph of the hierarchical model for the terms of one outcome.

    Parameters
    ----------
    data : Dataset
    coefficients : int
        Largest number of coefficients among the models to be fitted; may be 0.
    priors : Priors
        Its families are compiled in, its numbers can be swapped.

    Returns
    -------
    pymc.Model
        Dimensions `study`, `effect`, `baseline`, `coefficient`. Deterministics
        ``binomial_terms``, ``interval_terms``, ``normal_terms`` hold the log
        likelihood of each term, in the order of the data set.
    """
    coords = {
        "study": data.studies,
        "effect": data.effects,
        "baseline": data.baselines,
        "coefficient": range(coefficients),
    }
    with pm.Model(coords=coords) as model:
        numbers = model_numbers(data, coefficients, priors)
        layout = Layout.of(numbers)
        given = layout.unpacked(pm.Data("numbers", layout.packed(numbers)))

        mu = _random("mu", priors.mu, given["mu_prior"])
        tau = _heterogeneity(priors, given["tau_prior"])
        u = pm.Normal("u", 0.0, 1.0, dims="study")
        theta = mu + tau * _taken(u, data.effect_study, len(data.studies))
        if coefficients:
            beta = _random("beta", priors.beta, given["beta_prior"], dims="coefficient")
            theta = theta + (given["columns"] * beta).sum(axis=1)
        theta = pm.Deterministic("theta", theta, dims="effect")
        logit = None
        if data.baselines:
            logit = pm.Normal(
                "baseline_logit",
                given["baseline_location"],
                given["baseline_scale"],
                dims="baseline",
            )
        for name, terms in _terms(data, given, theta, logit).items():
            terms = pm.Deterministic(name, terms * given[f"included_{name}"])
            pm.Potential(f"all_{name}", terms.sum())
    return model


def _random(name: str, prior: Prior, numbers: Tensor, dims: str | None = None) -> Tensor:
    """Random variable of a family, its numbers taken from the model's data."""
    match prior.family:
        case "normal":
            return pm.Normal(name, numbers[0], numbers[1], dims=dims)
        case "student_t":
            return pm.StudentT(name, nu=numbers[0], mu=numbers[1], sigma=numbers[2], dims=dims)
        case "half_normal":
            return pm.HalfNormal(name, numbers[0], dims=dims)
        case "inverse_gamma":
            return pm.InverseGamma(name, alpha=numbers[0], beta=numbers[1], dims=dims)
        case _:
            return pm.LogNormal(name, numbers[0], numbers[1], dims=dims)


def _heterogeneity(priors: Priors, numbers: Tensor) -> Tensor:
    """Standard deviation between studies, whether its prior is on it or on its square."""
    if priors.tau is not None:
        return _random("tau", priors.tau, numbers)
    assert priors.tau_squared is not None
    variance = _random("tau_squared", priors.tau_squared, numbers)
    return pm.Deterministic("tau", pt.sqrt(variance))


def _taken(values: Tensor, index: Indices, length: int) -> Tensor:
    """Elements at `index`; a run of neighbours is sliced, which compiles ten times faster."""
    if not index.size:
        return values[:0]
    first, last = int(index[0]), int(index[-1])
    if np.array_equal(index, np.arange(first, last + 1)):
        return values if index.size == length else values[first : last + 1]
    return values[index]


def _terms(
    data: Dataset, given: dict[str, Tensor], theta: Tensor, logit: Tensor | None
) -> dict[str, Tensor]:
    """Log likelihood of each term, by kind."""
    effects, baselines = len(data.effects), len(data.baselines)
    terms = {}
    if data.arm_study.size:
        # logit p = baseline, + theta in the treated arm
        arm_logit = _taken(logit, data.arm_baseline, baselines) + given["arm_treated"] * _taken(
            theta, data.arm_effect, effects
        )
        terms["binomial_terms"] = log_binomial(given["arm_events"], given["arm_total"], arm_logit)
    if data.interval_effect.size:
        # z ~ normal(theta / standard error, 1) lies where the statement says
        effect = _taken(theta, data.interval_effect, effects)
        error = standard_error_of_log_odds_ratio(
            _taken(logit, data.interval_baseline, baselines),
            effect,
            given["n_treated"],
            given["n_control"],
        )
        terms["interval_terms"] = log_interval_probability(
            given["z_low"], given["z_high"], effect / error
        )
    if data.normal_effect.size:
        # the reported log odds ratio lies around theta
        terms["normal_terms"] = log_normal_density(
            given["normal_value"],
            given["normal_error"],
            _taken(theta, data.normal_effect, effects),
        )
    return terms
