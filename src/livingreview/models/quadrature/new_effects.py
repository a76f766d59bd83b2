r"""How new effects spread around the pooled one, by both SDs.

A new study's one effect has variance :math:`\tau^2 + \omega^2` around :math:`\mu`, so of both
SDs only that sum matters to what the study reports.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from livingreview.models.quadrature.heterogeneity import TauGrid
from livingreview.models.quadrature.marginals import Floats
from livingreview.models.quadrature.sd_within_study import WithinGrid

# Nodes of the common spread: of a density, and of a distribution function.
SPREAD_NODES = 97
FINE_NODES = 513
# Weight of a node that has none; interpolation leaves some a little below 0.
TINY = 1e-30


@dataclass(frozen=True)
class Layout:
    """Density of the pooled effect and of the SD of new effects around it.

    Attributes
    ----------
    points : ndarray, shape (point,)
    log_density : ndarray, shape (node, point)
    variance : ndarray, shape (node,)
        Of new effects around the pooled one.
    shares, of_fewer_nodes, of_fewer_within : ndarray, shape (node,) or (node, point)
        Weights of the nodes; and when every second one of tau, or of the SD within studies, is
        left out.
    """

    points: Floats
    log_density: Floats
    variance: Floats
    shares: Floats
    of_fewer_nodes: Floats
    of_fewer_within: Floats

    @classmethod
    def of(cls, points: Floats, log_density: Floats, grid: TauGrid, within: WithinGrid) -> Layout:
        """From a log density of shape (within, node, point)."""
        even = np.where(np.arange(grid.t.size) % 2 == 0, grid.shares, 0.0)
        if within.size == 1:
            return cls(points, log_density[0], grid.tau**2, grid.shares, even, grid.shares)
        even_within = np.where(np.arange(within.size) % 2 == 0, within.shares, 0.0)
        density = np.exp(log_density - log_density.max())
        spread = np.hypot(within.sd[:, None], grid.tau)
        t = np.arcsinh(spread / grid.scale)
        lattice = np.linspace(float(t.min()), float(t.max()), SPREAD_NODES)
        # A function of both SDs that hangs on their common spread alone is a spline of its values
        # on a lattice of the spread: so weights of the nodes become weights of the lattice.
        cardinal = CubicSpline(lattice, np.eye(SPREAD_NODES))(t)
        on_lattice = [
            np.einsum("k,t,ktb,ktp->bp", shares_within, shares, cardinal, density, optimize=True)
            for shares_within, shares in (
                (within.shares, grid.shares),
                (within.shares, even),
                (even_within, grid.shares),
            )
        ]
        full, fewer_nodes, fewer_within = (np.maximum(part, TINY) for part in on_lattice)
        return cls(
            points=points,
            log_density=np.log(full),
            variance=(grid.scale * np.sinh(lattice)) ** 2,
            shares=np.ones(SPREAD_NODES),
            of_fewer_nodes=fewer_nodes / full,
            of_fewer_within=fewer_within / full,
        )


def weighed(shares: Floats, density: Floats) -> Floats:
    """Densities (trial, node, point) summed over the nodes."""
    return shares @ density if shares.ndim == 1 else (shares * density).sum(axis=1)


def spread_below(grid: TauGrid, within: WithinGrid, below: Floats) -> tuple[Floats, Floats]:
    """Distribution function of the SD of new effects, from those of tau at each SD within studies.

    `below`: shape (effect, within, node). Returns t, on the scale of `grid`, and values of shape
    (effect, node).
    """
    if within.size == 1:
        return grid.t, below[:, 0]
    largest = np.hypot(grid.tau[-1], within.sd[-1])
    t = np.linspace(0.0, float(np.arcsinh(largest / grid.scale)), FINE_NODES)
    total = np.zeros((len(below), t.size))
    squares = (grid.scale * np.sinh(t)) ** 2
    for k, (sd, share) in enumerate(zip(within.sd, within.shares, strict=True)):
        rest = np.arcsinh(np.sqrt(np.maximum(squares - sd**2, 0.0)) / grid.scale)
        total += share * np.stack([np.interp(rest, grid.t, row) for row in below[:, k]])
    return t, total
