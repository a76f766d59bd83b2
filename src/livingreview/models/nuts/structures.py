r"""How the true effects of studies are related: within one outcome, and across outcomes.

Each gives :math:`\theta`, the log odds ratio of every effect. All are
non-centred; :math:`\tau` is a standard deviation.
"""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from livingreview.effects.data_set import Dataset, Indices
from livingreview.effects.likelihood import Tensor
from livingreview.protocol.models import Kind, ModelSpecification, Priors
from livingreview.protocol.priors import LOCAL_DEGREES, Prior

# Variables that one kind of model is stored with. Where a graph serves other kinds too, theirs
# are drawn from their priors and touch nothing; `beta_plain` is stored as `beta`.
STORED_WITH = {
    "u_variance": "robust",
    "u_normal": "robust",
    "z": "shrinkage",
    "local": "shrinkage",
    "global": "shrinkage",
    "beta_plain": None,
}


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
    data: Dataset, given: dict[str, Tensor], priors: Priors, kinds: set[Kind], coefficients: int
) -> Tensor:
    r"""One outcome.

    .. math:: \theta_j = \mu + x_j^\top\beta + \tau u_{i(j)} + \omega w_j

    with :math:`u, w \sim N(0, 1)`; the last term, :math:`\omega` with the prior of
    :math:`\tau`, only when a study gives several effects. ``robust``: u has a Student-t
    distribution, scaled by :math:`\tau`. ``shrinkage``: :math:`\beta` has a regularised
    horseshoe prior. `kinds` are those that the graph can be told to be.
    """
    mu = random("mu", priors.mu, given["mu_prior"])
    tau = spread("tau", priors, given["tau_prior"])
    if "robust" in kinds:
        u = student_t_effects(given["heavy_tails"])
    else:
        u = pm.Normal("u", 0.0, 1.0, dims="study")
    theta = mu + tau * taken(u, data.effect_study, len(data.studies))
    if data.has_several_effects:
        omega = spread("omega", priors, given["tau_prior"])
        theta = theta + omega * pm.Normal("w", 0.0, 1.0, dims="effect")
    if coefficients:
        if "shrinkage" in kinds:
            beta = horseshoe(priors, given["beta_prior"], given["shrunk"])
        else:
            beta = random("beta", priors.beta, given["beta_prior"], dims="coefficient")
        theta = theta + (given["columns"] * beta).sum(axis=1)
    return theta


def student_t_effects(heavy_tails: Tensor) -> Tensor:
    """Student-t study effects as a scale mixture of normals, whose tails a sampler explores.

    Sampled directly, a study that a finding bounds from one side only wanders far into
    the t's tail and does not come back.

    Parameters
    ----------
    heavy_tails : tensor, shape (2,)
        1 for Student-t effects, 0 for normal ones; half the degrees of freedom.
    """
    wanted, half = heavy_tails[0], heavy_tails[1]
    variance = pm.InverseGamma("u_variance", alpha=half, beta=half, dims="study")
    normal = pm.Normal("u_normal", 0.0, 1.0, dims="study")
    scale = pt.where(pt.gt(wanted, 0.0), pt.sqrt(variance), 1.0)
    return pm.Deterministic("u", normal * scale, dims="study")


def horseshoe(priors: Priors, numbers: Tensor, shrunk: Tensor) -> Tensor:
    """Coefficients most of which are near nothing (`livingreview.models.horseshoe`).

    The global scale g is half-normal at the protocol's scale; the slab c is the scale of
    the prior of `beta`, so that no coefficient is allowed to be larger than in the other
    models.

    Parameters
    ----------
    numbers : tensor
        Of the prior of `beta`, which coefficients have when they are not shrunk.
    shrunk : tensor, shape (2,)
        1 for the horseshoe, 0 for the plain prior; scale of g.
    """
    wanted, global_scale = shrunk[0], shrunk[1]
    z = pm.Normal("z", 0.0, 1.0, dims="coefficient")
    local = pm.HalfStudentT("local", nu=LOCAL_DEGREES, sigma=1.0, dims="coefficient")
    overall = pm.HalfNormal("global", global_scale)
    c = numbers[-1]
    scale = c * overall * local / pt.sqrt(c**2 + (overall * local) ** 2)
    plain = random("beta_plain", priors.beta, numbers, dims="coefficient")
    beta = pt.where(pt.gt(wanted, 0.0), z * scale, plain)
    return pm.Deterministic("beta", beta, dims="coefficient")


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
