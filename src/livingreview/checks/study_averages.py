r"""Any function of a study's own effect, averaged over that effect, at every draw of a fit.

.. math:: \bar f_i = \int N(\theta; \mu + x_i^\top\beta, \tau^2)\, f_i(\theta)\, d\theta

With :math:`f_i` the likelihood this is the likelihood of a *new* study with that report,
which is what leave-one-out needs (Merkle, Furr and Rabe-Hesketh 2019, Psychometrika 84,
802-829): the likelihood given the study's own effect has a parameter for each study.
Student-t effects are a mixture of normal ones, whose variance is multiplied by v with
:math:`v \sim \mathrm{InvGamma}(\nu/2, \nu/2)`; log v is integrated by a trapezium sum.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats
from scipy.interpolate import RectBivariateSpline
from scipy.special import log_ndtr, logsumexp

from livingreview.effects.data_set import Floats
from livingreview.models.quadrature.study_tables import StudyLikelihoods

# Log of a function of an estimate; arguments are value, variance and expected effect.
Closed = Callable[[Floats, Floats, Floats], Floats]

# Steps of a table: the expected effect's, per standard error of the narrowest study; and the
# step of asinh(tau / scale).
STEPS_PER_ERROR = 4.0
NODE_STEP = 0.06
# A spline needs at least this many points along each axis.
FEWEST = 8
# Most numbers of the functions of a block of studies, which are averaged block by block.
BLOCK = 6_000_000
# Nodes for the variance of Student-t effects, and the probability that their range leaves out at
# each end.
MIXTURE_NODES = 61
MISSED = 1e-9


def log_density(value: Floats, variance: Floats, location: Floats) -> Floats:
    """Log density of an estimate; `variance` is that of its error plus that of its effect."""
    return -0.5 * ((value - location) ** 2 / variance + np.log(2 * np.pi * variance))


def log_probability_below(value: Floats, variance: Floats, location: Floats) -> Floats:
    """Log probability that a new estimate of that kind is smaller than the one reported."""
    return log_ndtr((value - location) / np.sqrt(variance))


def log_marginals(
    likelihoods: StudyLikelihoods,
    functions: Sequence[Floats],
    closed: Sequence[Closed],
    location: Floats,
    tau: Floats,
    degrees: float | None = None,
) -> list[Floats]:
    """Logs of the average of each function of each study's effect, at each draw.

    Parameters
    ----------
    likelihoods : StudyLikelihoods
        Rows are studies.
    functions : sequence of ndarray, shape (row, point)
        Logs of positive functions on the grid of `likelihoods`; estimates' rows are not read.
    closed : sequence of callable
        The same functions' averages for the rows that are estimates.
    location : ndarray, shape (draw, row)
        Expected effects.
    tau : ndarray, shape (draw,)
        Standard deviation between studies; scale of Student-t effects.
    degrees : float, optional
        Of Student-t effects; normal ones by default.

    Returns
    -------
    list of ndarray, shape (draw, row)
    """
    factors, log_shares = _mixture(degrees)
    averages = [np.empty(location.shape) for _ in functions]
    rows = np.flatnonzero(~np.isnan(likelihoods.error))
    for average, values in zip(closed, averages, strict=True):
        values[:, rows] = -np.inf
        for factor, log_share in zip(factors, log_shares, strict=True):
            variance = likelihoods.error[rows] ** 2 + factor * tau[:, None] ** 2
            part = log_share + average(likelihoods.value[rows], variance, location[:, rows])
            values[:, rows] = np.logaddexp(values[:, rows], part)
    rows = np.flatnonzero(np.isnan(likelihoods.error))
    if not rows.size:
        return averages
    narrowest = float(likelihoods.width[rows].min())
    step, scale = narrowest / STEPS_PER_ERROR, narrowest / 2
    low, high = float(location[:, rows].min()), float(location[:, rows].max())
    margin = FEWEST * step
    normal = nodes = _nodes(tau.min() / scale, tau.max() / scale)
    if degrees is not None:
        nodes, normal = (_nodes(0.0, f * tau.max() / scale) for f in (1, np.sqrt(factors.max())))
    at = np.arcsinh(tau / scale)
    size = max(1, BLOCK // (likelihoods.theta.size * len(functions)))
    for first in range(0, rows.size, size):
        block = rows[first : first + size]
        # All functions in one table: what takes time is the kernels, and they are the same.
        stacked = StudyLikelihoods(
            names=likelihoods.names[: block.size] * len(functions),
            theta=likelihoods.theta,
            log_likelihood=np.concatenate([function[block] for function in functions]),
            value=np.full(block.size * len(functions), np.nan),
            error=np.full(block.size * len(functions), np.nan),
            # As narrow as the narrowest of all blocks: one resolution serves all of them.
            width=np.full(block.size * len(functions), narrowest),
        )
        points, tables = stacked.tables(low - margin, high + margin, step, scale * np.sinh(normal))
        for i, table in enumerate(tables):
            if degrees is not None:
                table = _mixed(table, normal, nodes, points, factors, log_shares)
            spline = RectBivariateSpline(nodes, points, table)
            row = block[i % block.size]
            averages[i // block.size][:, row] = spline.ev(at, location[:, row])
    return averages


def _nodes(least: float, largest: float) -> Floats:
    """Equally spaced asinh(tau / scale) around the heterogeneity of draws, none or `FEWEST` below.

    Many studies know it well, and need few nodes.
    """
    start, end = np.arcsinh([least, largest])
    nodes = np.linspace(0.0, end, max(FEWEST, int(np.ceil(end / NODE_STEP)) + 1))
    below = int(np.count_nonzero(nodes < start))
    return nodes[max(0, min(below, nodes.size) - FEWEST) :]


def _mixture(degrees: float | None) -> tuple[Floats, Floats]:
    """Factors of the variance of Student-t effects, and the log of their shares."""
    if degrees is None:
        return np.ones(1), np.zeros(1)
    variance = stats.invgamma(degrees / 2, scale=degrees / 2)
    log_factors = np.linspace(
        np.log(variance.ppf(MISSED)), np.log(variance.isf(MISSED)), MIXTURE_NODES
    )
    log_shares = variance.logpdf(np.exp(log_factors)) + log_factors
    return np.exp(log_factors), log_shares - logsumexp(log_shares)


def _mixed(
    table: Floats, normal: Floats, nodes: Floats, points: Floats, factors: Floats, shares: Floats
) -> Floats:
    """Table for Student-t effects at `nodes`, from that for normal ones, shape (node, point)."""
    at = np.arcsinh(np.sqrt(factors) * np.sinh(nodes)[:, None])
    at = np.minimum(at, normal[-1]).ravel()
    order = np.argsort(at)
    values = np.empty((at.size, points.size))
    values[order] = RectBivariateSpline(normal, points, table)(at[order], points)
    values = values.reshape(nodes.size, factors.size, points.size)
    return logsumexp(values + shares[:, None], axis=1)
