r"""A posterior as it would be with one more study: many imagined estimates in one go.

With the studies at hand, the posterior is a density :math:`D(\mu, \tau)` on a grid. A trial
that reports y with standard error s multiplies it by
:math:`N(y; \mu, \tau^2 + s^2)`, its own effect integrated out. So D is laid out once, and
each pair (y, s) costs one sum. Where studies give several effects, D is a density of the SD
within studies :math:`\omega` as well, and that of the trial's one effect is
:math:`\tau^2 + \omega^2`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from livingreview.effects.refusal import Refusal
from livingreview.models.quadrature.heterogeneity import TauGrid, scale_and_end
from livingreview.models.quadrature.locations import Likelihoods
from livingreview.models.quadrature.marginals import Floats, Marginal, gridded_marginal
from livingreview.models.quadrature.new_effects import Layout, spread_below, weighed
from livingreview.models.quadrature.normal import TOLERANCE
from livingreview.models.quadrature.pooled_effect import (
    LOCATING,
    LOCATING_NODES,
    mass_range,
    prior_range,
)
from livingreview.models.quadrature.sd_within_study import (
    DROP,
    MOST_NODES_WITHIN,
    WithinGrid,
    error_of_finer,
)
from livingreview.protocol.models import Priors

FIRST_NODES = 65
# Most numbers of the densities of one batch of trials.
BATCH = 100_000
MOST_NODES = 513
# Of tau at each node of the SD within studies.
NODES_OF_BOTH = 161
MOST_POINTS = 4097
# Steps per standard deviation of the narrowest posterior that is possible.
STEPS_PER_SD = 1.0


@dataclass(frozen=True)
class VerdictProbabilities:
    """Probabilities from which a verdict is decided.

    Attributes
    ----------
    above, near : ndarray
        Posterior probabilities that the pooled effect is above 0, and practically none.
    """

    above: Floats
    near: Floats

    def fill_row(self, row: int, mu: Marginal) -> None:
        """Fill in one row."""
        self.above[row], self.near[row] = np.clip(mu.above, 0, 1), np.clip(mu.near, 0, 1)

    def largest_difference(self, other: VerdictProbabilities) -> float:
        """Largest difference of a probability."""
        above, near = np.abs(self.above - other.above), np.abs(self.near - other.near)
        return float(max(above.max(), near.max()))


@dataclass(frozen=True)
class CurrentPosterior:
    """The studies at hand, pooled without moderators.

    Attributes
    ----------
    likelihoods : Likelihoods
        All rows are used.
    """

    likelihoods: Likelihoods
    priors: Priors
    limit: float

    def spread_given(self, effects: Floats, uniform: Floats) -> Floats:
        """Draws of the standard deviation of new effects, given what the pooled effect is.

        Parameters
        ----------
        effects : ndarray, shape (effect,)
            Assumed pooled log odds ratios.
        uniform : ndarray, shape (draw,)
            Between 0 and 1; draws are the inverse of the distribution function there.

        Returns
        -------
        ndarray, shape (effect, draw)
        """
        scale, end = self._reach
        *_, within = self._located()
        grid = TauGrid.over(scale, 0.0, end, MOST_NODES if within.size == 1 else NODES_OF_BOTH)
        # A few points around all of them: between points, the log density is smooth.
        step = float(self.likelihoods.width.min()) / 2
        low, high = float(effects.min()) - 4 * step, float(effects.max()) + 4 * step
        points, log_density = self._log_density(low, high, step, grid, within)
        # Under some priors studies that are all alike have no density, which no spline takes.
        possible = np.isfinite(log_density).all(axis=2)
        at = np.full((len(effects), *log_density.shape[:2]), -np.inf)
        at[:, possible] = CubicSpline(points, log_density[possible], axis=1)(effects).T
        if within.size > 1:
            # Where omega is as large as the whole, the distribution function has a kink.
            finer = within.finer.finer
            at = CubicSpline(within.t, at, axis=1)(finer.t)
            within = finer
        density = np.exp(at - at.max(axis=(1, 2), keepdims=True))
        mass = 0.5 * (density[..., 1:] + density[..., :-1])
        below = np.concatenate([np.zeros((*density.shape[:2], 1)), mass.cumsum(axis=2)], axis=2)
        t, below = spread_below(grid, within, below)
        below /= below[:, -1:]
        return scale * np.sinh(np.stack([np.interp(uniform, row, t) for row in below]))

    def draws(self, size: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Draws of the pooled effect and of the standard deviation of new effects around it.

        Returns
        -------
        effects, spreads : ndarray, shape (size,)
        """
        low, high, start, end, within = self._located()
        precision = (1 / self.likelihoods.width**2).sum() + 1e-12
        step = min(1 / np.sqrt(precision) / STEPS_PER_SD, (high - low) / 48)
        grid = TauGrid.over(self._reach[0], start, end, FIRST_NODES)
        points, log_density = self._log_density(low, high, step, grid, within)
        log_density = log_density + np.log(within.shares[:, None] * grid.shares)[:, :, None]
        below = np.exp(log_density - log_density.max()).cumsum()
        cell = np.searchsorted(below, below[-1] * rng.random(size))
        node_within, node, point = np.unravel_index(cell, log_density.shape)
        # Evenly over each cell.
        shift, shift_of_node = rng.random((2, size)) - 0.5
        effects = points[point] + (points[1] - points[0]) * shift
        t = np.abs(grid.t[node] + grid.step * shift_of_node)
        return effects, np.hypot(grid.scale * np.sinh(t), within.sd[node_within])

    def with_trial(self, values: Floats, errors: Floats) -> VerdictProbabilities:
        """Posteriors after a trial, for every pair of a value and a standard error.

        Parameters
        ----------
        values : ndarray, shape (value,)
            Log odds ratios that the trial reports.
        errors : ndarray, shape (error,)
            Its standard errors.

        Returns
        -------
        VerdictProbabilities
            Arrays of shape (error, value).

        Raises
        ------
        Refusal
            If the probabilities still move on the finest grid.
        """
        *ranges, within = self._located()
        precision = (1 / self.likelihoods.width**2).sum() + 1 / errors.min() ** 2
        step = min(1 / np.sqrt(precision) / STEPS_PER_SD, (ranges[1] - ranges[0]) / 48)
        # The smallest standard error needs the finest grid, so its grid serves all of them.
        least = np.array([errors.min()])
        _, step, nodes, within = self._refine(values, least, ranges, step, FIRST_NODES, within)
        return self._refine(values, errors, ranges, step, nodes, within)[0]

    def _refine(
        self,
        values: Floats,
        errors: Floats,
        ranges: list[float],
        step: float,
        nodes: int,
        within: WithinGrid,
    ) -> tuple[VerdictProbabilities, float, int, WithinGrid]:
        """Posteriors on a grid refined until they no longer move, with its steps."""
        low, high, start, end = ranges
        while True:
            grid = TauGrid.over(self._reach[0], start, end, nodes)
            points, log_density = self._log_density(low, high, step, grid, within)
            layout = Layout.of(points, log_density, grid, within)
            directions, *moves = self._updated(layout, values, errors, within.size > 1)
            by_step, by_node, by_within = moves
            if max(moves) < TOLERANCE:
                return directions, step, nodes, within
            finest = nodes >= MOST_NODES or points.size >= MOST_POINTS
            if finest or within.size >= MOST_NODES_WITHIN:
                raise Refusal(f"probabilities still move by {max(moves):.1e} on refinement")
            step = step / 2 if by_step >= TOLERANCE else step
            nodes = 2 * nodes - 1 if by_node >= TOLERANCE else nodes
            within = within.finer if by_within >= TOLERANCE else within

    @property
    def _reach(self) -> tuple[float, float]:
        width = self.likelihoods.width
        return scale_and_end(self.priors, float(width.min()) if width.size else 1.0)

    def _log_density(
        self, low: float, high: float, step: float, grid: TauGrid, within: WithinGrid
    ) -> tuple[Floats, Floats]:
        """Points, and log density of the pooled effect and t, shape (within, node, point)."""
        everyone = np.ones((1, len(self.likelihoods.names)), dtype=bool)
        rows = within.rows(self.likelihoods)
        points, [total] = rows.sums(everyone, low, high, step, grid.tau)
        log_prior = self.priors.mu.distribution.logpdf(points)
        log_density = total + log_prior + grid.log_prior(self.priors)[:, None]
        return points, log_density + within.log_prior(self.priors)[:, None, None]

    def _located(self) -> tuple[float, float, float, float, WithinGrid]:
        """Ranges of the pooled effect and of t that hold the mass, before and after a trial.

        A trial lifts a place at most by the ratio of its densities there and at the top,
        a few nats where t may be large; `DROP` leaves more than that.
        """
        low, high = prior_range(self.priors.mu)
        scale, end = self._reach
        grid = TauGrid.over(scale, 0.0, end, LOCATING_NODES)
        within = WithinGrid.first(self.likelihoods, self.priors)
        for _ in range(within.rounds):
            step = (high - low) / (LOCATING - 1)
            points, log_density = self._log_density(low, high, step, grid, within)
            has_mass = log_density > log_density.max() - DROP
            low, high = mass_range(points, has_mass.any(axis=(0, 1)))
            start, end = mass_range(grid.t, has_mass.any(axis=(0, 2)))
            within = within.holding(has_mass.any(axis=(1, 2)))
            grid = TauGrid.over(scale, start, end, LOCATING_NODES)
        return low, high, start, end, within

    def _updated(
        self, layout: Layout, values: Floats, errors: Floats, nested: bool
    ) -> tuple[VerdictProbabilities, float, float, float]:
        """Posteriors on one grid, and their movement on halving any of its steps."""
        full, by_step, by_node, by_within = (
            VerdictProbabilities(*np.empty((2, len(errors), len(values)))) for _ in range(4)
        )
        points = layout.points
        # The densities of a batch of trials fit into the processor's cache.
        size = max(1, BATCH // layout.log_density.size)
        squares = (values[:, None] - points) ** 2
        by_point, fewer_nodes, fewer_within = np.zeros((3, *squares.shape))
        for i, error in enumerate(errors):
            variance = layout.variance[:, None] + error**2
            weighted = layout.log_density - 0.5 * np.log(variance)
            for first in range(0, len(values), size):
                batch = slice(first, first + size)
                density = squares[batch, None] * (-0.5 / variance)
                density += weighted
                density -= density.max(axis=(1, 2), keepdims=True)
                np.exp(density, out=density)
                by_point[batch] = weighed(layout.shares, density)
                fewer_nodes[batch] = weighed(layout.of_fewer_nodes, density)
                if nested:
                    fewer_within[batch] = weighed(layout.of_fewer_within, density)
            full.fill_row(i, gridded_marginal(points, by_point, self.limit))
            by_step.fill_row(i, gridded_marginal(points[::2], by_point[:, ::2], self.limit))
            by_node.fill_row(i, gridded_marginal(points, fewer_nodes, self.limit))
            if nested:
                by_within.fill_row(i, gridded_marginal(points, fewer_within, self.limit))
        moved = full.largest_difference(by_within) if nested else 0.0
        return (
            full,
            full.largest_difference(by_step),
            full.largest_difference(by_node),
            float(error_of_finer(np.array(moved))),
        )
