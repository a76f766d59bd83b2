"""One-dimensional posteriors: from weights or densities to means, quantiles and probabilities.

Two forms occur. A *mixture* of normals, one component per node of the
heterogeneity; and a *gridded* density on equally spaced points that has fallen
to nothing at both ends. Arrays carry a leading axis `fit`, so that many
posteriors are summarised at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.special import ndtr, ndtri

Floats = NDArray[np.float64]

# Those of `pooled.csv`.
LEVELS = np.array([0.025, 0.05, 0.5, 0.95, 0.975])
_NEWTON_STEPS = 60
# Halvings of one cell of a grid: below 1e-9 of it.
_BISECTIONS = 30


@dataclass(frozen=True)
class Marginal:
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


def mixture_marginal(weights: Floats, means: Floats, sds: Floats, limit: float) -> Marginal:
    """Summarise mixtures of normals.

    Parameters
    ----------
    weights : ndarray, shape (fit, node)
        Adding up to 1 in each fit.
    means, sds : ndarray, shape (fit, node)
    limit : float
        Of practical equivalence, on the log odds ratio scale.
    """
    mean = (weights * means).sum(axis=1)
    variance = (weights * (sds**2 + (means - mean[:, None]) ** 2)).sum(axis=1)

    def below(x: Floats) -> Floats:
        return (weights * ndtr((x[:, None] - means) / sds)).sum(axis=1)

    sd = np.sqrt(variance)
    quantiles = _mixture_quantiles(weights, means, sds, mean, sd)
    zero = np.zeros(len(mean))
    return Marginal(
        mean=mean,
        sd=sd,
        quantiles=quantiles,
        above=1 - below(zero),
        near=below(zero + limit) - below(zero - limit),
    )


def _mixture_quantiles(
    weights: Floats, means: Floats, sds: Floats, mean: Floats, sd: Floats
) -> Floats:
    """Quantiles of each mixture, all levels at once, by Newton steps kept inside a bracket."""
    shape = (len(mean), LEVELS.size)
    low = np.broadcast_to((means - 12 * sds).min(axis=1)[:, None], shape)
    high = np.broadcast_to((means + 12 * sds).max(axis=1)[:, None], shape)
    # The quantiles of a normal with the mixture's own moments are a good first guess.
    x = np.clip(mean[:, None] + sd[:, None] * ndtri(LEVELS), low, high)
    scale = weights / sds / np.sqrt(2 * np.pi)
    for _ in range(_NEWTON_STEPS):
        z = (x[:, :, None] - means[:, None, :]) / sds[:, None, :]
        excess = (weights[:, None, :] * ndtr(z)).sum(axis=-1) - LEVELS
        low, high = np.where(excess < 0, x, low), np.where(excess < 0, high, x)
        density = (scale[:, None, :] * np.exp(-0.5 * z**2)).sum(axis=-1)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = x - excess / density
        moved = np.where((step > low) & (step < high), step, 0.5 * (low + high))
        done = np.abs(moved - x) < 1e-10 * (1 + np.abs(x))
        x = moved
        if done.all():
            break
    return x


def gridded_marginal(
    points: Floats, density: Floats, limit: float, transform: str = "identity"
) -> Marginal:
    """Summarise densities on equally spaced points.

    Parameters
    ----------
    points : ndarray, shape (point,)
    density : ndarray, shape (fit, point)
        Unnormalised, and negligible at both ends.
    limit : float
        Of practical equivalence, on the log odds ratio scale.
    transform : {"identity", "exp"}
        ``exp`` when the quantity is the exponential of the points, such as a
        standard deviation on a grid of its logarithm.
    """
    values = np.exp(points) if transform == "exp" else points
    weights = density / density.sum(axis=1, keepdims=True)
    mean = weights @ values
    sd = np.sqrt(np.maximum(weights @ values**2 - mean**2, 0))
    step = points[1] - points[0]
    spline = CubicSpline(points, (weights / step).T)
    cumulative = spline.antiderivative()(points).T
    cumulative = cumulative / cumulative[:, -1:]
    quantiles = _gridded_quantiles(points, weights / step, cumulative)
    if transform == "exp":
        near = _below(points, weights / step, cumulative, np.log(limit))
        return Marginal(mean, sd, np.exp(quantiles), np.ones(len(mean)), near)
    zero, up, down = (_below(points, weights / step, cumulative, x) for x in (0.0, limit, -limit))
    return Marginal(mean, sd, quantiles, 1 - zero, up - down)


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
    below = (cumulative[:, None, :] < LEVELS[:, None]).sum(axis=-1)
    i = np.clip(below - 1, 0, len(points) - 2)
    step = float(points[1] - points[0])
    left, right, slope_left, slope_right = (
        np.take_along_axis(array, i + shift, axis=1)
        for array in (cumulative, density)
        for shift in (0, 1)
    )
    low, high = np.zeros(i.shape), np.ones(i.shape)
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        under = _hermite(middle, left, right, slope_left, slope_right, step) < LEVELS
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    return points[i] + step * 0.5 * (low + high)


def _hermite(
    t: Floats, left: Floats, right: Floats, slope_left: Floats, slope_right: Floats, step: float
) -> Floats:
    """Cubic with given values and slopes at both ends of a cell, at fraction t of it."""
    return (
        left * (1 + 2 * t) * (1 - t) ** 2
        + right * t**2 * (3 - 2 * t)
        + step * (slope_left * t * (1 - t) ** 2 - slope_right * t**2 * (1 - t))
    )
