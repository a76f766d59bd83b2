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
from scipy.special import ndtr

Floats = NDArray[np.float64]

# Those of `pooled.csv`.
LEVELS = np.array([0.025, 0.05, 0.5, 0.95, 0.975])
_NEWTON_STEPS = 60


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

    quantiles = np.column_stack([_mixture_quantile(weights, means, sds, level) for level in LEVELS])
    zero = np.zeros(len(mean))
    return Marginal(
        mean=mean,
        sd=np.sqrt(variance),
        quantiles=quantiles,
        above=1 - below(zero),
        near=below(zero + limit) - below(zero - limit),
    )


def _mixture_quantile(weights: Floats, means: Floats, sds: Floats, level: float) -> Floats:
    """Quantile of each mixture by Newton steps kept inside a shrinking bracket."""
    low, high = (means - 12 * sds).min(axis=1), (means + 12 * sds).max(axis=1)
    x = np.clip((weights * means).sum(axis=1), low, high)
    for _ in range(_NEWTON_STEPS):
        z = (x[:, None] - means) / sds
        excess = (weights * ndtr(z)).sum(axis=1) - level
        low, high = np.where(excess < 0, x, low), np.where(excess < 0, high, x)
        density = (weights * np.exp(-0.5 * z**2) / sds).sum(axis=1) / np.sqrt(2 * np.pi)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = x - excess / density
        inside = (step > low) & (step < high)
        moved = np.where(inside, step, 0.5 * (low + high))
        if np.all(np.abs(moved - x) < 1e-12 * (1 + np.abs(x))):
            return moved
        x = moved
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
    quantiles = np.column_stack(
        [_gridded_quantile(points, weights / step, cumulative, level) for level in LEVELS]
    )
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


def _gridded_quantile(points: Floats, density: Floats, cumulative: Floats, level: float) -> Floats:
    """Point at which each distribution function reaches a level."""
    i = np.clip((cumulative < level).sum(axis=1) - 1, 0, len(points) - 2)
    fit = np.arange(len(density))
    step = points[1] - points[0]
    ends = (cumulative[fit, i], cumulative[fit, i + 1], density[fit, i], density[fit, i + 1])
    low, high = np.zeros(len(fit)), np.ones(len(fit))
    for _ in range(50):
        middle = 0.5 * (low + high)
        under = _hermite(middle, *ends, step) < level
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
