r"""Likelihoods blurred by normal kernels: integrals over a true effect.

.. math:: L(m, \sigma) = \int N(\theta; m, \sigma^2)\, \ell(\theta)\, d\theta

A trapezium sum over equally spaced effects, which converges faster than any power of the step
because the integrand falls to nothing at the ends of its grid.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.special import ndtr

from livingreview.effects.likelihood_tables import FLOOR
from livingreview.models.quadrature.marginals import Floats

# Steps of theta per SD of the kernel of a blur, at least. Points of theta beyond that, and beyond
# what a row needs, are skipped; the trapezium sum stays exact.
STEPS_PER_KERNEL = 1.5
# Gauss-Hermite nodes of a kernel that is narrower than a step.
NODES = 15
# Points at which a product is taken at once: each set reads only what its kernels reach.
BAND = 128


@dataclass(frozen=True)
class Points:
    """Expected effects of a table.

    Attributes
    ----------
    requested : ndarray, shape (point,)
        Points at which a caller needs values.
    theta : ndarray
        Every `stride`-th of the equally spaced effects from the `first` on, around `requested`:
        at these points a blur is a product with one Toeplitz matrix.
    """

    requested: Floats
    theta: Floats
    first: int
    stride: int

    @classmethod
    def all_of(cls, theta: Floats) -> Points:
        """Every effect of a grid."""
        return cls(theta, theta, 0, 1)

    def spread(self, values: Floats) -> Floats:
        """Interpolate values at `theta` to the requested points."""
        if self.requested is self.theta:
            return values
        # The log of a marginal likelihood is smooth between points of theta.
        return CubicSpline(self.theta, values, axis=-1)(self.requested)


def blurred(
    theta: Floats,
    log_likelihood: Floats,
    at: Points,
    sds: Floats,
    finest: float,
    nodes: int = NODES,
) -> Iterator[Floats]:
    """Log of likelihoods blurred by a normal of each SD.

    Parameters
    ----------
    theta : ndarray, shape (point,)
        Equally spaced.
    log_likelihood : ndarray, shape (row, point)
    sds : ndarray, shape (kernel,)
    finest : float
        Largest step of theta that resolves these rows.
    nodes : int
        Of a kernel that is narrower than a step.

    Yields
    ------
    ndarray, shape (row, point)
        At `at.theta`, for one SD after the other.
    """
    top = log_likelihood.max(axis=1, keepdims=True)
    log_l = np.maximum(log_likelihood - top, -FLOOR)
    step = float(theta[1] - theta[0])
    narrow = sds < step
    spline = CubicSpline(theta, log_l, axis=1) if narrow.any() else None
    scaled = np.exp(log_l.T, order="C")
    hermite, weights = np.polynomial.hermite_e.hermegauss(nodes)
    weights = weights / weights.sum()
    for sd in sds:
        if spline is not None and sd < step:
            # The kernel is narrower than a step of the grid: Gauss-Hermite nodes on a spline
            # of the log likelihood.
            local = spline(np.clip(at.theta[:, None] + sd * hermite, theta[0], theta[-1]))
            peak = local.max(axis=-1, keepdims=True)
            values = np.log(np.exp(local - peak) @ weights) + peak[..., 0]
        else:
            values = _product(theta, scaled, at, float(sd), finest)
        yield np.maximum(values, -FLOOR) + top


def _product(theta: Floats, scaled: Floats, at: Points, sd: float, finest: float) -> Floats:
    """Log of likelihoods, shape (theta, row), times a Toeplitz matrix."""
    step = float(theta[1] - theta[0])
    # Only points within reach of the kernel, in steps that resolve the kernel and the rows.
    every = max(1, int(min(finest, sd / STEPS_PER_KERNEL) / step))
    reach = int(min(np.ceil(np.sqrt(2 * FLOOR) * sd / step), theta.size))
    rows = at.first + at.stride * np.arange(at.theta.size)
    last = min(rows[-1] + reach, theta.size - 1)
    columns = np.arange(max(0, rows[0] - reach), last + 1, every)
    theta, scaled = theta[columns], scaled[columns[0] : columns[-1] + 1 : every]

    def kernel(steps: NDArray[np.int64]) -> Floats:
        exponent = 0.5 * (step * steps / sd) ** 2
        density = np.where(exponent < FLOOR, np.exp(-exponent), 0.0)
        return density * (every * step / sd / np.sqrt(2 * np.pi))

    product = np.empty((rows.size, scaled.shape[1]))
    furthest = reach + at.stride * BAND + every
    values = kernel(np.arange(-furthest, furthest + 1))
    for start in range(0, rows.size, BAND):
        band = rows[start : start + BAND]
        # Of a narrow kernel most of the matrix is zero.
        near = slice(*np.searchsorted(columns, (band[0] - reach, band[-1] + reach + 1)))
        # The matrix of a band is a view whose rows overlap in memory; the product is fast only on
        # a contiguous copy.
        matrix = np.lib.stride_tricks.as_strided(
            values[furthest + band[0] - columns[near.start] :],
            (band.size, near.stop - near.start),
            (at.stride * values.itemsize, -every * values.itemsize),
        )
        np.matmul(matrix.copy(), scaled[near], out=product[start : start + BAND])
    # The trapezium sum takes half a step at either end; beyond the ends the likelihood is
    # taken to stay at its value at the edge.
    for end, share in (
        (0, ndtr((theta[0] - at.theta) / sd)),
        (-1, ndtr((at.theta - theta[-1]) / sd)),
    ):
        product += (share - 0.5 * kernel(rows - columns[end]))[:, None] * scaled[end]
    with np.errstate(divide="ignore"):
        return np.log(np.maximum(product, 0.0)).T
