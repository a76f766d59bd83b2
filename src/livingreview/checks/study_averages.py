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
    # All functions in one table: what takes time is the kernels, and they are the same.
    narrowest = float(likelihoods.width[rows].min())
    step, scale = narrowest / STEPS_PER_ERROR, narrowest / 2
    stacked = StudyLikelihoods(
        names=likelihoods.names * len(functions),
        theta=likelihoods.theta,
        log_likelihood=np.concatenate([function[rows] for function in functions]),
        value=np.full(rows.size * len(functions), np.nan),
        error=np.full(rows.size * len(functions), np.nan),
        width=np.tile(likelihoods.width[rows], len(functions)),
    )
    low, high = float(location[:, rows].min()), float(location[:, rows].max())
    margin = FEWEST * step
    normal = _nodes(np.sqrt(factors.max()) * tau.max() / scale)
    points, tables = stacked.tables(low - margin, high + margin, step, scale * np.sinh(normal))
    nodes = _nodes(tau.max() / scale)
    at = np.arcsinh(tau / scale)
    for i, table in enumerate(tables):
        if degrees is not None:
            table = _mixed(table, normal, nodes, points, factors, log_shares)
        spline = RectBivariateSpline(nodes, points, table)
        row = rows[i % rows.size]
        averages[i // rows.size][:, row] = spline.ev(at, location[:, row])
    return averages


def _nodes(largest: float) -> Floats:
    """Equally spaced asinh(tau / scale), from none to the largest heterogeneity."""
    end = float(np.arcsinh(largest))
    return np.linspace(0.0, end, max(FEWEST, int(np.ceil(end / NODE_STEP)) + 1))


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
