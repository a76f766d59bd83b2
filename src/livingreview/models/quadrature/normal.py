r"""Normal terms only: coefficients are conjugate given the heterogeneity.

.. math::

    y \mid \beta, \tau \sim N(X\beta, \mathrm{diag}(s^2 + \tau^2)), \qquad
    \beta \sim N(b_0, B_0)

Given :math:`\tau` the posterior of :math:`\beta` is normal and its marginal
likelihood closed (Röver 2020, Journal of Statistical Software 93(6)). So one
grid over :math:`\tau` does for any number of coefficients.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from livingreview.models.quadrature.heterogeneity import TauGrid, scale_and_end
from livingreview.models.quadrature.lattice_draws import NormalNodes, PosteriorDraws
from livingreview.models.quadrature.marginals import (
    Floats,
    Marginal,
    gridded_marginal,
    gridded_quantiles,
    mixture_marginal,
)
from livingreview.models.quadrature.sd_within_study import WithinGrid
from livingreview.protocol.models import Priors

# Largest movement of a reported quantile, on halving the step, that is accepted.
TOLERANCE = 1e-4
# Nodes at the ends whose density is below this share of the largest are left out.
NEGLIGIBLE = 1e-12
# Number of nodes of the first grid, which only locates the posterior.
LOCATING_NODES = 33
FIRST_NODES = 65
MOST_NODES = 4097


@dataclass(frozen=True)
class NormalTerms:
    """Estimates of many fits; a fit with fewer terms has `included` False for the rest.

    Attributes
    ----------
    value, error : ndarray, shape (fit, term)
        Log odds ratio and its standard error.
    columns : ndarray, shape (fit, term, coefficient)
        The first column is 1, for the pooled effect.
    included : ndarray of bool, shape (fit, term)
    """

    value: Floats
    error: Floats
    columns: Floats
    included: np.ndarray


# So many independent draws, by a generator.
Draw = Callable[[int, np.random.Generator], PosteriorDraws]


@dataclass(frozen=True)
class RegressionAnswers:
    """Posterior of many fits.

    Attributes
    ----------
    settings, new : list of Marginal
        Pooled effect, and effect of a new study, in each setting.
    log_evidence : ndarray, shape (fit,)
    movement : ndarray, shape (fit,)
        Largest change of a quantile when every second node is left out.
    draws : callable
        Independent draws of the first fit: so many, by a generator.
    sd_within_study : Marginal, optional
        Between the effects of one study, where a study gives several.
    """

    coefficients: list[Marginal]
    tau: Marginal
    settings: list[Marginal]
    new: list[Marginal]
    log_evidence: Floats
    movement: Floats
    draws: Draw
    sd_within_study: Marginal | None = None

    @property
    def marginals(self) -> list[Marginal]:
        """Marginals of every quantity."""
        within = [] if self.sd_within_study is None else [self.sd_within_study]
        return [*self.coefficients, self.tau, *self.settings, *self.new, *within]


def integrate(
    terms: NormalTerms, priors: Priors, settings: Floats, limit: float
) -> RegressionAnswers:
    """Posterior by integration over the heterogeneity, refined until it stands still.

    `priors`: normal for the coefficients. `settings`, shape (setting, coefficient): rows at which
    the pooled effect is reported.
    """
    scale, end = scale_and_end(priors, float(terms.error[terms.included].min()))
    grid = TauGrid.over(scale, 0.0, end, LOCATING_NODES)
    *_, log_density = _posterior(terms, priors, grid)
    has_mass = log_density > log_density.max(axis=1, keepdims=True) + np.log(NEGLIGIBLE)
    first, last = np.flatnonzero(has_mass.any(axis=0))[[0, -1]]
    start = float(grid.t[max(first - 1, 0)])
    end = float(grid.t[min(last + 1, grid.t.size - 1)])
    nodes = FIRST_NODES
    while True:
        grid = TauGrid.over(scale, start, end, nodes)
        answer = _on_grid(terms, priors, settings, limit, grid)
        if answer.movement.max() < TOLERANCE or nodes >= MOST_NODES:
            return answer
        nodes = 2 * nodes - 1


def _posterior(terms: NormalTerms, priors: Priors, grid: TauGrid) -> tuple[Floats, Floats, Floats]:
    """Conditional means and covariances, and the log density of each node."""
    mean, covariance, log_likelihood = conditional(terms, priors, grid.tau**2)
    return mean, covariance, log_likelihood + grid.log_prior(priors)


def _on_grid(
    terms: NormalTerms, priors: Priors, settings: Floats, limit: float, grid: TauGrid
) -> RegressionAnswers:
    """Posterior on one grid, and how far the grid of every second node is from it."""
    mean, covariance, log_density = _posterior(terms, priors, grid)
    top = log_density.max(axis=1, keepdims=True)
    density = np.exp(log_density - top)
    mass = density * grid.shares
    total = mass.sum(axis=1, keepdims=True)
    weights = mass / total
    coarser = np.where(np.arange(grid.t.size) % 2 == 0, weights, 0.0)
    coarser = coarser / coarser.sum(axis=1, keepdims=True)
    at = mean @ settings.T
    variance = np.einsum("sp,fkpq,sq->fks", settings, covariance, settings)
    diagonal = np.diagonal(covariance, axis1=2, axis2=3)
    # All quantities in one go: coefficients, settings, and a new study in each setting.
    means = np.concatenate([mean, at, at], axis=2)
    variances = np.concatenate([diagonal, variance, variance + grid.tau[:, None] ** 2], axis=2)
    marginals, movements = _mixtures(weights, coarser, means, np.sqrt(variances), limit)
    tau = gridded_marginal(grid.t, density, limit, grid.scale)
    half = gridded_quantiles(grid.coarser.t, density[:, ::2], grid.scale)
    first, second = mean.shape[2], mean.shape[2] + len(settings)
    of_tau = np.abs(tau.quantiles - half).max(axis=1)
    return RegressionAnswers(
        coefficients=marginals[:first],
        tau=tau,
        settings=marginals[first:second],
        new=marginals[second:],
        log_evidence=(np.log(total) + top)[:, 0] + np.log(grid.step),
        movement=np.maximum(movements, of_tau),
        draws=NormalNodes(density[:1], mean[:1], covariance[:1], WithinGrid(None), grid).draws,
    )


def _mixtures(
    weights: Floats, coarser: Floats, means: Floats, sds: Floats, limit: float
) -> tuple[list[Marginal], Floats]:
    """Marginal of each quantity (last axis), and the largest movement of each fit."""
    fits, nodes, quantities = means.shape

    def stacked(array: Floats) -> Floats:
        return np.moveaxis(array, 2, 0).reshape(quantities * fits, nodes)

    marginal, movement = mixture_marginal(
        np.tile(weights, (quantities, 1)),
        stacked(means),
        stacked(sds),
        limit,
        np.tile(coarser, (1, quantities, 1)),
    )
    of_each = marginal.split(quantities)
    return of_each, movement.reshape(quantities, fits).max(axis=0)


def conditional(
    terms: NormalTerms, priors: Priors, tau_squared: Floats
) -> tuple[Floats, Floats, Floats]:
    """Posterior of the coefficients, and the log marginal likelihood, given the variance.

    Parameters
    ----------
    tau_squared : ndarray, shape (node,)

    Returns
    -------
    mean : ndarray, shape (fit, node, coefficient)
    covariance : ndarray, shape (fit, node, coefficient, coefficient)
    log_likelihood : ndarray, shape (fit, node)
    """
    of_coefficients = [priors.mu, *[priors.beta] * (terms.columns.shape[-1] - 1)]
    location = np.array([prior.arguments[0] for prior in of_coefficients])
    spread = np.array([prior.arguments[1] for prior in of_coefficients])
    total = terms.error[:, None, :] ** 2 + tau_squared[:, None]
    weight = np.where(terms.included[:, None, :], 1 / total, 0.0)
    value = np.where(terms.included, terms.value, 0.0)
    columns = np.where(terms.included[..., None], terms.columns, 0.0)
    prior_precision = np.diag(spread**-2.0)
    shift = prior_precision @ location
    squares = columns[..., :, None] * columns[..., None, :]
    width = location.size
    precision = weight @ squares.reshape(*value.shape, width * width)
    precision = precision.reshape(*weight.shape[:2], width, width) + prior_precision
    pull = weight @ (columns * value[..., None]) + shift
    covariance = np.linalg.inv(precision)
    mean = np.einsum("fkpq,fkq->fkp", covariance, pull)
    log_determinants = (
        np.where(terms.included[:, None, :], np.log(2 * np.pi * total), 0.0).sum(axis=-1)
        + 2 * np.log(spread).sum()
        + np.linalg.slogdet(precision)[1]
    )
    quadratic = (
        np.einsum("fkj,fj->fk", weight, value**2)
        + location @ shift
        - np.einsum("fkp,fkp->fk", mean, pull)
    )
    return mean, covariance, -0.5 * (log_determinants + quadratic)
