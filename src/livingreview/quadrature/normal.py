r"""Normal terms only: coefficients are conjugate given the heterogeneity.

.. math::

    y \mid \beta, \tau \sim N(X\beta, \mathrm{diag}(s^2 + \tau^2)), \qquad
    \beta \sim N(b_0, B_0)

Given :math:`\tau` the posterior of :math:`\beta` is normal and its marginal
likelihood closed (Röver 2020, Journal of Statistical Software 93(6)). So one
grid over :math:`\log\tau` does for any number of coefficients, and the
trapezium rule on it converges faster than any power of the step, since the
integrand falls to nothing at both ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from livingreview.priors import Prior
from livingreview.quadrature.marginals import (
    Floats,
    Marginal,
    gridded_marginal,
    mixture_marginal,
)

# Largest movement of a reported quantile, on halving the step, that is accepted.
TOLERANCE = 1e-4
# Prior mass that the first grid may miss at either end.
MISSED = 1e-9
# Nodes whose density is below this share of the largest are dropped from the second grid on.
# Towards 0 the density of log tau falls as tau itself, so what is dropped is no more than this.
NEGLIGIBLE = 1e-9
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


@dataclass(frozen=True)
class NormalPriors:
    """Priors of the fits.

    Attributes
    ----------
    mean, sd : ndarray, shape (coefficient,)
        Of independent normal coefficients.
    spread : Prior
    on_square : bool
        Whether `spread` is the prior of the variance.
    """

    mean: Floats
    sd: Floats
    spread: Prior
    on_square: bool

    def log_density_of_log_tau(self, log_tau: Floats) -> Floats:
        """Log prior density of log tau."""
        power = 2 if self.on_square else 1
        x = np.exp(power * log_tau)
        return self.spread.distribution.logpdf(x) + power * log_tau + np.log(power)

    def range_of_log_tau(self) -> tuple[float, float]:
        """Interval that holds all but a negligible share of the prior."""
        d = self.spread.distribution
        power = 2 if self.on_square else 1
        return float(np.log(d.ppf(MISSED)) / power), float(np.log(d.isf(MISSED)) / power)


@dataclass(frozen=True)
class Answer:
    """Posterior of many fits.

    Attributes
    ----------
    coefficients : list of Marginal
    tau : Marginal
    settings, new : list of Marginal
        Pooled effect, and effect of a new study, in each setting.
    log_evidence : ndarray, shape (fit,)
    movement : float
        Largest change of a quantile at the last refinement.
    """

    coefficients: list[Marginal]
    tau: Marginal
    settings: list[Marginal]
    new: list[Marginal]
    log_evidence: Floats
    movement: float

    @property
    def converged(self) -> bool:
        """Whether refining the grid no longer moves a quantile."""
        return self.movement < TOLERANCE


def integrate(terms: NormalTerms, priors: NormalPriors, settings: Floats, limit: float) -> Answer:
    """Posterior by integration over the heterogeneity, refined until it stands still.

    Parameters
    ----------
    terms : NormalTerms
    priors : NormalPriors
    settings : ndarray, shape (setting, coefficient)
        Rows at which the pooled effect is reported.
    limit : float
        Of practical equivalence.
    """
    low, high = priors.range_of_log_tau()
    nodes = FIRST_NODES
    answer, log_tau, log_density = _on_grid(terms, priors, settings, limit, low, high, nodes)
    movement = np.inf
    while movement >= TOLERANCE and nodes < MOST_NODES:
        relevant = (log_density > log_density.max(axis=1, keepdims=True) + np.log(NEGLIGIBLE)).any(
            0
        )
        first, last = np.flatnonzero(relevant)[[0, -1]]
        low, high = log_tau[max(first - 1, 0)], log_tau[min(last + 1, nodes - 1)]
        nodes = 2 * nodes - 1
        finer, log_tau, log_density = _on_grid(terms, priors, settings, limit, low, high, nodes)
        movement = _movement(answer, finer)
        answer = finer
    return Answer(**{**vars(answer), "movement": movement})


def _movement(before: Answer, after: Answer) -> float:
    """Largest change of any reported quantile."""
    pairs = zip(
        [*before.coefficients, before.tau, *before.new],
        [*after.coefficients, after.tau, *after.new],
        strict=True,
    )
    return max(float(np.abs(a.quantiles - b.quantiles).max()) for a, b in pairs)


def _on_grid(
    terms: NormalTerms,
    priors: NormalPriors,
    settings: Floats,
    limit: float,
    low: float,
    high: float,
    nodes: int,
) -> tuple[Answer, Floats, Floats]:
    """Posterior on one grid of log tau, with the grid and its log densities."""
    log_tau = np.linspace(low, high, nodes)
    mean, covariance, log_likelihood = conditional(terms, priors, np.exp(2 * log_tau))
    log_density = log_likelihood + priors.log_density_of_log_tau(log_tau)
    top = log_density.max(axis=1, keepdims=True)
    density = np.exp(log_density - top)
    total = density.sum(axis=1, keepdims=True)
    weights = density / total
    at = mean @ settings.T
    variance = np.einsum("sp,fkpq,sq->fks", settings, covariance, settings)
    answer = Answer(
        coefficients=[
            mixture_marginal(weights, mean[..., p], np.sqrt(covariance[..., p, p]), limit)
            for p in range(mean.shape[-1])
        ],
        tau=gridded_marginal(log_tau, density, limit, transform="exp"),
        settings=[
            mixture_marginal(weights, at[..., s], np.sqrt(variance[..., s]), limit)
            for s in range(len(settings))
        ],
        new=[
            mixture_marginal(
                weights, at[..., s], np.sqrt(variance[..., s] + np.exp(2 * log_tau)), limit
            )
            for s in range(len(settings))
        ],
        log_evidence=(np.log(total) + top)[:, 0] + np.log(log_tau[1] - log_tau[0]),
        movement=np.inf,
    )
    return answer, log_tau, log_density


def conditional(
    terms: NormalTerms, priors: NormalPriors, tau_squared: Floats
) -> tuple[Floats, Floats, Floats]:
    """Posterior of the coefficients, and the log marginal likelihood, given the variance.

    Parameters
    ----------
    terms : NormalTerms
    priors : NormalPriors
    tau_squared : ndarray, shape (node,)

    Returns
    -------
    mean : ndarray, shape (fit, node, coefficient)
    covariance : ndarray, shape (fit, node, coefficient, coefficient)
    log_likelihood : ndarray, shape (fit, node)
    """
    total = terms.error[:, None, :] ** 2 + tau_squared[:, None]
    weight = np.where(terms.included[:, None, :], 1 / total, 0.0)
    value = np.where(terms.included, terms.value, 0.0)
    columns = np.where(terms.included[..., None], terms.columns, 0.0)
    prior_precision = np.diag(priors.sd**-2.0)
    shift = prior_precision @ priors.mean
    precision = np.einsum("fkj,fjp,fjq->fkpq", weight, columns, columns, optimize=True)
    precision = precision + prior_precision
    pull = np.einsum("fkj,fjp,fj->fkp", weight, columns, value, optimize=True) + shift
    covariance = np.linalg.inv(precision)
    mean = np.einsum("fkpq,fkq->fkp", covariance, pull)
    log_determinants = (
        np.where(terms.included[:, None, :], np.log(2 * np.pi * total), 0.0).sum(axis=-1)
        + 2 * np.log(priors.sd).sum()
        + np.linalg.slogdet(precision)[1]
    )
    quadratic = (
        np.einsum("fkj,fj->fk", weight, value**2)
        + priors.mean @ shift
        - np.einsum("fkp,fkp->fk", mean, pull)
    )
    return mean, covariance, -0.5 * (log_determinants + quadratic)
