r"""The grid over the SD within studies, which all studies share as a nuisance.

Like the heterogeneity it is :math:`\omega = c \sinh t`, with its prior. Nodes lie on one lattice,
whose step is a power of 2, so that a finer grid, or that of another fit, finds the tables of the
nodes that they have in common.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livingreview.models.quadrature.heterogeneity import TauGrid, largest
from livingreview.models.quadrature.marginals import (
    Floats,
    Marginal,
    gridded_marginal,
    gridded_quantiles,
)
from livingreview.models.quadrature.nested_likelihoods import (
    Likelihoods,
    NestedLikelihoods,
    RowsByNode,
)
from livingreview.protocol.models import Priors

# Largest step of the first grid, and fewest of its steps, and of those that hold the mass.
FIRST_STEP = 0.5
FEWEST_STEPS = 8


@dataclass(frozen=True)
class WithinGrid:
    """Nodes of the SD within studies.

    Attributes
    ----------
    grid : TauGrid or None
        None where no study gives several effects: one node, and no such SD.
    """

    grid: TauGrid | None

    @classmethod
    def first(cls, likelihoods: Likelihoods, priors: Priors) -> WithinGrid:
        """Coarse grid that holds all but a negligible share of the prior."""
        if not isinstance(likelihoods, NestedLikelihoods):
            return cls(None)
        end = float(np.arcsinh(largest(priors) / likelihoods.scale))
        return cls(_on_lattice(likelihoods.scale, 0.0, end, FIRST_STEP))

    @classmethod
    def at_zero(cls, likelihoods: Likelihoods) -> WithinGrid:
        """One node: the effects of a study are all the same."""
        nested = isinstance(likelihoods, NestedLikelihoods)
        return cls(TauGrid(likelihoods.scale, np.zeros(1)) if nested else None)

    @property
    def size(self) -> int:
        """Number of nodes."""
        return 1 if self.grid is None else self.grid.t.size

    @property
    def shares(self) -> Floats:
        """Trapezium weight of each node."""
        return np.ones(1) if self.grid is None else self.grid.shares

    @property
    def step(self) -> float:
        """Distance of neighbours; 1 of a single node."""
        return 1.0 if self.grid is None else self.grid.step

    def log_prior(self, priors: Priors) -> Floats:
        """Log prior density at each node."""
        return np.zeros(1) if self.grid is None else self.grid.log_prior(priors)

    @property
    def finer(self) -> WithinGrid:
        """The grid with half its step."""
        if self.grid is None:
            return self
        t = self.grid.t
        return WithinGrid(TauGrid.over(self.grid.scale, float(t[0]), float(t[-1]), 2 * t.size - 1))

    @property
    def coarser(self) -> WithinGrid:
        """Every second node."""
        return self if self.grid is None else WithinGrid(self.grid.coarser)

    def holding(self, has_mass: NDArray[np.bool_]) -> WithinGrid:
        """A grid over the nodes that hold mass, and two more on each side."""
        if self.grid is None:
            return self
        t = self.grid.t
        first, last = np.flatnonzero(has_mass)[[0, -1]]
        start, end = t[max(first - 2, 0)], t[min(last + 2, t.size - 1)]
        return WithinGrid(_on_lattice(self.grid.scale, float(start), float(end), self.grid.step))

    def rows(self, likelihoods: Likelihoods) -> RowsByNode:
        """Rows at every node."""
        if isinstance(likelihoods, NestedLikelihoods):
            assert self.grid is not None
            return likelihoods.at(self.grid)
        return RowsByNode.of_one_node(likelihoods)

    def marginal(self, by_node: Floats, limit: float) -> Marginal | None:
        """Summary of the SD, from densities of shape (fit, node)."""
        if self.grid is None:
            return None
        return gridded_marginal(self.grid.t, by_node, limit, self.grid.scale)

    def quantiles(self, by_node: Floats) -> Floats:
        """Only the quantiles of `marginal`, shape (fit, level)."""
        assert self.grid is not None
        return gridded_quantiles(self.grid.t, by_node, self.grid.scale)


def _on_lattice(scale: float, start: float, end: float, step: float) -> TauGrid:
    """Grid from a point of the lattice to the first beyond `end`, in steps that are few enough."""
    while (end - start) / step < FEWEST_STEPS:
        step /= 2
    # An even number of steps: every second node then is a grid with the same ends.
    steps = 2 * int(np.ceil((end - start) / step / 2))
    return TauGrid.over(scale, start, start + steps * step, steps + 1)
