r"""Likelihoods blurred by normal kernels: integrals over a true effect.

.. math:: L(m, \sigma) = \int N(\theta; m, \sigma^2)\, \ell(\theta)\, d\theta

A trapezium sum over equally spaced effects, which converges faster than any power of the step
because the integrand falls to nothing at the ends of its grid.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
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
    size, step = theta.size, float(theta[1] - theta[0])
    offsets = step * np.arange(1 - size, size)
    exponent = 0.5 * (offsets / sd) ** 2
    # Only points within reach of the kernel, in steps that resolve the kernel and the rows.
    every = max(1, int(min(finest, sd / STEPS_PER_KERNEL) / step))
    reach = int(np.ceil(np.sqrt(2 * FLOOR) * sd / step))
    first, last = at.first - reach, at.first + at.stride * (at.theta.size - 1) + reach
    columns = slice(max(0, first), min(last, size - 1) + 1, every)
    kernel = np.where(exponent < FLOOR, np.exp(-exponent), 0.0)
    kernel *= every * step / sd / np.sqrt(2 * np.pi)
    toeplitz = np.lib.stride_tricks.sliding_window_view(kernel, size)[::-1]
    rows = slice(at.first, at.first + at.stride * at.theta.size, at.stride)
    # The rows of the view overlap in memory; the product is fast only on a contiguous copy.
    matrix, theta = np.ascontiguousarray(toeplitz[rows, columns]), theta[columns]
    scaled = scaled[columns]
    product = np.empty((len(matrix), scaled.shape[1]))
    for start in range(0, len(matrix), BAND):
        band = slice(start, start + BAND)
        # Of a narrow kernel most of the matrix is zero.
        reached = np.flatnonzero(matrix[band].any(axis=0))
        near = slice(reached[0], reached[-1] + 1)
        np.matmul(matrix[band, near], scaled[near], out=product[band])
    # The trapezium sum takes half a step at either end; beyond the ends the likelihood is
    # taken to stay at its value at the edge.
    for end, share in (
        (0, ndtr((theta[0] - at.theta) / sd)),
        (-1, ndtr((at.theta - theta[-1]) / sd)),
    ):
        product += (share - 0.5 * matrix[:, end])[:, None] * scaled[end]
    with np.errstate(divide="ignore"):
        return np.log(np.maximum(product, 0.0)).T
