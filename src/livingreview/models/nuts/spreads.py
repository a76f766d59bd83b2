r"""The SDs between and within studies, sampled by their sum of squares and their ratio.

Where few studies give several effects, these tell of :math:`\tau^2 + \omega^2` and hardly which of
the two it is. In :math:`\log \tau` and :math:`\log \omega` what they leave open has the shape of
an L, round whose corner chains move slowly. It is straight in

.. math:: \lambda = \log(\tau^2 + \omega^2), \qquad \kappa = \log(\omega^2 / \tau^2),
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pymc.distributions.transforms import Transform

from livingreview.effects.forms.form import Tensor
from livingreview.models.nuts.priors import random
from livingreview.protocol.models import Priors


class SumAndRatio(Transform):
    r"""From :math:`(a, b)` to the logs of :math:`a^p + b^p` and :math:`b^p / a^p`.

    With L the first of them and r the second, :math:`a = (e^L / (1 + e^r))^{1/p}` and
    :math:`b = (e^{L + r} / (1 + e^r))^{1/p}`, so that :math:`\log |\partial(\log a, \log b) /
    \partial(L, r)| = -2 \log p`.
    """

    name = "sum_and_ratio"

    def __init__(self, power: float) -> None:
        self.power = power

    def forward(self, value: Tensor, *inputs: Any) -> Tensor:
        """To what is sampled."""
        log = self.power * pt.log(value)
        return pt.stack([pt.logaddexp(log[0], log[1]), log[1] - log[0]])

    def backward(self, value: Tensor, *inputs: Any) -> Tensor:
        """From what is sampled."""
        total, ratio = value[0], value[1]
        shares = pt.stack([-pt.softplus(ratio), -pt.softplus(-ratio)])
        return pt.exp((total + shares) / self.power)

    def log_jac_det(self, value: Tensor, *inputs: Any) -> Tensor:
        """Log of the volume of a and b for that of what is sampled."""
        return pt.log(self.backward(value)).sum() - 2 * np.log(self.power)


def spreads(priors: Priors, numbers: Tensor) -> tuple[Tensor, Tensor]:
    """SDs between and within studies, with the same prior on themselves or on their squares."""
    if priors.tau is not None:
        both = random("spreads", priors.tau, numbers, shape=2, default_transform=SumAndRatio(2.0))
    else:
        assert priors.tau_squared is not None
        both = pt.sqrt(
            random(
                "spreads", priors.tau_squared, numbers, shape=2, default_transform=SumAndRatio(1.0)
            )
        )
    tau, sd_within_study = both[0], both[1]
    return pm.Deterministic("tau", tau), pm.Deterministic("omega", sd_within_study)
