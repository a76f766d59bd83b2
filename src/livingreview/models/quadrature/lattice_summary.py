"""Posteriors of everything that is reported, from lattices of coefficients at nodes of the SDs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from livingreview.effects.design_matrix import DesignMatrix
from livingreview.models.quadrature.heterogeneity import TauGrid
from livingreview.models.quadrature.lattice_draws import (
    PosteriorDraws,
    drawn_places,
    drawn_sds,
)
from livingreview.models.quadrature.lattices import Nodes
from livingreview.models.quadrature.marginals import (
    Floats,
    Marginal,
    gridded_marginal,
    gridded_quantiles,
    mixture_marginal,
)
from livingreview.models.quadrature.normal import RegressionAnswers
from livingreview.models.quadrature.projections import Mixtures
from livingreview.models.quadrature.sd_within_study import WithinGrid, error_of_finer

# Where the posterior has a peak that is narrower than its standard deviation, beside a long tail,
# steps are not yet fine enough for the error to be squared on halving; it falls by 8 at least, as
# of a method of third order, and what moved is 7 times what is left.
FALL = 7.0


def mass_by_sd(sections: Sequence[Nodes], within: WithinGrid, grid: TauGrid) -> Floats:
    """Mass at each pair of SDs over that of the largest node, shape (within, node)."""
    top = max(float(nodes.log_mass.max()) for nodes in sections)
    mass = np.zeros((within.size, grid.t.size))
    for nodes in sections:
        np.add.at(mass, (nodes.within, nodes.tau), np.exp(nodes.log_mass - top))
    return mass


@dataclass(frozen=True)
class LatticeSummary:
    """What sums over the lattices of all nodes of the SDs tell.

    Attributes
    ----------
    coefficients : int
        Number of coefficients; the settings are further combinations of them.
    combinations : ndarray, shape (coefficient + setting, coefficient)
    """

    sections: Sequence[Nodes]
    grid: TauGrid
    within: WithinGrid
    coefficients: int
    combinations: Floats
    limit: float

    @classmethod
    def of(
        cls,
        sections: Sequence[Nodes],
        design: DesignMatrix,
        grid: TauGrid,
        within: WithinGrid,
        limit: float,
    ) -> LatticeSummary:
        """Of the coefficients and settings of a design."""
        settings = np.column_stack([np.ones(len(design.settings)), design.setting_columns])
        count = settings.shape[1]
        combinations = np.concatenate([np.eye(count), settings])
        return cls(sections, grid, within, count, combinations, limit)

    def over(self, axes: Sequence[Floats]) -> tuple[RegressionAnswers, float, float, float]:
        """Posterior, and errors of its quantiles from the lattices and from both grids of SDs.

        Errors are judged by every second point of the lattices, and node of the grids.
        """
        within, grid, mixtures = self.within, self.grid, Mixtures.over(axes)
        log_mass, fine = self._sums(mixtures, axes)
        log_coarse, coarse = self._sums(mixtures, [axis[::2] for axis in axes])
        places = self._joined("within"), self._joined("tau")
        top = float(log_mass.max())
        mass, of_coarse = np.exp(log_mass - top), np.exp(log_coarse - top)
        trapezium = within.shares[places[0]] * grid.shares[places[1]]
        even_within, even_tau = (place % 2 == 0 for place in places)

        def weighted(mass: Floats, components: Floats) -> Floats:
            """Weights of all components of each quantity, shape (quantity, component)."""
            share = mass * trapezium
            weights = (share[:, None] / share.sum() * components).reshape(len(components), -1)
            return np.concatenate([weights, weights[self.coefficients :]])

        means, sds = self._components(mixtures)
        others = [
            weighted(of_coarse, coarse),
            weighted(mass * even_tau, fine),
            weighted(mass * even_within, fine),
        ]
        marginal, moves = mixture_marginal(
            weighted(mass, fine), means, sds, self.limit, np.stack(others)
        )
        by_sd, coarse_by_sd = (self._by_sd(of_sums) for of_sums in (mass, of_coarse))
        quantiles = self._quantiles_of_sds(by_sd)
        moves_of_sds = [
            np.abs(quantiles - self._quantiles_of_sds(coarse_by_sd)).max(),
            np.abs(quantiles - self._quantiles_of_sds(by_sd, every_tau=2)).max(),
            np.abs(quantiles - self._quantiles_of_sds(by_sd, every_within=2)).max(),
        ]
        moved = np.maximum(moves.max(axis=1), moves_of_sds)
        errors = error_of_finer(moved)
        errors[0] = max(errors[0], moved[0] / FALL)
        total = float(within.shares @ by_sd @ grid.shares)
        of_each: list[Marginal] = marginal.split(len(means))
        first, second = self.coefficients, len(self.combinations)
        answer = RegressionAnswers(
            coefficients=of_each[:first],
            tau=gridded_marginal(grid.t, (within.shares @ by_sd)[None], self.limit, grid.scale),
            settings=of_each[first:second],
            new=of_each[second:],
            log_evidence=np.array([top + np.log(total * grid.step * within.step)]),
            movement=errors.max(keepdims=True),
            draws=partial(self._draws, axes, mass),
            sd_within_study=within.marginal((by_sd @ grid.shares)[None], self.limit),
        )
        by_step, by_node, by_within = map(float, errors)
        return answer, by_step, by_node, by_within

    def _draws(
        self, axes: Sequence[Floats], mass: Floats, size: int, rng: np.random.Generator
    ) -> PosteriorDraws:
        """Independent draws: both SDs, a location of control shares given these, coefficients.

        `mass`: of each node, shape (node,).
        """
        by_sd = self._by_sd(mass)
        sds, tau, sd_within_study = drawn_sds(by_sd, self.within, self.grid, size, rng)
        cell = np.ravel_multi_index(tuple(sds), by_sd.shape)
        of_nodes = np.ravel_multi_index((self._joined("within"), self._joined("tau")), by_sd.shape)
        # Nodes of one pair of SDs are neighbours, and what lies below them is that of other pairs.
        order = np.argsort(of_nodes, kind="stable")
        below = mass[order].cumsum()
        first = np.searchsorted(of_nodes[order], cell)
        target = below[first] - mass[order][first] + rng.random(size) * by_sd.ravel()[cell]
        last = np.searchsorted(of_nodes[order], cell, side="right") - 1
        chosen = order[np.minimum(np.searchsorted(below, target, side="right"), last)]
        corner = np.array([axis[0] for axis in axes])
        step = axes[0][1] - axes[0][0]
        coefficients = np.empty((size, len(axes)))
        for node, (density, centre, root) in enumerate(self._lattices(axes)):
            draws = np.flatnonzero(chosen == node)
            places = drawn_places(density, [False] * len(axes), draws.size, rng)[1]
            coefficients[draws] = centre + (corner + step * places.T) @ root.T
        return PosteriorDraws(coefficients, tau, sd_within_study)

    def _lattices(self, axes: Sequence[Floats]) -> Iterator[tuple[Floats, Floats, Floats]]:
        """Density, centre and root of each node."""
        for nodes in self.sections:
            densities = chain.from_iterable(block for block, _ in nodes.densities(axes))
            yield from zip(densities, nodes.frames.centre, nodes.frames.root, strict=True)

    def _joined(self, name: str) -> NDArray[np.int64]:
        """An attribute of the nodes of all sections."""
        return np.concatenate([getattr(nodes, name) for nodes in self.sections])

    def _by_sd(self, mass: Floats) -> Floats:
        """Mass at each pair of SDs, shape (within, node)."""
        by_sd = np.zeros((self.within.size, self.grid.t.size))
        np.add.at(by_sd, (self._joined("within"), self._joined("tau")), mass)
        return by_sd

    def _quantiles_of_sds(self, by_sd: Floats, every_within: int = 1, every_tau: int = 1) -> Floats:
        """Quantiles of both SDs, from all nodes or from every second."""
        within = self.within if every_within == 1 else self.within.coarser
        grid = self.grid if every_tau == 1 else self.grid.coarser
        part = by_sd[::every_within, ::every_tau]
        of_tau = gridded_quantiles(grid.t, (within.shares @ part)[None], grid.scale)
        if within.grid is None:
            return of_tau
        return np.concatenate([of_tau, within.quantiles((part @ grid.shares)[None])])

    def _sums(self, mixtures: Mixtures, axes: Sequence[Floats]) -> tuple[Floats, Floats]:
        """Log mass of each node, and components of combinations (combination, node, component)."""
        log_masses, weights = [], []
        # Where a moderator is 0 the pooled effect of a setting is a coefficient.
        distinct, place = np.unique(self.combinations, axis=0, return_inverse=True)
        for nodes in self.sections:
            slopes = np.stack([nodes.frames.along(a)[1] for a in distinct])
            first = 0
            for density, log_unit in nodes.densities(axes):
                of_block = slopes[:, first : first + len(density)]
                first += len(density)
                log_masses.append(log_unit + np.log(density.reshape(len(density), -1).sum(axis=1)))
                weights.append(np.stack([mixtures.weights(density, axes, v) for v in of_block]))
        return np.concatenate(log_masses), np.concatenate(weights, axis=1)[place.ravel()]

    def _components(self, mixtures: Mixtures) -> tuple[Floats, Floats]:
        """Means and SDs of all components of each quantity, shape (quantity, component).

        Quantities are the combinations, and a new study in each setting.
        """
        means, sds = [], []
        for a in self.combinations:
            along = [nodes.frames.along(a) for nodes in self.sections]
            centre = np.concatenate([centre for centre, _ in along])
            scale = np.sqrt((np.concatenate([slopes for _, slopes in along]) ** 2).sum(axis=1))
            means.append((centre[:, None] + scale[:, None] * mixtures.zeta).ravel())
            sds.append(np.repeat(mixtures.sd * scale, mixtures.zeta.size))
        spreads = self.within.spreads(self.grid)[self._joined("within"), self._joined("tau")]
        new = np.hypot(sds[self.coefficients :], np.repeat(spreads, mixtures.zeta.size))
        return np.array([*means, *means[self.coefficients :]]), np.array([*sds, *new])
