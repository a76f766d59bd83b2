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
from livingreview.models.quadrature.locations import (
    Likelihoods,
    LocatedLikelihoods,
    RowsByLocation,
    Unlocated,
)
from livingreview.models.quadrature.marginals import (
    Floats,
    Marginal,
    gridded_marginal,
    gridded_quantiles,
)
from livingreview.models.quadrature.nested_likelihoods import NestedLikelihoods, RowsByNode
from livingreview.protocol.models import Priors

# Largest step of the first grid, and fewest of its steps, and of those that hold the mass.
FIRST_STEP = 0.5
FEWEST_STEPS = 8
# Log density, below the top, at which a grid ends: of two dimensions, and of three, where every
# node counts.
DROP = 32.0
DROP_OF_THREE = 22.0
ROUNDS = 2
MOST_NODES_WITHIN = 257


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
        nested = _nested(likelihoods)
        return cls(None) if nested is None else cls.over(nested.scale, priors)

    @classmethod
    def over(cls, scale: float, priors: Priors) -> WithinGrid:
        """The same, at a scale."""
        end = float(np.arcsinh(largest(priors) / scale))
        return cls(_on_lattice(scale, 0.0, end, FIRST_STEP))

    @classmethod
    def at_zero(cls, likelihoods: Likelihoods) -> WithinGrid:
        """One node: the effects of a study are all the same."""
        nested = _nested(likelihoods)
        return cls(None if nested is None else TauGrid(nested.scale, np.zeros(1)))

    @property
    def size(self) -> int:
        """Number of nodes."""
        return 1 if self.grid is None else self.grid.t.size

    @property
    def t(self) -> Floats:
        """Nodes on the scale on which they are equally spaced."""
        return np.zeros(1) if self.grid is None else self.grid.t

    @property
    def sd(self) -> Floats:
        """SD within studies at each node."""
        return np.zeros(1) if self.grid is None else self.grid.tau

    def spreads(self, grid: TauGrid) -> Floats:
        """SD of new effects around the pooled one at each pair of nodes, shape (within, node)."""
        return grid.tau[None] if self.grid is None else np.hypot(self.sd[:, None], grid.tau)

    @property
    def rounds(self) -> int:
        """How often the mass is located, each time on a grid over what held it before."""
        return 1 if self.grid is None else ROUNDS

    @property
    def drop(self) -> float:
        """Log density, below the top, at which grids end."""
        return DROP if self.grid is None else DROP_OF_THREE

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
        """A grid over the nodes that hold mass, and one more on each side, in half its steps."""
        if self.grid is None:
            return self
        t = self.grid.t
        first, last = np.flatnonzero(has_mass)[[0, -1]]
        # Where a coarse grid misses a narrow peak, the peak lies within a step of what it sees.
        start, end = float(t[max(first - 1, 0)]), float(t[min(last + 1, t.size - 1)])
        return WithinGrid(_on_lattice(self.grid.scale, start, end, self.grid.step / 2))

    def rows(self, likelihoods: Likelihoods) -> RowsByNode | RowsByLocation:
        """Rows at every node."""
        if isinstance(likelihoods, LocatedLikelihoods):
            nodes = tuple(self._at_location(node) for node in likelihoods.nodes)
            return RowsByLocation(nodes, likelihoods.log_weight)
        return self._at_location(likelihoods)

    def _at_location(self, likelihoods: Unlocated) -> RowsByNode:
        """Rows at every node, control shares known."""
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


def _nested(likelihoods: Likelihoods) -> NestedLikelihoods | None:
    """Rows of which a study gives several effects, at the first location of control shares."""
    if isinstance(likelihoods, LocatedLikelihoods):
        return _nested(likelihoods.nodes[0])
    return likelihoods if isinstance(likelihoods, NestedLikelihoods) else None


def error_of_finer(movement: Floats) -> Floats:
    """Error of a grid from how far the one of every second node is from it.

    Halving the step of a trapezium sum of a smooth function squares its error, or does better, so
    what moved is the error of the coarser grid. Another halving, only to see that nothing moves,
    would double the time of every fit.
    """
    return np.where(movement < 1.0, movement**2, movement)


def _on_lattice(scale: float, start: float, end: float, step: float) -> TauGrid:
    """Grid from a point of the lattice to the first beyond `end`, in steps that are few enough."""
    while (end - start) / step < FEWEST_STEPS:
        step /= 2
    # An even number of steps: every second node then is a grid with the same ends.
    steps = 2 * int(np.ceil((end - start) / step / 2))
    return TauGrid.over(scale, start, start + steps * step, steps + 1)
