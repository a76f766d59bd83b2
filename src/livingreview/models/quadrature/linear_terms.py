r"""A log density of coefficients as a sum of curves, each over one linear combination of them.

.. math:: \log p(b \mid \tau, \omega, y) = \sum_r T_r(a_r^\top b;\; \tau, \omega) + \text{const}

Studies alike in their moderators are one curve, with their row of the design matrix as :math:`a_r`;
the prior of each coefficient is one, with a unit vector. Curves are cubic splines of tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from livingreview.models.quadrature.marginals import Floats


@dataclass(frozen=True)
class LinearTerm:
    """One curve at every node of the SDs.

    Attributes
    ----------
    row : ndarray, shape (coefficient,)
        The linear combination.
    low, step : float
        First point of the table, and distance of neighbours.
    cubics : ndarray, shape (4, node, cell)
        Of the share of a cell that lies below, the highest power first. One node, if the curve is
        the same at all of them.
    peak : ndarray, shape (node,)
        Point at which each curve is highest.
    falls : bool
        Whether the curve goes on falling beyond its table, as a prior does; else it goes on evenly.
        Where no study says anything, evenness of all curves would put mass at any distance.
    """

    row: Floats
    low: float
    step: float
    cubics: Floats
    peak: Floats
    falls: bool = False

    @classmethod
    def through(
        cls, row: Floats, points: Floats, values: Floats, falls: bool = False
    ) -> LinearTerm:
        """Splines of tables.

        Parameters
        ----------
        row : ndarray, shape (coefficient,)
        points : ndarray, shape (point,)
            Equally spaced.
        values : ndarray, shape (node, point)
        """
        step = float(points[1] - points[0])
        cubics = CubicSpline(points, values, axis=1).c * step ** np.arange(3, -1, -1)[:, None, None]
        return cls(
            row=row,
            low=float(points[0]),
            step=step,
            cubics=np.ascontiguousarray(np.swapaxes(cubics, 1, 2)),
            peak=points[values.argmax(axis=1)],
            falls=falls,
        )

    @property
    def high(self) -> float:
        """Last point of the table."""
        return self.low + self.step * self.cubics.shape[2]

    def only(self, nodes: NDArray[np.int64]) -> LinearTerm:
        """The curve at some of the nodes."""
        if self.cubics.shape[1] == 1:
            return self
        return replace(self, cubics=self.cubics[:, nodes], peak=self.peak[nodes])

    def at(self, x: Floats) -> Floats:
        """Values at points of shape (node, ...)."""
        cell, share, beyond = self._cells(x)
        powers = self.cubics.reshape(4, -1)
        # In place, as fresh memory for each step takes longer than the arithmetic.
        values = powers[0].take(cell)
        for coefficients in powers[1:]:
            values *= share
            values += coefficients.take(cell)
        if self.falls and beyond.any():
            outside = beyond != 0.0
            far = beyond[outside]
            c3, c2, c1 = powers[:3].take(cell[outside], axis=1)
            first, second = self._bent(c3, c2, c1, share[outside])
            values[outside] += (first + second / 2 * far) * far
        return values

    def slopes(self, x: Floats) -> tuple[Floats, Floats]:
        """First and second derivatives at points of shape (node,)."""
        cell, share, beyond = self._cells(x)
        c3, c2, c1 = self.cubics.reshape(4, -1)[:3].take(cell, axis=1)
        if self.falls:
            first, second = self._bent(c3, c2, c1, share)
            first = first + second * beyond
        else:
            inside = beyond == 0.0
            first = inside * ((3 * c3 * share + 2 * c2) * share + c1)
            second = inside * (6 * c3 * share + 2 * c2)
        return first / self.step, second / self.step**2

    @staticmethod
    def _bent(c3: Floats, c2: Floats, c1: Floats, share: Floats) -> tuple[Floats, Floats]:
        """Derivatives in cells, of a curve that beyond its ends bends down as it does there."""
        return (3 * c3 * share + 2 * c2) * share + c1, np.minimum(6 * c3 * share + 2 * c2, 0.0)

    def _cells(self, x: Floats) -> tuple[NDArray[np.int64], Floats, Floats]:
        """Cells of points, the share of the cell below, and cells beyond the table."""
        nodes, cells = self.cubics.shape[1:]
        place = (x - self.low) / self.step
        inside: Floats = np.minimum(np.maximum(place, 0.0), cells)
        cell = inside.astype(np.int64)
        np.minimum(cell, cells - 1, out=cell)
        share: Floats = inside - cell
        if nodes > 1:
            cell += cells * np.arange(nodes).reshape(-1, *[1] * (x.ndim - 1))
        return cell, share, place - inside


@dataclass(frozen=True)
class Frames:
    """Coordinates of each node in which the posterior has about mean 0 and covariance 1.

    Coefficients are ``centre + root @ z``.

    Attributes
    ----------
    centre : ndarray, shape (node, coefficient)
    root : ndarray, shape (node, coefficient, coefficient)
        Lower triangular.
    """

    centre: Floats
    root: Floats

    @property
    def log_volume(self) -> Floats:
        """Log of the volume of a unit cube of z, shape (node,)."""
        return np.log(np.diagonal(self.root, axis1=1, axis2=2)).sum(axis=1)

    def only(self, nodes: NDArray[np.int64]) -> Frames:
        """Some of the nodes."""
        return Frames(self.centre[nodes], self.root[nodes])

    def along(self, direction: Floats) -> tuple[Floats, Floats]:
        """A linear combination as ``centre + slopes @ z``, shapes (node,), (node, coefficient)."""
        return self.centre @ direction, direction @ self.root

    def moved(self, mean: Floats, covariance: Floats) -> Frames:
        """Frames of what has this mean and covariance in the present coordinates."""
        centre = self.centre + np.einsum("qde,qe->qd", self.root, mean)
        return Frames(centre, self.root @ np.linalg.cholesky(covariance))


def log_densities(terms: Sequence[LinearTerm], frames: Frames, axes: Sequence[Floats]) -> Floats:
    """Sum of the terms on the lattice of every node, shape (node, point of axis 1, ...)."""
    dimensions = len(axes)
    total = np.zeros((len(frames.centre), *[axis.size for axis in axes]))
    for term in terms:
        centre, slopes = frames.along(term.row)
        x = centre.reshape(-1, *[1] * dimensions)
        for d, axis in enumerate(axes):
            # What a term does not hang on needs no value of its own at every point.
            if slopes[:, d].any():
                shape = [-1, *[axis.size if e == d else 1 for e in range(dimensions)]]
                x = x + (slopes[:, d, None] * axis).reshape(shape)
        total += term.at(x)
    return total


# Steps of Newton's method, at most, and the move, in SDs, that ends it.
NEWTON_STEPS = 60
SETTLED = 0.05
# Precision that is added to that of the curves, which may not bend anywhere near.
FLATTEST = 1e-4


def modes(terms: Sequence[LinearTerm], nodes: int) -> tuple[Frames, Floats]:
    """Mode of every node with the roots of normal laws that bend like the density there.

    A second mode may lie where statements that bear out any large effect are most likely. So the
    highest is looked for from where the curves are highest, by how they bend there, and from where
    the priors are.

    Returns
    -------
    frames : Frames
    log_density : ndarray, shape (node,)
        At the modes.
    """
    rows = np.array([term.row for term in terms])
    peaks = np.array([np.broadcast_to(term.peak, (nodes,)) for term in terms])
    bends = np.array([_bend(term, peak) for term, peak in zip(terms, peaks, strict=True)])
    of_priors = bends * np.array([term.falls for term in terms])[:, None]
    climbed = [
        _climbed(
            terms, np.linalg.solve(_precision(rows, of), ((of * peaks).T @ rows)[..., None])[..., 0]
        )
        for of in (bends, of_priors)
    ]
    (b, value), (other, value_there) = climbed
    b = np.where((value_there > value)[:, None], other, b)
    precision = _precision(rows, np.array([_bend(term, b @ term.row) for term in terms]))
    frames = Frames(b, np.linalg.cholesky(np.linalg.inv(precision)))
    return frames, np.maximum(value, value_there)


def _climbed(terms: Sequence[LinearTerm], b: Floats) -> tuple[Floats, Floats]:
    """The mode that lies uphill of each node's start, and the log density there.

    Newton's method, damped (Marquardt 1963, SIAM Journal on Applied Mathematics 11, 431-441).
    """
    rows = np.array([term.row for term in terms])
    damping = np.full(len(b), 0.01)
    value = _sum(terms, b)
    for _ in range(NEWTON_STEPS):
        along = [(term, b @ term.row) for term in terms]
        precision = _precision(rows, np.array([_bend(term, x) for term, x in along]))
        gradient = np.stack([term.slopes(x)[0] for term, x in along], axis=1) @ rows
        diagonal = np.einsum("qdd->qd", precision) * damping[:, None]
        damped = precision + diagonal[..., None] * np.eye(rows.shape[1])
        move = np.linalg.solve(damped, gradient[..., None])[..., 0]
        there = _sum(terms, b + move)
        better = there >= value
        b = np.where(better[:, None], b + move, b)
        value = np.where(better, there, value)
        damping = np.where(better, damping / 5, damping * 10)
        # Judged without damping, by which a step that led nowhere looks as small as the last.
        onward = np.linalg.solve(precision, gradient[..., None])[..., 0]
        if (np.einsum("qd,qd->q", onward, gradient) < SETTLED**2).all():
            break
    return b, value


def _sum(terms: Sequence[LinearTerm], b: Floats) -> Floats:
    """Log density at one point of each node."""
    return np.sum([term.at(b @ term.row) for term in terms], axis=0)


def _bend(term: LinearTerm, x: Floats) -> Floats:
    """How much each curve bends down, shape (node,)."""
    return np.maximum(-term.slopes(x)[1], 0.0)


def _precision(rows: Floats, bends: Floats) -> Floats:
    """Precision matrices, shape (node, coefficient, coefficient); never quite 0."""
    squares = rows[:, :, None] * rows[:, None, :]
    return np.einsum("rq,rde->qde", bends, squares) + FLATTEST * np.eye(rows.shape[1])
