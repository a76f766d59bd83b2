r"""How the true effects of studies are related: one function per kind of model.

Each gives :math:`\theta`, the log odds ratio of every effect. All are
non-centred; :math:`\tau` is a standard deviation.
"""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from livingreview.dataset import Dataset, Indices
from livingreview.likelihood import Tensor
from livingreview.priors import LOCAL_DEGREES, Prior
from livingreview.protocol.models import ModelSpecification, Priors


def taken(values: Tensor, index: Indices, length: int) -> Tensor:
    """Elements at `index`; a run of neighbours is sliced, which compiles ten times faster."""
    if not index.size:
        return values[:0]
    first, last = int(index[0]), int(index[-1])
    if np.array_equal(index, np.arange(first, last + 1)):
        return values if index.size == length else values[first : last + 1]
    return values[index]


def random(name: str, prior: Prior, numbers: Tensor, dims: str | None = None) -> Tensor:
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
        case "beta":
            return pm.Beta(name, alpha=numbers[0], beta=numbers[1], dims=dims)
        case _:
            return pm.LogNormal(name, numbers[0], numbers[1], dims=dims)


def spread(name: str, priors: Priors, numbers: Tensor, dims: str | None = None) -> Tensor:
    """Standard deviation whose prior is on itself or on its square."""
    if priors.tau is not None:
        return random(name, priors.tau, numbers, dims)
    assert priors.tau_squared is not None
    variance = random(f"{name}_squared", priors.tau_squared, numbers, dims)
    return pm.Deterministic(name, pt.sqrt(variance), dims=dims)


def hierarchical(
    data: Dataset, given: dict[str, Tensor], specification: ModelSpecification, coefficients: int
) -> Tensor:
    r"""One outcome.

    .. math:: \theta_j = \mu + x_j^\top\beta + \tau u_{i(j)} + \omega w_j

    with :math:`u, w \sim N(0, 1)`; the last term, :math:`\omega` with the prior of
    :math:`\tau`, only when a study gives several effects. ``robust``: u has a Student-t
    distribution, scaled by :math:`\tau`. ``shrinkage``: :math:`\beta` has a regularised
    horseshoe prior.
    """
    priors = specification.priors
    mu = random("mu", priors.mu, given["mu_prior"])
    tau = spread("tau", priors, given["tau_prior"])
    if specification.kind == "robust":
        assert specification.degrees is not None
        u = student_t_effects(specification.degrees)
    else:
        u = pm.Normal("u", 0.0, 1.0, dims="study")
    theta = mu + tau * taken(u, data.effect_study, len(data.studies))
    if data.has_several_effects:
        omega = spread("omega", priors, given["tau_prior"])
        theta = theta + omega * pm.Normal("w", 0.0, 1.0, dims="effect")
    if coefficients:
        shrunk = specification.kind == "shrinkage"
        beta = (
            horseshoe(specification, given["beta_prior"])
            if shrunk
            else random("beta", priors.beta, given["beta_prior"], dims="coefficient")
        )
        theta = theta + (given["columns"] * beta).sum(axis=1)
    return theta


def student_t_effects(degrees: float) -> Tensor:
    """Student-t study effects as a scale mixture of normals, whose tails a sampler explores.

    Sampled directly, a study that a finding bounds from one side only wanders far into
    the t's tail and does not come back.
    """
    half = 0.5 * degrees
    variance = pm.InverseGamma("u_variance", alpha=half, beta=half, dims="study")
    z = pm.Normal("z", 0.0, 1.0, dims="study")
    return pm.Deterministic("u", z * pt.sqrt(variance), dims="study")


def horseshoe(specification: ModelSpecification, slab: Tensor) -> Tensor:
    """Coefficients most of which are near nothing (`livingreview.horseshoe`).

    The global scale g is half-normal at the protocol's scale; the slab c is the scale of
    the prior of `beta`, so that no coefficient is allowed to be larger than in the other
    models.
    """
    assert specification.global_scale is not None
    z = pm.Normal("z", 0.0, 1.0, dims="coefficient")
    local = pm.HalfStudentT("local", nu=LOCAL_DEGREES, sigma=1.0, dims="coefficient")
    overall = pm.HalfNormal("global", specification.global_scale)
    c = slab[-1]
    scale = c * overall * local / pt.sqrt(c**2 + (overall * local) ** 2)
    return pm.Deterministic("beta", z * scale, dims="coefficient")


def joint(data: Dataset, given: dict[str, Tensor], specification: ModelSpecification) -> Tensor:
    r"""Several outcomes, study effects correlated.

    .. math:: \theta_j = \mu_{o(j)} + \tau_{o(j)} (L u_{i(j)})_{o(j)}, \qquad
              L L^\top \sim \mathrm{LKJ}(\eta)

    (Lewandowski, Kurowicka and Joe 2009, Journal of Multivariate Analysis 100, 1989-2001).
    """
    priors = specification.priors
    mu = random("mu", priors.mu, given["mu_prior"], dims="outcome")
    tau = spread("tau", priors, given["tau_prior"], dims="outcome")
    outcomes = len(data.outcomes)
    assert specification.lkj is not None
    factor = pm.LKJCorr("correlation_factor", n=outcomes, eta=specification.lkj)
    # Products written out: a matrix product would pull in a BLAS that pip does not bring.
    correlation = (factor[:, None, :] * factor[None, :, :]).sum(axis=-1)
    pm.Deterministic("correlation", correlation, dims=("outcome", "other_outcome"))
    u = pm.Normal("u", 0.0, 1.0, dims=("study", "outcome"))
    moved = (u[:, None, :] * factor[None, :, :]).sum(axis=-1).flatten()
    position = data.effect_study * outcomes + data.effect_outcome
    of_effect = taken(moved, position, len(data.studies) * outcomes)
    return mu[data.effect_outcome] + tau[data.effect_outcome] * of_effect
