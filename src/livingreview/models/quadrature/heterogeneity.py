r"""The grid over the heterogeneity: equally spaced in t, with :math:`\tau = c \sinh t`.

Likelihoods depend on :math:`\tau^2`, so a posterior on :math:`t \ge 0` continues as an
even smooth function and the trapezium rule, its first node weighted by half, converges
faster than any power of the step (Trefethen and Weideman 2014, SIAM Review 56, 385-458).
Near 0 the grid is linear in :math:`\tau`, far from it logarithmic: a few dozen nodes
serve both a narrow prior and a long tail.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from livingreview.models.quadrature.marginals import Floats
from livingreview.protocol.models import Priors
from livingreview.protocol.priors import Prior

# Where all but so much of a prior lies, and how many times as far grids reach: studies that
# contradict a prior draw the posterior beyond it.
MISSED = 1e-9
BEYOND_PRIOR = 4.0


@dataclass(frozen=True)
class TauGrid:
    """Nodes of the heterogeneity.

    Attributes
    ----------
    scale : float
        c, below which the grid is linear.
    t : ndarray, shape (node,)
        Equally spaced, not negative.
    """

    scale: float
    t: Floats

    @classmethod
    def over(cls, scale: float, start: float, end: float, nodes: int) -> TauGrid:
        """Grid from `start` to `end` of t."""
        return cls(scale, np.linspace(start, end, nodes))

    @property
    def tau(self) -> Floats:
        """Standard deviation between studies at each node."""
        return self.scale * np.sinh(self.t)

    @property
    def step(self) -> float:
        """Distance of neighbours in t."""
        return float(self.t[1] - self.t[0])

    @property
    def starts_at_zero(self) -> bool:
        """Whether the first node is no heterogeneity at all."""
        return bool(self.t[0] == 0.0)

    @property
    def shares(self) -> Floats:
        """Trapezium weight of each node: half for 0, where the even continuation begins."""
        shares = np.ones(self.t.size)
        if self.starts_at_zero:
            shares[0] = 0.5
        return shares

    @property
    def coarser(self) -> TauGrid:
        """Every second node."""
        return TauGrid(self.scale, self.t[::2])

    def at_place(self, places: Floats) -> Floats:
        """Standard deviation at places in steps from the first node."""
        return self.scale * np.sinh(self.t[0] + self.step * places)

    def log_prior(self, priors: Priors) -> Floats:
        """Log prior density of t at each node."""
        tau = self.tau
        with np.errstate(divide="ignore"):
            if priors.tau is not None:
                density = priors.tau.distribution.logpdf(tau)
            else:
                density = priors.spread.distribution.logpdf(tau**2) + np.log(2 * tau)
        return density + np.log(self.scale * np.cosh(self.t))


@lru_cache(maxsize=256)
def _end(prior: Prior, squared: bool) -> tuple[float, float]:
    """Median of a prior, and far end of its grids, as standard deviations."""
    d = prior.distribution
    median, end = float(d.median()), BEYOND_PRIOR * float(d.isf(MISSED))
    return (median**0.5, end**0.5) if squared else (median, end)


def largest(priors: Priors) -> float:
    """Largest standard deviation of a grid, far beyond where the prior ends."""
    return _end(priors.spread, priors.tau is None)[1]


def scale_and_end(priors: Priors, narrowest: float) -> tuple[float, float]:
    """Scale c, and end of t, of a grid that holds the prior and any posterior.

    `narrowest`: smallest standard error of a study: heterogeneity far below it cannot be seen.
    """
    median, end = _end(priors.spread, priors.tau is None)
    scale = min(narrowest, median) / 2
    return scale, float(np.arcsinh(end / scale))
