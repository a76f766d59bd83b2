r"""Nodes of what the sampling errors of a study's effects share.

With :math:`g \sim N(0, 1)` of the study and the protocol's correlation :math:`\rho`, an effect's
error in units of its standard error is :math:`\sqrt\rho\,g + \sqrt{1 - \rho}\,e`, whatever the
form of its evidence (docs/methods.md, "Several effects of one study").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Steps of g per standard deviation of the narrowest function of it, and how far the sum goes.
STEPS_PER_SD = 0.8
REACH = 7.0


@dataclass(frozen=True, eq=False)
class SharedNodes:
    """Nodes of g for the effects of one study.

    Attributes
    ----------
    common : ndarray, shape (node,)
        sqrt(rho) g.
    kept : float
        sqrt(1 - rho).
    log_weight : ndarray, shape (node,)
        Log of the prior probability of each node.
    """

    common: NDArray[np.float64]
    kept: float
    log_weight: NDArray[np.float64]

    @classmethod
    def of(cls, effects: int, correlation: float) -> SharedNodes:
        """Nodes for so many effects; of a single one, or of independent errors, one."""
        if effects < 2 or correlation == 0.0:
            return cls(np.zeros(1), 1.0, np.zeros(1))
        # The log likelihood of each effect bends in g by at most rho / (1 - rho).
        sd = (1.0 + effects * correlation / (1.0 - correlation)) ** -0.5
        half = int(np.ceil(REACH * STEPS_PER_SD / sd))
        g, step = np.linspace(-REACH, REACH, 2 * half + 1, retstep=True)
        log_weight = -0.5 * g**2 + np.log(step / np.sqrt(2 * np.pi))
        return cls(correlation**0.5 * g, (1.0 - correlation) ** 0.5, log_weight)
