"""Many fits without coefficients on one set of study tables.

A fit is a set of rows: studies, each in one reading of its evidence. Its posterior over
the pooled effect and the heterogeneity is a sum of the rows' tables plus log priors, so
thousands of fits are one matrix product. Where a study gives several effects, there are such
tables for each node of the SD within studies, and the posterior is a sum over the nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from livingreview.models.quadrature.heterogeneity import BEYOND_PRIOR, TauGrid, scale_and_end
from livingreview.models.quadrature.locations import Likelihoods
from livingreview.models.quadrature.marginals import (
    MEDIAN,
    Batch,
    Floats,
    Marginal,
    gridded_marginal,
    gridded_quantiles,
)
from livingreview.models.quadrature.normal import TOLERANCE
from livingreview.models.quadrature.sd_within_study import (
    MOST_NODES_WITHIN,
    WithinGrid,
    error_of_finer,
)
from livingreview.protocol.models import Priors
from livingreview.protocol.priors import Prior

# Prior mass beyond either end of the grid of the pooled effect, before it is widened for posteriors
# that studies draw beyond their prior. It is cut at an odds or rate ratio of e^12 or, of wider
# priors, as those of mean differences may be, at 12 times their scale.
PRIOR_TAIL = 1e-8
FURTHEST = 12.0
# Of the effect of a new study, the SDs that are blurred at most: a length, or a number of steps of
# a coarser grid.
LONGEST_BLUR, MOST_STEPS_OF_BLUR = 200.0, 2000
# Points and nodes of the first, coarse grid, which only locates the posteriors.
LOCATING = 129
LOCATING_NODES = 33
# Most steps over the range of a prior that are taken without looking where the mass is; and over
# what was found to hold it, without looking again.
MOST_UNLOCATED, MOST_LOCATED = 1024, 128
# Steps per standard deviation of the narrowest posterior that the studies allow.
STEPS_PER_SD = 1.0
FIRST_NODES = 33
MOST_NODES = 769
MOST_POINTS = 8193
# Most numbers of the log densities of one batch of fits; or, where the tables of rows are larger,
# this share of theirs, as each batch reads all of them once.
BATCH = 500_000
SHARE_OF_TABLES = 1 / 16


@dataclass(frozen=True)
class PooledEffects(Batch):
    """Posteriors of many fits.

    Attributes
    ----------
    sd_within_study : Marginal or None
        Between the effects of one study, if any study gives several.
    new : Marginal or None
        Effect of a new study, if requested.
    log_evidence : ndarray, shape (fit,)
        Log marginal likelihood.
    movement : ndarray, shape (fit,)
        Error of a quantile, judged by how far it moves when the grid is halved.
    """

    mu: Marginal
    tau: Marginal
    sd_within_study: Marginal | None
    new: Marginal | None
    log_evidence: Floats
    movement: Floats

    def replaced(self, fits: NDArray[np.int64], finer: PooledEffects) -> PooledEffects:
        """Answers with those of some fits replaced."""
        size = len(self.movement)
        order = np.arange(size)
        order[fits] = size + np.arange(len(fits))
        return PooledEffects.concatenated([self, finer]).reordered(order)


def pooled_effects(
    likelihoods: Likelihoods,
    membership: NDArray[np.bool_ | np.int64],
    priors: Priors,
    limit: float,
    with_new: bool = False,
) -> PooledEffects:
    """Integrate many fits, on a grid refined until no quantile is in error.

    `membership`, shape (fit, row): rows that each fit uses, or how often. `with_new`: whether the
    effect of a new study is computed as well, which takes longer.
    """
    used = likelihoods.width[membership.any(axis=0)]
    narrowest = float(used.min()) if used.size else 1.0
    scale, end = scale_and_end(priors, narrowest)
    low, high = prior_range(priors.mu)
    # Identical fits are computed once.
    distinct, inverse = _distinct(membership)
    posterior = _Posterior(likelihoods, distinct, priors)
    start, within = 0.0, WithinGrid.first(likelihoods, priors)
    precision = np.einsum("ij,j->i", membership, 1 / likelihoods.width**2).max()
    for _ in range(within.rounds):
        grid = TauGrid.over(scale, start, end, LOCATING_NODES)
        low, high, start, end, within = posterior.located(
            low, high, (high - low) / (LOCATING - 1), grid, within
        )
    step = min(1 / np.sqrt(precision + 1e-12) / STEPS_PER_SD, (high - low) / 48)
    if (high - low) / step > MOST_LOCATED:
        # Thousands of studies leave so little that a first look does not tell how little.
        grid = TauGrid.over(scale, start, end, LOCATING_NODES)
        low, high, *_ = posterior.located(low, high, (high - low) / (LOCATING - 1), grid, within)
        step = min(step, (high - low) / 48)
    nodes = FIRST_NODES
    pending = np.arange(len(distinct))
    answers: PooledEffects | None = None
    while True:
        grid = TauGrid.over(scale, start, end, nodes)
        result, by_step, by_node, by_within = posterior.only(pending).summary(
            low, high, step, grid, within, limit, with_new
        )
        answers = result if answers is None else answers.replaced(pending, result)
        finer_step = by_step.max() >= TOLERANCE and (high - low) / step < MOST_POINTS
        finer_nodes = by_node.max() >= TOLERANCE and nodes < MOST_NODES
        finer_within = by_within.max() >= TOLERANCE and within.size < MOST_NODES_WITHIN
        if not (finer_step or finer_nodes or finer_within):
            return answers.reordered(inverse)
        # Only fits whose quantiles still move need a finer grid.
        pending = pending[result.movement >= TOLERANCE]
        step = step / 2 if finer_step else step
        nodes = 2 * nodes - 1 if finer_nodes else nodes
        within = within.finer if finer_within else within


def _distinct(
    membership: NDArray[np.bool_ | np.int64],
) -> tuple[NDArray[np.bool_ | np.int64], NDArray[np.int64]]:
    """Fits that differ, in order, and the place of each fit among them.

    `numpy.unique` compares rows number by number, which of thousands takes longer than the fits.
    """
    places: dict[bytes, int] = {}
    digests = (blake2b(row.tobytes(), digest_size=16).digest() for row in membership)
    inverse = np.array([places.setdefault(digest, len(places)) for digest in digests])
    if len(places) == len(membership):
        return membership, inverse
    return membership[np.unique(inverse, return_index=True)[1]], inverse


def common_effects(
    likelihoods: Likelihoods, membership: NDArray[np.bool_], priors: Priors
) -> Floats:
    """Median of the pooled effect of many fits as if there were no heterogeneity.

    The effects of a study are taken to be all the same as well.

    `membership`, shape (fit, row): rows that each fit uses. Returns shape (fit,).
    """
    precision = np.einsum("ij,j->i", membership, 1 / likelihoods.width**2).max()
    low, high = prior_range(priors.mu)
    # Two steps per standard deviation: every second point is enough for a normal density.
    step = min(0.5 / np.sqrt(precision + 1e-12), (high - low) / 96)
    within = WithinGrid.at_zero(likelihoods)
    rows = within.rows(likelihoods)
    while (high - low) / step > MOST_UNLOCATED:
        # Thousands of studies leave little of the range of a prior.
        span = low, high, (high - low) / (LOCATING - 1)
        points, sums = rows.sums(membership, *span, np.zeros(1))
        log_density = sums.reshape(len(membership), -1) + priors.mu.distribution.logpdf(points)
        top = log_density.max(axis=1, keepdims=True)
        low, high = mass_range(points, (log_density > top - within.drop).any(axis=0))
        if high - low > (span[1] - span[0]) / 2:
            break
    points = rows.points(low, high, step)
    log_prior = priors.mu.distribution.logpdf(points)
    size = max(1, BATCH // points.size)
    sums_of = rows.sums_of_batches(membership, size, low, high, step, np.zeros(1))
    medians = []
    for first in range(0, len(membership), size):
        log_density = sums_of(membership[first : first + size]) + log_prior
        density = np.exp(log_density - log_density.max(axis=1, keepdims=True))
        medians.append(gridded_quantiles(points, density)[:, MEDIAN])
    return np.concatenate(medians)


@lru_cache(maxsize=256)
def prior_range(prior: Prior) -> tuple[float, float]:
    """Where a first grid looks: the prior and far beyond it, up to `FURTHEST`."""
    d = prior.distribution
    *_, location, scale = prior.arguments
    furthest = FURTHEST * max(1.0, scale) + max(0.0, abs(location) - FURTHEST / 2)
    ends = d.interval(1 - 2 * PRIOR_TAIL)
    low, high = (location + BEYOND_PRIOR * (end - location) for end in ends)
    return max(float(low), -furthest), min(float(high), furthest)


@dataclass(frozen=True)
class _Posterior:
    """Joint posterior of each fit, evaluated on any grid."""

    likelihoods: Likelihoods
    membership: NDArray[np.bool_ | np.int64]
    priors: Priors

    def only(self, fits: NDArray[np.int64]) -> _Posterior:
        """Some of the fits, and the rows that they use."""
        membership = self.membership[fits]
        rows = membership.any(axis=0)
        likelihoods = self.likelihoods.only(rows)
        return replace(self, likelihoods=likelihoods, membership=membership[:, rows])

    def log_densities(
        self, low: float, high: float, step: float, grid: TauGrid, within: WithinGrid
    ) -> tuple[Floats, Iterator[Floats]]:
        """Points of the pooled effect; log densities (fit, within, node, point) in batches of fits.

        Each batch takes the place of the one before it.
        """
        span = low, high, step
        rows = within.rows(self.likelihoods)
        points = rows.points(*span)
        log_prior = grid.log_prior(self.priors)[:, None] + self.priors.mu.distribution.logpdf(
            points
        )
        log_prior = within.log_prior(self.priors)[:, None, None] + log_prior
        size = max(1, BATCH // log_prior.size, int(SHARE_OF_TABLES * self.membership.shape[1]))
        if len(self.membership) <= size:
            total = rows.sums(self.membership, *span, grid.tau)[1]
            total += log_prior
            return points, iter([total])
        sums_of = rows.sums_of_batches(self.membership, size, *span, grid.tau)

        def batches() -> Iterator[Floats]:
            for first in range(0, len(self.membership), size):
                total = sums_of(self.membership[first : first + size])
                total += log_prior.ravel()
                yield total.reshape(-1, *log_prior.shape)

        return points, batches()

    def located(
        self, low: float, high: float, step: float, grid: TauGrid, within: WithinGrid
    ) -> tuple[float, float, float, float, WithinGrid]:
        """Ranges of the pooled effect, of t and of the SD within studies that hold the mass."""
        points, batches = self.log_densities(low, high, step, grid, within)
        has_mass = np.zeros((within.size, grid.t.size, points.size), dtype=bool)
        for log_density in batches:
            top = log_density.max(axis=(1, 2, 3), keepdims=True)
            has_mass |= (log_density > top - within.drop).any(axis=0)
        return (
            *mass_range(points, has_mass.any(axis=(0, 1))),
            *mass_range(grid.t, has_mass.any(axis=(0, 2))),
            within.holding(has_mass.any(axis=(1, 2))),
        )

    def summary(
        self,
        low: float,
        high: float,
        step: float,
        grid: TauGrid,
        within: WithinGrid,
        limit: float,
        with_new: bool,
    ) -> tuple[PooledEffects, Floats, Floats, Floats]:
        """Posteriors on one grid, and their error by each of its steps."""
        points, batches = self.log_densities(low, high, step, grid, within)
        results = [_summary(log, points, grid, within, limit, with_new) for log in batches]
        parts, *movements = zip(*results, strict=True)
        by_step, by_node, by_within = map(np.concatenate, movements)
        return PooledEffects.concatenated(parts), by_step, by_node, by_within


def mass_range(points: Floats, has_mass: NDArray[np.bool_]) -> tuple[float, float]:
    """Ends of the part of a grid that holds mass, two steps more on each side.

    A grid too coarse to hit a narrow peak still lies within a step of it.
    """
    first, last = np.flatnonzero(has_mass)[[0, -1]]
    return float(points[max(first - 2, 0)]), float(points[min(last + 2, points.size - 1)])


def _summary(
    log_density: Floats,
    points: Floats,
    grid: TauGrid,
    within: WithinGrid,
    limit: float,
    with_new: bool,
) -> tuple[PooledEffects, Floats, Floats, Floats]:
    """Posteriors of one batch of fits, and their errors; its log densities are used up."""
    top = log_density.max(axis=(1, 2, 3), keepdims=True)
    log_density -= top
    of_nodes = np.exp(log_density, out=log_density)
    by_within = of_nodes.sum(axis=3) @ grid.shares
    sd_within_study = within.marginal(by_within, limit)
    density = _summed(of_nodes, within.shares)
    by_node = density.sum(axis=2)
    by_point = grid.shares @ density
    mu = gridded_marginal(points, by_point, limit)
    tau = gridded_marginal(grid.t, by_node, limit, grid.scale)
    mu_by_step = gridded_quantiles(points[::2], by_point[:, ::2])
    coarser = grid.coarser
    mu_by_node = gridded_quantiles(points, coarser.shares @ density[:, ::2])
    tau_by_node = gridded_quantiles(coarser.t, by_node[:, ::2], grid.scale)
    of_step = error_of_finer(np.abs(mu.quantiles - mu_by_step).max(axis=1))
    moves = [mu.quantiles - mu_by_node, tau.quantiles - tau_by_node]
    of_node = error_of_finer(np.abs(moves).max(axis=(0, 2)))
    of_within = np.zeros(len(top))
    if sd_within_study is not None:
        fewer = _summed(of_nodes[:, ::2], within.coarser.shares)
        moves = [
            mu.quantiles - gridded_quantiles(points, grid.shares @ fewer),
            tau.quantiles - gridded_quantiles(grid.t, fewer.sum(axis=2), grid.scale),
            sd_within_study.quantiles - within.coarser.quantiles(by_within[:, ::2]),
        ]
        of_within = error_of_finer(np.abs(moves).max(axis=(0, 2)))
    new = None
    if with_new:
        shares = within.shares[:, None, None] * grid.shares[:, None]
        weights = (of_nodes * shares).reshape(len(of_nodes), -1, points.size)
        spread = within.spreads(grid).ravel()
        new = Marginal.concatenated([new_study(points, w, spread, limit) for w in weights])
    step = points[1] - points[0]
    evidence = by_point.sum(axis=1) * step * grid.step * within.step
    result = PooledEffects(
        mu=mu,
        tau=tau,
        sd_within_study=sd_within_study,
        new=new,
        log_evidence=np.log(evidence) + top[:, 0, 0, 0],
        movement=np.max([of_step, of_node, of_within], axis=0),
    )
    return result, of_step, of_node, of_within


def _summed(of_nodes: Floats, shares: Floats) -> Floats:
    """Densities (fit, node, point), summed over the SD within studies."""
    if shares.size == 1:
        return of_nodes[:, 0]
    return np.tensordot(of_nodes, shares, axes=(1, 0))


def new_study(points: Floats, weights: Floats, spread: Floats, limit: float) -> Marginal:
    """Effect of a new study: the pooled one blurred by a normal of its spread, node by node.

    The blur is a product in Fourier space, exact for every spread, however narrow.

    Parameters
    ----------
    points : ndarray, shape (point,)
    weights : ndarray, shape (node, point)
    spread : ndarray, shape (node,)
        SD of new effects around the pooled one.
    """
    step = points[1] - points[0]
    share = weights.sum(axis=1) / weights.sum()
    largest = spread[share > 1e-12].max()
    reach = min(10 * largest, max(LONGEST_BLUR, MOST_STEPS_OF_BLUR * step))
    extra = int(np.ceil(reach / step))
    size = int(2 ** np.ceil(np.log2(points.size + 2 * extra)))
    frequency = 2 * np.pi * np.fft.rfftfreq(size, step)
    padded = np.zeros((spread.size, size))
    padded[:, extra : extra + points.size] = weights
    blurred = np.fft.rfft(padded, axis=1) * np.exp(-0.5 * (spread[:, None] * frequency) ** 2)
    density = np.maximum(np.fft.irfft(blurred.sum(axis=0), size), 0.0)
    wide = points[0] + step * (np.arange(size) - extra)
    return gridded_marginal(wide, density[None], limit)
