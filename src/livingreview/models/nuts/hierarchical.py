r"""The true effects of studies on one outcome: a plain model, and its variants.

All are non-centred; :math:`\tau` is a standard deviation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from livingreview.effects.data_set import Dataset
from livingreview.effects.forms.form import Tensor
from livingreview.effects.forms.tensors import elements
from livingreview.models.nuts.priors import random, spread
from livingreview.models.nuts.spreads import spreads
from livingreview.protocol.models import Kind, ModelSpecification, Priors
from livingreview.protocol.priors import LOCAL_DEGREES

# Name of the numbers that say which studies are at high risk of bias: 1, or 0.
AT_RISK = "at_risk"
# Variables that one kind of model is stored with. Where a graph serves other kinds too, they are
# drawn from their priors there and touch nothing.
STORED_WITH = {
    "z": "shrinkage",
    "local": "shrinkage",
    "global": "shrinkage",
    "kappa": "bias_adjusted",
}


@dataclass(frozen=True)
class Population:
    """True effects, and the distribution that they come from.

    Attributes
    ----------
    theta, expected : tensor, shape (effect,)
    variance : tensor
        Of theta around `expected`.
    """

    theta: Tensor
    expected: Tensor
    variance: Tensor


def hierarchical(
    data: Dataset,
    numbers: dict[str, Tensor],
    specification: ModelSpecification,
    kinds: set[Kind],
    coefficients: int,
) -> Population:
    r"""One outcome.

    .. math:: \theta_j = \mu + x_j^\top\beta + \tau u_{i(j)} + \omega w_j

    with :math:`u, w \sim N(0, 1)`; the last term, :math:`\omega` with the prior of
    :math:`\tau`, only when a study gives several effects. ``robust``: u has a Student-t
    distribution, scaled by :math:`\tau`. ``shrinkage``: :math:`\beta` has a regularised
    horseshoe prior. ``bias_adjusted``: of a study at high risk of bias :math:`\tau^2 + \kappa^2`
    stands in the place of :math:`\tau^2` (Welton and others 2009, JRSS A 172, 119-136). `kinds`
    are those that the graph can be switched to.
    """
    priors = specification.priors
    mu = random("mu", priors.mu, numbers["mu_prior"])
    sd_within_study = None
    if data.has_several_effects:
        tau, sd_within_study = spreads(priors, numbers["tau_prior"])
    else:
        tau = spread("tau", priors, numbers["tau_prior"])
    expected = pt.full((len(data.effects),), mu)
    variance = tau**2
    # Factor of the variance of each study's effect: 1 of normal ones.
    factor = heavy_tailed(numbers["heavy_tails"]) if "robust" in kinds else None
    of_bias = None
    if specification.kappa is not None:
        kappa = random("kappa", specification.kappa, numbers["kappa_prior"])
        of_bias = kappa**2 * numbers[AT_RISK]
    if sd_within_study is not None:
        between = variance if factor is None else variance * factor
        between = between if of_bias is None else between + of_bias
        theta = mu + nested_effects(data, between, sd_within_study)
        variance = variance + sd_within_study**2
    else:
        u = pm.Normal("u", 0.0, 1.0, dims="study")
        u = u if factor is None else u * pt.sqrt(factor)
        if of_bias is None:
            theta = mu + tau * elements(u, data.effect_study, len(data.studies))
        else:
            spread_of_study = pt.sqrt(variance + of_bias)
            theta = mu + elements(spread_of_study * u, data.effect_study, len(data.studies))
    if coefficients:
        if "shrinkage" in kinds:
            beta = horseshoe(priors, numbers["beta_prior"], numbers["shrunk"])
        else:
            beta = random("beta", priors.beta, numbers["beta_prior"], dims="coefficient")
        moved = (numbers["columns"] * beta).sum(axis=1)
        theta, expected = theta + moved, expected + moved
    return Population(theta, expected, variance)


def nested_effects(data: Dataset, between: Tensor, sd_within_study: Tensor) -> Tensor:
    r"""Deviations of effects from their expectation, one variable z ~ N(0, 1) for each.

    The m effects of a study have covariance :math:`\tau^2 1 1^\top + \omega^2 I`. Its symmetric
    root turns z into

    .. math:: \omega z_j + \left(\sqrt{\omega^2 + m \tau^2} - \omega\right) \bar z

    so that a study with one effect has one variable with standard deviation
    :math:`\sqrt{\tau^2 + \omega^2}`: with one of its study and one of its effect, either could
    stand for the other.

    Parameters
    ----------
    between : tensor, scalar or shape (study,)
        :math:`\tau^2`.
    sd_within_study : tensor
        :math:`\omega`.
    """
    z = pm.Normal("deviation", 0.0, 1.0, dims="effect")
    effects = np.bincount(data.effect_study, minlength=len(data.studies))
    mean = pt.inc_subtensor(pt.zeros(len(data.studies))[data.effect_study], z) / effects
    root = pt.sqrt(sd_within_study**2 + effects * between)
    return sd_within_study * z + ((root - sd_within_study) * mean)[data.effect_study]


def heavy_tailed(heavy_tails: Tensor) -> Tensor:
    """Factors of variance that make normal effects of studies Student-t, shape (study,).

    A scale mixture of normals, whose tails a sampler explores. Sampled directly, a study that a
    finding bounds from one side only wanders far into the t's tail and does not come back.

    `heavy_tails`, shape (2,): 1 for Student-t effects, 0 for normal ones; half the degrees of
    freedom.
    """
    switch, half = heavy_tails[0], heavy_tails[1]
    variance = pm.InverseGamma("u_variance", alpha=half, beta=half, dims="study")
    return pt.where(pt.gt(switch, 0.0), variance, 1.0)


def horseshoe(priors: Priors, numbers: Tensor, shrunk: Tensor) -> Tensor:
    """Coefficients most of which are near nothing (`livingreview.models.horseshoe`).

    The global scale g is half-normal at the protocol's scale; the slab c is the scale of
    the prior of `beta`, so that no coefficient is allowed to be larger than in the other
    models.

    `numbers`: arguments of the prior of `beta`, which coefficients have when they are not shrunk.
    `shrunk`, shape (2,): 1 for the horseshoe, 0 for the plain prior; scale of g.
    """
    switch, global_scale = shrunk[0], shrunk[1]
    z = pm.Normal("z", 0.0, 1.0, dims="coefficient")
    local = pm.HalfStudentT("local", nu=LOCAL_DEGREES, sigma=1.0, dims="coefficient")
    overall = pm.HalfNormal("global", global_scale)
    c = numbers[-1]
    scale = c * overall * local / pt.sqrt(c**2 + (overall * local) ** 2)
    plain = random("beta_plain", priors.beta, numbers, dims="coefficient")
    beta = pt.where(pt.gt(switch, 0.0), z * scale, plain)
    return pm.Deterministic("beta", beta, dims="coefficient")
