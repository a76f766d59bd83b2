"""The location of control logits that are not known, in PyMC (`livingreview.effects.shares`)."""

from __future__ import annotations

import numpy as np
import pymc as pm

from livingreview.effects.forms.form import Tensor
from livingreview.effects.forms.tensors import log_normal_density
from livingreview.effects.shares import ControlShares

LOCATION = "share_location"


def located(shares: ControlShares, numbers: dict[str, Tensor], location: Tensor) -> Tensor:
    """Locations of all control logits: those around the location of shares at that location.

    `location`: tensor, shape (baseline,), as the data set has them. Adds the variable.
    """
    mean, sd = numbers["share_location_mean"], numbers["share_location_sd"]
    m = pm.Normal(LOCATION, mean, sd, shape=shares.location_mean.size)
    around = np.zeros(shares.baseline_outcome.size)
    around[shares.baselines] = 1.0
    return location + around * (m[shares.baseline_outcome] - location)


def share_terms(shares: ControlShares, numbers: dict[str, Tensor], m: Tensor) -> Tensor:
    """Log density of each control share on record given the location, shape (share,)."""
    spread = numbers["share_spread"][shares.outcome]
    error = (spread**2 + numbers["share_error"] ** 2) ** 0.5
    return log_normal_density(numbers["share_logit"], error, m[shares.outcome])
