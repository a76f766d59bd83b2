r"""Estimates only, several of a study: coefficients are conjugate given both SDs.

.. math::

    y \mid \beta, \tau, \omega \sim N(X\beta, V), \qquad
    V_i = S_i + \omega^2 I + \tau^2 1 1^\top, \qquad
    (S_i)_{jk} = s_j s_k\, (\rho + (1 - \rho) 1[j = k])

block by block of studies. :math:`S_i = Q \Lambda Q^\top` is decomposed once, so that the inverse
of :math:`S_i + \omega^2 I` is diagonal for every :math:`\omega`, and :math:`\tau` comes in by the
identity of Sherman, Morrison and Woodbury (Hager 1989, SIAM Review 31, 221-239).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livingreview.models.quadrature.heterogeneity import TauGrid, scale_and_end
from livingreview.models.quadrature.lattice_draws import NormalNodes
from livingreview.models.quadrature.marginals import (
    Floats,
    Marginal,
    gridded_marginal,
    gridded_quantiles,
    mixture_marginal,
)
from livingreview.models.quadrature.nested_likelihoods import scale_of
from livingreview.models.quadrature.normal import (
    FIRST_NODES,
    LOCATING_NODES,
    MOST_NODES,
    NEGLIGIBLE,
    TOLERANCE,
    RegressionAnswers,
)
from livingreview.models.quadrature.sd_within_study import (
    MOST_NODES_WITHIN,
    WithinGrid,
    error_of_finer,
)
from livingreview.protocol.models import Priors


@dataclass(frozen=True)
class NestedTerms:
    """Estimates of one fit.

    Attributes
    ----------
    value, error : ndarray, shape (effect,)
        Estimates and their standard errors.
    study : ndarray of int, shape (effect,)
    columns : ndarray, shape (effect, coefficient)
        The first column is 1, for the pooled effect.
    correlation : float
        Of the sampling errors of one study.
    """

    value: Floats
    error: Floats
    study: NDArray[np.int64]
    columns: Floats
    correlation: float

    def decomposed(self) -> Decomposed:
        """Estimates and columns in the directions in which sampling errors are independent."""
        beside = np.column_stack([self.columns, self.value, np.ones(self.value.size)])
        variances, turned, first = [], [], [0]
        for study in np.unique(self.study):
            of_study = np.flatnonzero(self.study == study)
            correlations = np.full((of_study.size, of_study.size), self.correlation)
            np.fill_diagonal(correlations, 1.0)
            s = self.error[of_study]
            values, vectors = np.linalg.eigh(correlations * np.outer(s, s))
            variances.append(values)
            turned.append(vectors.T @ beside[of_study])
            first.append(first[-1] + of_study.size)
        return Decomposed(np.concatenate(variances), np.concatenate(turned), np.array(first[:-1]))


@dataclass(frozen=True)
class Decomposed:
    """Independent directions of all studies.

    Attributes
    ----------
    variance : ndarray, shape (direction,)
        Of the sampling errors.
    turned : ndarray, shape (direction, coefficient + 2)
        Columns, values and ones.
    first : ndarray of int, shape (study,)
        First direction of each study.
    """

    variance: Floats
    turned: Floats
    first: NDArray[np.int64]

    def conditional(
        self, priors: Priors, omega: Floats, tau: Floats
    ) -> tuple[Floats, Floats, Floats]:
        """Posterior of the coefficients, and the log marginal likelihood, given both SDs.

        Parameters
        ----------
        omega : ndarray, shape (within,)
        tau : ndarray, shape (node,)

        Returns
        -------
        mean : ndarray, shape (within, node, coefficient)
        covariance : ndarray, shape (within, node, coefficient, coefficient)
        log_likelihood : ndarray, shape (within, node)
        """
        total = self.variance + omega[:, None] ** 2
        weighted = self.turned / total[..., None]
        products = np.einsum("kdp,dq->kpq", weighted, self.turned)
        # Of each study, what the ones have in common with columns, values and themselves.
        ones = self.turned[:, -1:]
        of_studies = np.add.reduceat(weighted * ones, self.first, axis=1)
        own = of_studies[..., -1]
        inflation = 1.0 + tau[:, None] ** 2 * own[:, None, :]
        shares = tau[:, None] ** 2 / inflation
        common = np.einsum("kts,ksp,ksq->ktpq", shares, of_studies, of_studies, optimize=True)
        moments = products[:, None] - common
        log_determinant = np.log(total).sum(axis=1)[:, None] + np.log(inflation).sum(axis=2)
        size = self.turned.shape[1] - 2
        by_coefficient = [priors.mu, *[priors.beta] * (size - 1)]
        location, spread = np.array([prior.arguments for prior in by_coefficient]).T
        prior_precision = np.diag(spread**-2.0)
        precision = moments[..., :size, :size] + prior_precision
        pull = moments[..., :size, size] + prior_precision @ location
        covariance = np.linalg.inv(precision)
        mean = np.einsum("ktpq,ktq->ktp", covariance, pull)
        quadratic = moments[..., size, size] + location @ prior_precision @ location
        quadratic = quadratic - np.einsum("ktp,ktp->kt", mean, pull)
        log_determinant += 2 * np.log(spread).sum() + np.linalg.slogdet(precision)[1]
        constant = self.variance.size * np.log(2 * np.pi)
        return mean, covariance, -0.5 * (constant + log_determinant + quadratic)


def integrate_nested(
    terms: NestedTerms, priors: Priors, settings: Floats, limit: float
) -> RegressionAnswers:
    """Posterior by integration over both SDs, refined until it stands still.

    `priors`: normal for the coefficients. `settings`, shape (setting, coefficient): rows at which
    the pooled effect is reported.
    """
    decomposed = terms.decomposed()
    tau_scale, end = scale_and_end(priors, float(terms.error.min()))
    grid = TauGrid.over(tau_scale, 0.0, end, LOCATING_NODES)
    within = WithinGrid.over(scale_of(terms.error), priors)
    for _ in range(within.rounds):
        log_density = _log_density(decomposed, priors, grid, within)[-1]
        has_mass = log_density > log_density.max() + np.log(NEGLIGIBLE)
        first, last = np.flatnonzero(has_mass.any(axis=0))[[0, -1]]
        start = float(grid.t[max(first - 1, 0)])
        end = float(grid.t[min(last + 1, grid.t.size - 1)])
        grid = TauGrid.over(tau_scale, start, end, LOCATING_NODES)
        within = within.holding(has_mass.any(axis=1))
    nodes = FIRST_NODES
    while True:
        grid = TauGrid.over(tau_scale, start, end, nodes)
        answer, by_node, by_within = _on_grid(decomposed, priors, settings, limit, grid, within)
        finer_nodes = by_node >= TOLERANCE and nodes < MOST_NODES
        finer_within = by_within >= TOLERANCE and within.size < MOST_NODES_WITHIN
        if not (finer_nodes or finer_within):
            return answer
        nodes = 2 * nodes - 1 if finer_nodes else nodes
        within = within.finer if finer_within else within


def _log_density(
    decomposed: Decomposed, priors: Priors, grid: TauGrid, within: WithinGrid
) -> tuple[Floats, Floats, Floats]:
    """Conditional means and covariances, and the log density of each pair of nodes."""
    mean, covariance, log_likelihood = decomposed.conditional(priors, within.sd, grid.tau)
    log_prior = within.log_prior(priors)[:, None] + grid.log_prior(priors)
    return mean, covariance, log_likelihood + log_prior


def _on_grid(
    decomposed: Decomposed,
    priors: Priors,
    settings: Floats,
    limit: float,
    grid: TauGrid,
    within: WithinGrid,
) -> tuple[RegressionAnswers, float, float]:
    """Posterior on one grid, and how far the grids of every second node are from it."""
    mean, covariance, log_density = _log_density(decomposed, priors, grid, within)
    top = log_density.max()
    density = np.exp(log_density - top)
    shares = within.shares[:, None] * grid.shares
    mass = density * shares
    fewer_nodes, fewer_within = np.zeros_like(mass), np.zeros_like(mass)
    fewer_nodes[:, ::2], fewer_within[::2] = mass[:, ::2], mass[::2]
    at = mean @ settings.T
    variance = np.einsum("sp,ktpq,sq->kts", settings, covariance, settings)
    diagonal = np.diagonal(covariance, axis1=2, axis2=3)
    new = variance + within.spreads(grid)[..., None] ** 2
    # All quantities in one go: coefficients, settings, and a new study in each setting.
    means = np.concatenate([mean, at, at], axis=2)
    sds = np.sqrt(np.concatenate([diagonal, variance, new], axis=2))
    quantities = means.shape[2]

    def by_quantity(array: Floats) -> Floats:
        return np.moveaxis(array, 2, 0).reshape(quantities, -1)

    def weights(part: Floats) -> Floats:
        return np.tile((part / part.sum()).ravel(), (quantities, 1))

    others = np.stack([weights(fewer_nodes), weights(fewer_within)])
    marginal, (by_node, by_within) = mixture_marginal(
        weights(mass), by_quantity(means), by_quantity(sds), limit, others
    )
    of_tau, of_within = within.shares @ density, density @ grid.shares
    tau = gridded_marginal(grid.t, of_tau[None], limit, grid.scale)
    sd_within_study = within.marginal(of_within[None], limit)
    assert sd_within_study is not None
    half = gridded_quantiles(grid.coarser.t, of_tau[None, ::2], grid.scale)
    half_within = within.coarser.quantiles(of_within[None, ::2])
    tau_moves = float(max(by_node.max(), np.abs(tau.quantiles - half).max()))
    moves = np.abs(sd_within_study.quantiles - half_within).max()
    within_moves = float(error_of_finer(np.maximum(by_within.max(), moves)))
    first, second = mean.shape[2], mean.shape[2] + len(settings)
    of_each: list[Marginal] = marginal.split(quantities)
    answer = RegressionAnswers(
        coefficients=of_each[:first],
        tau=tau,
        settings=of_each[first:second],
        new=of_each[second:],
        log_evidence=np.array([top + np.log(mass.sum() * grid.step * within.step)]),
        movement=np.array([max(tau_moves, within_moves)]),
        draws=NormalNodes(density, mean, covariance, within, grid).draws,
        sd_within_study=sd_within_study,
    )
    return answer, tau_moves, within_moves
