r"""Independent draws from posteriors that are known on lattices, where no sampler is at work.

A smooth density p on a lattice with step h is drawn from by a node and a triangular shift of up to
a step either way, which together follow :math:`\sum_k c_k\,\Lambda(x / h - k)`, the line through
c. A line through p itself would add :math:`h^2 / 6` to the variance; through

.. math:: c_k = p_k - (p_{k+1} - 2 p_k + p_{k-1}) / 12

it has the first three moments of p, and is in error by the fourth power of the step (de Boor 1978,
A Practical Guide to Splines, on quasi-interpolants).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livingreview.models.quadrature.heterogeneity import TauGrid
from livingreview.models.quadrature.marginals import Floats
from livingreview.models.quadrature.sd_within_study import WithinGrid

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class PosteriorDraws:
    """Independent draws of one fit.

    Attributes
    ----------
    coefficients : ndarray, shape (draw, coefficient)
        The first is the pooled effect.
    tau : ndarray, shape (draw,)
    sd_within_study : ndarray, shape (draw,), optional
        Between the effects of one study, where a study gives several.
    kappa : ndarray, shape (draw,), optional
        SD of the bias of studies at high risk of it, of a model that has one.
    """

    coefficients: Floats
    tau: Floats
    sd_within_study: Floats | None = None
    kappa: Floats | None = None


def drawn_places(
    density: Floats, even: Sequence[bool], size: int, rng: np.random.Generator
) -> tuple[Indices, Floats]:
    """Draw places on a lattice from a density that falls to nothing at its ends.

    Parameters
    ----------
    density : ndarray, shape (point of axis 1, of axis 2, ...)
        Unnormalised.
    even : sequence of bool
        Whether it continues evenly below the first point of each axis.

    Returns
    -------
    nodes : ndarray, shape (axis, draw)
    places : ndarray, shape (axis, draw)
        In steps from the first point; they lie within a step of the nodes.
    """
    weights = density
    for axis, mirrored in enumerate(even):
        if weights.shape[axis] > 1:
            weights = _drawn_through(weights, axis, mirrored)
    below = weights.cumsum()
    cell = np.searchsorted(below, below[-1] * rng.random(size), side="right")
    nodes = np.stack(np.unravel_index(cell, weights.shape))
    places = nodes + rng.random(nodes.shape) + rng.random(nodes.shape) - 1.0
    mirror = np.array(even)[:, None]
    return nodes, np.where(mirror, np.abs(places), places)


def _drawn_through(density: Floats, axis: int, even: bool) -> Floats:
    """Weights c of the nodes along one axis; that of the first by half, where it is a mirror."""
    along = np.moveaxis(density, axis, 0)
    before = along[1:2] if even else np.zeros_like(along[:1])
    padded = np.concatenate([before, along, np.zeros_like(along[:1])])
    # Where a tail is steep beside a step, the correction is larger than what is left there.
    weights = np.maximum(along - np.diff(padded, 2, axis=0) / 12, 0.0)
    if even:
        weights[0] *= 0.5
    return np.moveaxis(weights, 0, axis)


def drawn_sds(
    density: Floats, within: WithinGrid, grid: TauGrid, size: int, rng: np.random.Generator
) -> tuple[Indices, Floats, Floats | None]:
    """Draw both SDs.

    `density`: of both on their grids, shape (within, node). Returns their nodes, shape (2, draw),
    tau, and the SD within studies where there is one.
    """
    even = within.grid is not None and within.grid.starts_at_zero, grid.starts_at_zero
    nodes, (of_within, of_tau) = drawn_places(density, even, size, rng)
    tau = grid.at_place(of_tau)
    return nodes, tau, None if within.grid is None else within.grid.at_place(of_within)


@dataclass(frozen=True)
class NormalNodes:
    """Coefficients that are normal at each node of both SDs.

    Attributes
    ----------
    density : ndarray, shape (within, node)
        Of the SDs.
    mean : ndarray, shape (within, node, coefficient)
    covariance : ndarray, shape (within, node, coefficient, coefficient)
    """

    density: Floats
    mean: Floats
    covariance: Floats
    within: WithinGrid
    grid: TauGrid

    def draws(self, size: int, rng: np.random.Generator) -> PosteriorDraws:
        """Independent draws."""
        nodes, tau, sd_within_study = drawn_sds(self.density, self.within, self.grid, size, rng)
        at = tuple(nodes)
        root = np.linalg.cholesky(self.covariance)[at]
        z = rng.standard_normal((size, root.shape[-1]))
        coefficients = self.mean[at] + np.einsum("dpq,dq->dp", root, z)
        return PosteriorDraws(coefficients, tau, sd_within_study)
