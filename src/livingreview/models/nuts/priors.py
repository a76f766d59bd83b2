"""Random variables with the priors of the protocol."""

from __future__ import annotations

from typing import Any

import pymc as pm
import pytensor.tensor as pt

from livingreview.effects.forms.form import Tensor
from livingreview.protocol.models import Priors
from livingreview.protocol.priors import Prior


def random(name: str, prior: Prior, numbers: Tensor, **options: Any) -> Tensor:
    """Random variable of a family, its numbers taken from the model's data.

    `options`: of a PyMC distribution, such as `dims`.
    """
    match prior.family:
        case "normal":
            return pm.Normal(name, numbers[0], numbers[1], **options)
        case "student_t":
            return pm.StudentT(name, nu=numbers[0], mu=numbers[1], sigma=numbers[2], **options)
        case "half_normal":
            return pm.HalfNormal(name, numbers[0], **options)
        case "inverse_gamma":
            return pm.InverseGamma(name, alpha=numbers[0], beta=numbers[1], **options)
        case "beta":
            return pm.Beta(name, alpha=numbers[0], beta=numbers[1], **options)
        case _:
            return pm.LogNormal(name, numbers[0], numbers[1], **options)


def spread(name: str, priors: Priors, numbers: Tensor, dims: str | None = None) -> Tensor:
    """Standard deviation whose prior is on itself or on its square."""
    if priors.tau is not None:
        return random(name, priors.tau, numbers, dims=dims)
    assert priors.tau_squared is not None
    variance = random(f"{name}_squared", priors.tau_squared, numbers, dims=dims)
    return pm.Deterministic(name, pt.sqrt(variance), dims=dims)
