"""One-dimensional posteriors: from weights or densities to means, quantiles and probabilities.

Two forms occur. A *mixture* of normals, one component per node of the
heterogeneity; and a *gridded* density on equally spaced points that has fallen
to nothing at its ends, or continues evenly below 0. Arrays carry a leading axis
`fit`, so that many posteriors are summarised at once. Here and in the whole engine `limit` is
the size of θ below which an effect is practically none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Floats = NDArray[np.float64]

# Levels of the quantiles in `pooled.csv`.
LEVELS = np.array([0.025, 0.05, 0.5, 0.95, 0.975])
MEDIAN = 2
_NEWTON_STEPS = 60
# A gridded density is made this many times finer, by its Fourier series, to find quantiles.
FINER = 4
# Within one cell the density is nearly linear, so Newton's steps converge at once: the next
# one after a step of this share of the cell is lost in rounding.
_STEPS_IN_A_CELL = 6
_STILL = 1e-8


@dataclass(frozen=True)
class Batch:
    """Results of many fits: each field has a leading axis `fit`, is such a batch, or None."""

    @classmethod
    def concatenated(cls, parts: Sequence[Self]) -> Self:
        """Several batches as one."""

        def joint(values: list[Any]) -> Any:
            if values[0] is None:
                return None
            joining = values[0].concatenated if isinstance(values[0], Batch) else np.concatenate
            return joining(values)

        names = [field.name for field in fields(cls)]
        return cls(**{name: joint([getattr(part, name) for part in parts]) for name in names})

    def reordered(self, order: NDArray[np.int64]) -> Self:
        """The fits in another order, or some of them."""

        def reordered_field(values: Any) -> Any:
            if values is None:
                return None
            return values.reordered(order) if isinstance(values, Batch) else values[order]

        return replace(
            self, **{f.name: reordered_field(getattr(self, f.name)) for f in fields(self)}
        )


@dataclass(frozen=True)
class Marginal(Batch):
    """Summary of one quantity in many fits.

    Attributes
    ----------
    mean, sd : ndarray, shape (fit,)
    quantiles : ndarray, shape (fit, level)
        At `LEVELS`.
    above, near : ndarray, shape (fit,)
        Probability above 0, and within the limit of practical equivalence.
    """

    mean: Floats
    sd: Floats
    quantiles: Floats
    above: Floats
    near: Floats

    def split(self, parts: int) -> list[Marginal]:
        """Equal shares of the fits, each a marginal of its own."""
        return [self.reordered(order) for order in np.arange(len(self.mean)).reshape(parts, -1)]


def mixture_marginal(
    weights: Floats, means: Floats, sds: Floats, limit: float, others: Floats
) -> tuple[Marginal, Floats]:
    """Summarise mixtures of normals.

    Parameters
    ----------
    weights : ndarray, shape (fit, node)
        Adding up to 1 in each fit.
    means, sds : ndarray, shape (fit, node)
    others : ndarray, shape (grid, fit, node)
        Weights by coarser grids, such as every second node with 0 for the others.

    Returns
    -------
    movement : ndarray, shape (grid, fit)
        Largest difference of a quantile, to first order, from that of other weights.
    """
    mean = (weights * means).sum(axis=1)
    variance = (weights * (sds**2 + (means - mean[:, None]) ** 2)).sum(axis=1)
    sd = np.sqrt(variance)
    x, density = _mixture_quantiles(weights, means, sds, mean, sd)
    points = np.column_stack([x, np.broadcast_to([0.0, limit, -limit], (len(mean), 3))])
    below = ndtr((points[:, :, None] - means[:, None, :]) / sds[:, None, :])
    zero, up, down = (below[:, LEVELS.size :] @ weights[:, :, None])[:, :, 0].T
    off = np.einsum("fln,gfn->gfl", below[:, : LEVELS.size], weights - others)
    movement = np.abs(off / density).max(axis=2)
    return Marginal(mean, sd, x, 1 - zero, up - down), movement


def _mixture_quantiles(
    weights: Floats, means: Floats, sds: Floats, mean: Floats, sd: Floats
) -> tuple[Floats, Floats]:
    """Quantiles of each mixture, by Newton steps kept inside a bracket; and its density there."""
    shape = (len(mean), LEVELS.size)
    low = np.broadcast_to((means - 12 * sds).min(axis=1)[:, None], shape)
    high = np.broadcast_to((means + 12 * sds).max(axis=1)[:, None], shape)
    # The quantiles of a normal with the mixture's own moments are a good first guess.
    x = np.clip(mean[:, None] + sd[:, None] * ndtri(LEVELS), low, high)
    scale = (weights / sds / np.sqrt(2 * np.pi))[:, :, None]
    column = weights[:, :, None]
    density = np.zeros(shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        for _ in range(_NEWTON_STEPS):
            z = (x[:, :, None] - means[:, None, :]) / sds[:, None, :]
            excess = (ndtr(z) @ column)[:, :, 0] - LEVELS
            low, high = np.where(excess < 0, x, low), np.where(excess < 0, high, x)
            density = (np.exp(-0.5 * z**2) @ scale)[:, :, 0]
            step = x - excess / density
            # A quantile that is found is one end of its bracket, and stays there.
            moved = np.where((step >= low) & (step <= high), step, 0.5 * (low + high))
            done = np.abs(moved - x) < 1e-10 * (1 + np.abs(x))
            x = moved
            if done.all():
                break
    return x, density


def gridded_marginal(
    points: Floats,
    density: Floats,
    limit: float,
    scale: float | None = None,
) -> Marginal:
    """Summarise densities on equally spaced points.

    Parameters
    ----------
    points : ndarray, shape (point,)
    density : ndarray, shape (fit, point)
        Unnormalised, and negligible at both ends; or, where `scale` is given and the
        first point is 0, even around it.
    scale : float, optional
        Given for a standard deviation, which is ``scale * sinh(point)``.
    """
    even = _is_even(points, scale)
    weights = density.copy()
    if even:
        weights[:, 0] *= 0.5
    weights /= weights.sum(axis=1, keepdims=True)
    values = points if scale is None else scale * np.sinh(points)
    mean = weights @ values
    variance = (weights * (values - mean[:, None]) ** 2).sum(axis=1)
    if scale is not None and even:
        # A value times an even density is odd: its sum misses h^2 / 12 of its slope at 0
        # (Euler and Maclaurin); that of its square misses nothing.
        missed = scale * weights[:, 0] * points[1] / 6
        variance -= missed * (2 * mean + missed)
        mean += missed
    sd = np.sqrt(variance)
    fine_points, finer, cumulative = _finer(points, density, even)
    quantiles = _gridded_quantiles(fine_points, finer, cumulative)
    if scale is not None:
        near = _below(fine_points, finer, cumulative, float(np.arcsinh(limit / scale)))
        return Marginal(mean, sd, scale * np.sinh(quantiles), np.ones(len(mean)), near)
    zero, up, down = (_below(fine_points, finer, cumulative, x) for x in (0.0, limit, -limit))
    return Marginal(mean, sd, quantiles, 1 - zero, up - down)


def gridded_quantiles(points: Floats, density: Floats, scale: float | None = None) -> Floats:
    """Only the quantiles of `gridded_marginal`, shape (fit, level)."""
    quantiles = _gridded_quantiles(*_finer(points, density, _is_even(points, scale)))
    return quantiles if scale is None else scale * np.sinh(quantiles)


def _is_even(points: Floats, scale: float | None) -> bool:
    """Whether densities continue evenly below the first point."""
    return scale is not None and bool(points[0] == 0.0)


def _finer(points: Floats, density: Floats, even: bool) -> tuple[Floats, Floats, Floats]:
    """Finer points, and there density and distribution function from the Fourier series."""
    step = float(points[1] - points[0])
    count = density.shape[1]
    periodic = np.concatenate([density, density[:, :0:-1]], axis=1) if even else density
    size = periodic.shape[1]
    series = np.fft.rfft(periodic, axis=1)
    finer = np.fft.irfft(series, FINER * size, axis=1) * FINER
    frequency = 2 * np.pi * np.fft.rfftfreq(size, step)
    # The constant part of a density integrates to a line, added below.
    waves = np.zeros_like(series)
    waves[:, 1:] = series[:, 1:] / (1j * frequency[1:])
    swing = np.fft.irfft(waves, FINER * size, axis=1) * FINER
    fine_count = FINER * (count - 1) + 1
    steady = periodic.mean(axis=1)[:, None] * step / FINER * np.arange(fine_count)
    cumulative = swing[:, :fine_count] - swing[:, :1] + steady
    total = cumulative[:, -1:]
    fine_points = points[0] + step / FINER * np.arange(fine_count)
    return fine_points, finer[:, :fine_count] / total, cumulative / total


def _below(points: Floats, density: Floats, cumulative: Floats, x: float) -> Floats:
    """Probability below x, by cubic Hermite interpolation of the distribution function."""
    if x <= points[0]:
        return np.zeros(len(density))
    if x >= points[-1]:
        return np.ones(len(density))
    i = int(np.searchsorted(points, x)) - 1
    step = points[1] - points[0]
    t = np.full(len(density), (x - points[i]) / step)
    return _hermite(
        t, cumulative[:, i], cumulative[:, i + 1], density[:, i], density[:, i + 1], step
    )


def _gridded_quantiles(points: Floats, density: Floats, cumulative: Floats) -> Floats:
    """Points at which each distribution function reaches each level."""
    below = np.count_nonzero(cumulative[:, None, :] < LEVELS[:, None], axis=2)
    i = np.clip(below - 1, 0, len(points) - 2)
    step = float(points[1] - points[0])
    fit = np.arange(len(density))[:, None]
    left, right = cumulative[fit, i], cumulative[fit, i + 1]
    slope_left, slope_right = density[fit, i], density[fit, i + 1]
    t = _share((LEVELS - left) / np.maximum(right - left, 1e-300))
    for _ in range(_STEPS_IN_A_CELL):
        excess = _hermite(t, left, right, slope_left, slope_right, step) - LEVELS
        density = step * ((1 - t) * slope_left + t * slope_right)
        moved = _share(t - excess / np.maximum(density, 1e-300))
        done = np.abs(moved - t) < _STILL
        t = moved
        if done.all():
            break
    return points[i] + step * t


def _share(x: Floats) -> Floats:
    """Values kept from 0 to 1; `numpy.clip` takes longer than all the rest for a few numbers."""
    return np.minimum(np.maximum(x, 0.0), 1.0)


def _hermite(
    t: Floats, left: Floats, right: Floats, slope_left: Floats, slope_right: Floats, step: float
) -> Floats:
    """Cubic with given values and slopes at both ends of a cell, at fraction t of it."""
    return (
        left * (1 + 2 * t) * (1 - t) ** 2
        + right * t**2 * (3 - 2 * t)
        + step * (slope_left * t * (1 - t) ** 2 - slope_right * t**2 * (1 - t))
    )
