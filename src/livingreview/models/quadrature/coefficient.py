"""One fit with one coefficient and terms of any kind: a grid over mu, beta and tau.

Where a study gives several effects, the posterior is a sum of such grids over nodes of the SD
within studies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline

from livingreview.effects.design_matrix import DesignMatrix
from livingreview.effects.refusal import Refusal
from livingreview.models.quadrature.heterogeneity import TauGrid, scale_and_end
from livingreview.models.quadrature.locations import Likelihoods
from livingreview.models.quadrature.marginals import Floats, Marginal, gridded_marginal
from livingreview.models.quadrature.normal import TOLERANCE
from livingreview.models.quadrature.pooled_effect import mass_range, new_study, prior_range
from livingreview.models.quadrature.sd_within_study import (
    MOST_NODES_WITHIN,
    WithinGrid,
    error_of_finer,
)
from livingreview.protocol.models import Priors

FIRST_POINTS = 41
# Share of a marginal density's top below which the grid ends.
NEGLIGIBLE = 1e-11
# The posterior is located once its mass covers at least this many points of each parameter.
FEWEST_POINTS = 12
MOST_POINTS = 321
MOST_NODES = 321
# Steps of the study tables per standard error of the narrowest study. Between the points of a
# table, a spline of the log gives the values.
TABLE_STEPS_PER_ERROR = 2.0


@dataclass(frozen=True)
class OneCoefficient:
    """Posterior of a fit with one coefficient.

    Attributes
    ----------
    settings, new : list of Marginal
        Pooled effect, and effect of a new study, in each setting.
    sd_within_study : Marginal or None
        Between the effects of one study, if any study gives several.
    log_evidence : float
        Log marginal likelihood.
    movement : float
        Largest change of a quantile when the grid is halved.
    """

    mu: Marginal
    beta: Marginal
    tau: Marginal
    settings: list[Marginal]
    new: list[Marginal]
    sd_within_study: Marginal | None = None
    log_evidence: float = np.nan
    movement: float = np.inf

    @property
    def marginals(self) -> list[Marginal]:
        """Marginals of every quantity."""
        return [self.mu, self.beta, self.tau, *self.settings, *self.new]


def one_coefficient(
    likelihoods: Likelihoods, design: DesignMatrix, priors: Priors, limit: float
) -> OneCoefficient:
    """Integrate one fit, on a grid refined until its quantiles no longer move.

    `likelihoods`: rows in the order of the design's studies. `design`: with one column.
    """
    column = design.columns[:, 0]
    width = likelihoods.width[design.included]
    scale, end = scale_and_end(priors, float(width.min()))
    ranges = [prior_range(priors.mu), prior_range(priors.beta), (0.0, end)]
    within = WithinGrid.first(likelihoods, priors)
    count, nodes, rounds = FIRST_POINTS, FIRST_POINTS, within.rounds
    while True:
        (mu_low, mu_high), (beta_low, beta_high), (start, end) = ranges
        # The same step for both, so that their sums lie on the grid.
        step = min(mu_high - mu_low, beta_high - beta_low) / (count - 1)
        mu: Floats = _points(mu_low, mu_high, step)
        beta: Floats = _points(beta_low, beta_high, step)
        grid = TauGrid.over(scale, start, end, nodes)
        log_priors = (
            grid.log_prior(priors)[:, None, None],
            priors.mu.distribution.logpdf(mu)[:, None],
            priors.beta.distribution.logpdf(beta),
        )
        log_likelihoods = _log_likelihoods(
            likelihoods, design.included, column, mu, beta, grid, within
        )
        joint = _Joint.summed(log_likelihoods, log_priors, grid, within, within.log_prior(priors))
        density = joint.density
        if rounds:
            others = ((1, 2), (0, 2), (0, 1))
            of_tau, of_mu, of_beta = (density.sum(axis=axes) for axes in others)
            has_mass = [part > NEGLIGIBLE * part.max() for part in (of_mu, of_beta, of_tau)]
            ranges = [mass_range(*pair) for pair in zip((mu, beta, grid.t), has_mass, strict=True)]
            if min(part.sum() for part in has_mass) >= FEWEST_POINTS:
                within = within.holding(joint.by_within > NEGLIGIBLE * joint.by_within.max())
                rounds -= 1
            continue
        summary = _summary(density, mu, beta, grid, design, limit)
        by_step = _movement(
            summary, _summary(density[:, ::2, ::2], mu[::2], beta[::2], grid, design, limit)
        )
        by_node = _movement(summary, _summary(density[::2], mu, beta, grid.coarser, design, limit))
        sd_within_study = within.marginal(joint.by_within[None], limit)
        by_within = 0.0
        if sd_within_study is not None:
            fewer = within.coarser.quantiles(joint.by_within[None, ::2])
            moves = np.abs(sd_within_study.quantiles - fewer).max()
            of_fewer = _summary(joint.of_every_second, mu, beta, grid, design, limit)
            moves = np.maximum(moves, _movement(summary, of_fewer))
            by_within = float(error_of_finer(moves))
        finer_step = by_step >= TOLERANCE and count < MOST_POINTS
        finer_nodes = by_node >= TOLERANCE and nodes < MOST_NODES
        finer_within = by_within >= TOLERANCE and within.size < MOST_NODES_WITHIN
        if not (finer_step or finer_nodes or finer_within):
            cell = (mu[1] - mu[0]) * (beta[1] - beta[0]) * grid.step * within.step
            total = float(density.sum(axis=(1, 2)) @ grid.shares)
            if sd_within_study is not None:
                log_likelihoods = _log_likelihoods(
                    likelihoods, design.included, column, mu, beta, grid, within
                )
                log_prior = sum(log_priors) + within.log_prior(priors)[:, None, None, None]
                densities = (
                    np.exp(log + prior - joint.top)
                    for log, prior in zip(log_likelihoods, log_prior, strict=True)
                )
                summary = replace(
                    summary, new=_new(densities, mu, beta, grid, within, design, limit)
                )
            return replace(
                summary,
                sd_within_study=sd_within_study,
                log_evidence=joint.top + float(np.log(total * cell)),
                movement=max(by_step, by_node, by_within),
            )
        count = 2 * count - 1 if finer_step else count
        nodes = 2 * nodes - 1 if finer_nodes else nodes
        within = within.finer if finer_within else within


def coefficient_likelihood(
    likelihoods: Likelihoods, design: DesignMatrix, priors: Priors, beta: Floats
) -> Floats:
    """Log likelihood of values of the coefficient, all else integrated over its prior.

    `design`: with one column. Returns shape (point,), up to a constant.
    """
    column, width = design.columns[:, 0], likelihoods.width[design.included]
    scale, end = scale_and_end(priors, float(width.min()))
    grid = TauGrid.over(scale, 0.0, end, FIRST_POINTS)
    within = WithinGrid.first(likelihoods, priors)
    # At no heterogeneity the pooled effect is known best: a trapezium sum of a normal with steps
    # of its SD is exact.
    mu = _points(*prior_range(priors.mu), float(1 / np.sqrt((1 / width**2).sum())))
    log_prior = grid.log_prior(priors)[:, None, None] + priors.mu.distribution.logpdf(mu)[:, None]
    total = np.full(beta.size, -np.inf)
    nodes = _log_likelihoods(likelihoods, design.included, column, mu, beta, grid, within)
    for log, share, weight in zip(nodes, within.shares, within.log_prior(priors), strict=True):
        log += log_prior + weight
        top = log.max()
        summed = grid.shares @ np.exp(log - top).sum(axis=1)
        total = np.logaddexp(total, np.log(np.maximum(share * summed, 1e-300)) + top)
    return total


@dataclass(frozen=True)
class _Joint:
    """Joint density of tau, mu and beta, summed over the SD within studies.

    Attributes
    ----------
    density, of_every_second : ndarray, shape (node, mu, beta)
        Over the exponential of `top`; and the same from every second SD within studies.
    by_within : ndarray, shape (within,)
    """

    density: Floats
    of_every_second: Floats
    by_within: Floats
    top: float

    @classmethod
    def summed(
        cls,
        log_likelihoods: Iterator[Floats],
        log_priors: tuple[Floats, ...],
        grid: TauGrid,
        within: WithinGrid,
        log_prior_within: Floats,
    ) -> _Joint:
        """Sum likelihoods times priors, one SD within studies after the other."""
        top, by_within = -np.inf, np.zeros(within.size)
        parts: list[Any] = [0.0, 0.0]
        for k, log_density in enumerate(log_likelihoods):
            for log_prior in log_priors:
                log_density += log_prior
            if within.size == 1:
                top = float(log_density.max())
                density = np.exp(log_density - top)
                return cls(density, density, np.ones(1), top)
            log_density += log_prior_within[k]
            higher = max(top, float(log_density.max()))
            parts = [part * np.exp(top - higher) for part in parts]
            by_within *= np.exp(top - higher)
            top = higher
            density = np.exp(log_density - top)
            by_within[k] = grid.shares @ density.sum(axis=(1, 2))
            parts[k % 2] = parts[k % 2] + within.shares[k] * density
        return cls(parts[0] + parts[1], parts[0], by_within, top)


def _points(low: float, high: float, step: float) -> Floats:
    """Equally spaced points that reach from one end to the other, or a little further."""
    return low + step * np.arange(int(np.ceil((high - low) / step)) + 1, dtype=np.float64)


def _log_likelihoods(
    likelihoods: Likelihoods,
    included: np.ndarray,
    column: Floats,
    mu: Floats,
    beta: Floats,
    grid: TauGrid,
    within: WithinGrid,
) -> Iterator[Floats]:
    """Log likelihood of the included studies at mu + x beta, shape (node, mu, beta).

    For one SD within studies after the other.
    """
    groups = np.unique(column[included])
    reach = [m + x * b for m in mu[[0, -1]] for x in groups for b in beta[[0, -1]]]
    step = float(likelihoods.width[included].min()) / TABLE_STEPS_PER_ERROR
    step = min(step, (max(reach) - min(reach)) / 64)
    members = included & (column == groups[:, None])
    span = min(reach), max(reach), step
    # All groups have the location of control shares in common: they are summed at each node of it.
    at_locations = [
        (weight, *rows.sums(members, *span, grid.tau))
        for rows, weight in within.rows(likelihoods).by_location
    ]
    for k in range(within.size):
        averaged: Floats | None = None
        for weight, points, sums in at_locations:
            total = np.full((grid.t.size, mu.size, beta.size), weight)
            for x, of_group in zip(groups, sums[:, k], strict=True):
                at = np.clip(mu[:, None] + x * beta, points[0], points[-1])
                total += CubicSpline(points, of_group, axis=1)(at)
            averaged = total if averaged is None else np.logaddexp(averaged, total)
        assert averaged is not None
        yield averaged


def _summary(
    density: Floats, mu: Floats, beta: Floats, grid: TauGrid, design: DesignMatrix, limit: float
) -> OneCoefficient:
    """Every reported quantity from the joint density on a grid."""
    weights = density * grid.shares[:, None, None]
    settings, new = [], []
    for row in design.setting_columns:
        points, of_setting = _pooled_at(weights, mu, beta, float(row[0]))
        settings.append(gridded_marginal(points, of_setting.sum(axis=0)[None], limit))
        new.append(new_study(points, of_setting, grid.tau, limit))
    return OneCoefficient(
        mu=gridded_marginal(mu, weights.sum(axis=(0, 2))[None], limit),
        beta=gridded_marginal(beta, weights.sum(axis=(0, 1))[None], limit),
        tau=gridded_marginal(grid.t, density.sum(axis=(1, 2))[None], limit, grid.scale),
        settings=settings,
        new=new,
    )


def _new(
    densities: Iterator[Floats],
    mu: Floats,
    beta: Floats,
    grid: TauGrid,
    within: WithinGrid,
    design: DesignMatrix,
    limit: float,
) -> list[Marginal]:
    """Effect of a new study in each setting, from the density at each SD within studies."""
    of_settings: list[list[Floats]] = [[] for _ in design.setting_columns]
    points = [mu] * len(of_settings)
    for density, share in zip(densities, within.shares, strict=True):
        weights = density * (share * grid.shares)[:, None, None]
        for i, row in enumerate(design.setting_columns):
            points[i], of_setting = _pooled_at(weights, mu, beta, float(row[0]))
            of_settings[i].append(of_setting)
    spread = within.spreads(grid).ravel()
    return [
        new_study(at, np.concatenate(parts), spread, limit)
        for at, parts in zip(points, of_settings, strict=True)
    ]


def _pooled_at(weights: Floats, mu: Floats, beta: Floats, z: float) -> tuple[Floats, Floats]:
    """Density of mu + z beta by node of tau; z is 0 or 1, so sums stay on the grid."""
    if z == 0.0:
        return mu, weights.sum(axis=2)
    if z != 1.0:
        raise Refusal("a setting that is no level of a categorical moderator")
    step = mu[1] - mu[0]
    sums = np.zeros((weights.shape[0], mu.size + beta.size - 1))
    for j in range(beta.size):
        sums[:, j : j + mu.size] += weights[:, :, j]
    return mu[0] + beta[0] + step * np.arange(sums.shape[1]), sums


def _movement(finer: OneCoefficient, coarser: OneCoefficient) -> float:
    """Largest difference of a quantile."""
    pairs = zip(finer.marginals, coarser.marginals, strict=True)
    return max(float(np.abs(a.quantiles - b.quantiles).max()) for a, b in pairs)
