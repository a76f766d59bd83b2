"""A likelihood averaged over the prior of a control logit, at one location of it or at many."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from livingreview.effects.forms.form import Floats

# How far the trapezium sum over a control logit goes, in standard deviations of its prior,
# and how many numbers it works on at once: few enough for a processor's cache.
REACH = 9.0
BLOCK = 200_000
# Width of the parts of a table that serves many locations, in the same standard deviations: what
# is too small for a floating-point number beside the top of its part is too small at any location.
PART = 2.0
# Any log likelihood that is not this low is taken as it is.
LOWEST = -1e300


def averaged(
    location: float,
    scale: float,
    theta: Floats,
    finest: float,
    log_likelihood: Callable[[Floats, Floats], Floats],
) -> Floats:
    r"""Log of a likelihood averaged over the prior of a control logit, by a trapezium sum.

    The sum converges like :math:`\exp(-2\pi^2 w^2)` in w, the standard deviation in steps of
    the finest structure.

    Parameters
    ----------
    location, scale : float
        Normal prior of the logit.
    theta : ndarray, shape (point,)
    finest : float
        Size of the finest structure in the logit, apart from the prior's own.
    log_likelihood : callable
        Of logits, shape (node, 1), and effects, shape (point,).
    """
    half = int(np.ceil(REACH * scale / min(0.8 * scale, finest)))
    x, step = np.linspace(-REACH, REACH, 2 * half + 1, retstep=True)
    log_weights = (-0.5 * x**2 + np.log(step / np.sqrt(2 * np.pi)))[:, None]
    logit = location + scale * x[:, None]
    sums = []
    for part in np.array_split(theta, max(1, theta.size * x.size // BLOCK)):
        terms = log_likelihood(logit, part) + log_weights
        # An effect at which no control logit makes the report possible has a peak of -inf.
        peak = np.maximum(terms.max(axis=0), LOWEST)
        with np.errstate(divide="ignore"):
            sums.append(np.log(np.exp(terms - peak).sum(axis=0)) + peak)
    return np.concatenate(sums)


def averaged_at(
    locations: Floats,
    scale: float,
    theta: Floats,
    finest: float,
    log_likelihood: Callable[[Floats, Floats], Floats],
    factors: int,
) -> Floats:
    """As `averaged`, of several likelihoods and at many locations of the prior, from one table.

    Parameters
    ----------
    locations : ndarray, shape (location,)
    log_likelihood : callable
        Of logits, shape (node, 1), and effects, with values of shape (factor, node, point).
    factors : int
        Number of these likelihoods.

    Returns
    -------
    ndarray, shape (location, factor, point)
    """
    low, high = locations.min() - REACH * scale, locations.max() + REACH * scale
    size = int(np.ceil((high - low) / min(0.8 * scale, finest))) + 1
    logits, step = np.linspace(low, high, size, retstep=True)
    averages = np.full((factors, locations.size, theta.size), -np.inf)
    for part in np.array_split(logits, int(np.ceil((high - low) / (PART * scale)))):
        within = (locations > part[0] - REACH * scale) & (locations < part[-1] + REACH * scale)
        z = (part - locations[within, None]) / scale
        weights = np.exp(-0.5 * z**2) * (step / scale / np.sqrt(2 * np.pi))
        terms = log_likelihood(part[:, None], theta)
        peak = np.maximum(terms.max(axis=1, keepdims=True), LOWEST)
        with np.errstate(divide="ignore"):
            of_part = np.log(weights @ np.exp(terms - peak)) + peak
        averages[:, within] = np.logaddexp(averages[:, within], of_part)
    return averages.swapaxes(0, 1)
