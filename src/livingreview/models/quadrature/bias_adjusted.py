r"""One fit in which studies at high risk of bias spread more than the others.

.. math:: \theta_i \sim N(\mu, \tau^2 + \kappa^2 h_i)

with :math:`h_i` 1 for a study at high risk of bias and 0 for any other, and :math:`\kappa` with a
prior of the protocol (Welton and others 2009, JRSS A 172, 119-136). The posterior is a sum over a
grid of :math:`\mu`, :math:`\tau` and :math:`\kappa`, which has a grid like that of :math:`\tau`;
where a study gives several effects, over nodes of the SD within studies as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from livingreview.models.quadrature.heterogeneity import TauGrid, scale_and_end
from livingreview.models.quadrature.lattice_draws import PosteriorDraws, drawn_places
from livingreview.models.quadrature.locations import Likelihoods
from livingreview.models.quadrature.marginals import (
    Floats,
    Marginal,
    gridded_marginal,
    gridded_quantiles,
)
from livingreview.models.quadrature.normal import TOLERANCE, Draw
from livingreview.models.quadrature.pooled_effect import mass_range, new_study, prior_range
from livingreview.models.quadrature.sd_within_study import (
    DROP_OF_THREE,
    MOST_NODES_WITHIN,
    WithinGrid,
    error_of_finer,
)
from livingreview.protocol.models import Priors
from livingreview.protocol.priors import Prior

# Points of the pooled effect, and nodes of each SD, of the coarse grids that locate the posterior.
LOCATING, LOCATING_NODES, ROUNDS = 65, 17, 2
FIRST_POINTS, FIRST_NODES = 65, 17
MOST_POINTS, MOST_NODES = 1025, 129


@dataclass(frozen=True)
class BiasAdjusted:
    """Posterior of one fit.

    Attributes
    ----------
    mu, tau, kappa, new : Marginal
        Pooled effect, SD between studies, SD of the bias, and effect of a new study without bias.
    sd_within_study : Marginal or None
        Between the effects of one study, if any study gives several.
    log_evidence : float
        Log marginal likelihood.
    movement : float
        Largest change of a quantile when a grid is halved.
    draws : callable
        Independent draws: so many, by a generator.
    """

    mu: Marginal
    tau: Marginal
    kappa: Marginal
    new: Marginal
    sd_within_study: Marginal | None
    log_evidence: float
    movement: float
    draws: Draw


@dataclass(frozen=True)
class _Grids:
    """Where the posterior is computed."""

    low: float
    high: float
    points: int
    between: TauGrid
    bias: TauGrid
    within: WithinGrid

    @property
    def span(self) -> tuple[float, float, float]:
        """Range and step of the pooled effect."""
        return self.low, self.high, (self.high - self.low) / (self.points - 1)


@dataclass(frozen=True)
class _Evidence:
    """Studies, which of them are at risk, and priors."""

    likelihoods: Likelihoods
    included: NDArray[np.bool_]
    at_risk: NDArray[np.bool_]
    priors: Priors
    of_bias: Priors

    def log_density(self, grids: _Grids) -> tuple[Floats, Floats]:
        """Points, and log densities of shape (bias, within, between, point)."""
        others = (self.included & ~self.at_risk)[None]
        at_risk = (self.included & self.at_risk)[None]
        tau, total = grids.between.tau, None
        for rows, weight in grids.within.rows(self.likelihoods).by_location:
            points, [of_others] = rows.sums(others, *grids.span, tau)
            layers = [
                of_others + rows.sums(at_risk, *grids.span, np.hypot(tau, kappa))[1][0] + weight
                for kappa in grids.bias.tau
            ]
            by_bias = np.stack(layers)
            total = by_bias if total is None else np.logaddexp(total, by_bias, out=total)
        assert total is not None
        total += self.priors.mu.distribution.logpdf(points)
        total += grids.between.log_prior(self.priors)[:, None]
        total += grids.within.log_prior(self.priors)[:, None, None]
        total += grids.bias.log_prior(self.of_bias)[:, None, None, None]
        return points, total


def bias_adjusted(
    likelihoods: Likelihoods,
    included: NDArray[np.bool_],
    at_risk: NDArray[np.bool_],
    priors: Priors,
    kappa: Prior,
    limit: float,
) -> BiasAdjusted:
    """Integrate one fit, on grids refined until its quantiles no longer move.

    Parameters
    ----------
    likelihoods : Likelihoods
    included, at_risk : ndarray of bool, shape (row,)
        Studies that the fit uses, and studies at high risk of bias, some of the former but not
        all.
    kappa : Prior
        Of the SD of the bias.
    """
    of_bias = Priors(mu=priors.mu, beta=priors.beta, tau=kappa)
    evidence = _Evidence(likelihoods, included, at_risk, priors, of_bias)
    grids = _located(evidence)
    while True:
        points, log_density = evidence.log_density(grids)
        top = log_density.max()
        density = np.exp(log_density - top)
        summary = _Summary.of(density, points, grids, limit)
        by = _Movements.of(summary, density, points, grids, limit)
        finer_points = by.points >= TOLERANCE and grids.points < MOST_POINTS
        finer_between = by.between >= TOLERANCE and grids.between.t.size < MOST_NODES
        finer_bias = by.bias >= TOLERANCE and grids.bias.t.size < MOST_NODES
        finer_within = by.within >= TOLERANCE and grids.within.size < MOST_NODES_WITHIN
        if not (finer_points or finer_between or finer_bias or finer_within):
            cell = (points[1] - points[0]) * grids.between.step * grids.bias.step
            cell *= grids.within.step
            return BiasAdjusted(
                mu=summary.mu,
                tau=summary.tau,
                kappa=summary.kappa,
                new=_new(density, points, grids, limit),
                sd_within_study=summary.sd_within_study,
                log_evidence=float(top + np.log(_weighted(density, grids).sum() * cell)),
                movement=max(by.points, by.between, by.bias, by.within),
                draws=partial(_draws, density, points, grids),
            )
        grids = _Grids(
            grids.low,
            grids.high,
            2 * grids.points - 1 if finer_points else grids.points,
            _finer(grids.between) if finer_between else grids.between,
            _finer(grids.bias) if finer_bias else grids.bias,
            grids.within.finer if finer_within else grids.within,
        )


def _located(evidence: _Evidence) -> _Grids:
    """Grids over what holds the mass of the posterior."""
    narrowest = float(evidence.likelihoods.width[evidence.included].min())
    scale, end = scale_and_end(evidence.priors, narrowest)
    bias_scale, bias_end = scale_and_end(evidence.of_bias, narrowest)
    low, high = prior_range(evidence.priors.mu)
    start = bias_start = 0.0
    within = WithinGrid.first(evidence.likelihoods, evidence.priors)
    for _ in range(ROUNDS):
        between = TauGrid.over(scale, start, end, LOCATING_NODES)
        bias = TauGrid.over(bias_scale, bias_start, bias_end, LOCATING_NODES)
        grids = _Grids(low, high, LOCATING, between, bias, within)
        points, log_density = evidence.log_density(grids)
        has_mass = log_density > log_density.max() - DROP_OF_THREE
        low, high = mass_range(points, has_mass.any(axis=(0, 1, 2)))
        start, end = mass_range(between.t, has_mass.any(axis=(0, 1, 3)))
        bias_start, bias_end = mass_range(bias.t, has_mass.any(axis=(1, 2, 3)))
        within = within.holding(has_mass.any(axis=(0, 2, 3)))
    return _Grids(
        low,
        high,
        FIRST_POINTS,
        TauGrid.over(scale, start, end, FIRST_NODES),
        TauGrid.over(bias_scale, bias_start, bias_end, FIRST_NODES),
        within,
    )


def _finer(grid: TauGrid) -> TauGrid:
    """The grid with half its step."""
    return TauGrid.over(grid.scale, float(grid.t[0]), float(grid.t[-1]), 2 * grid.t.size - 1)


def _weighted(density: Floats, grids: _Grids) -> Floats:
    """Densities times the trapezium weights of the SDs' nodes."""
    weighted = density * grids.bias.shares[:, None, None, None]
    weighted *= grids.within.shares[:, None, None]
    weighted *= grids.between.shares[:, None]
    return weighted


def _draws(
    density: Floats, points: Floats, grids: _Grids, size: int, rng: np.random.Generator
) -> PosteriorDraws:
    """Independent draws from densities (bias, within, between, point)."""
    sds = grids.bias, grids.within.grid, grids.between
    even = [grid is not None and grid.starts_at_zero for grid in sds]
    _, (bias, within, between, point) = drawn_places(density, [*even, False], size, rng)
    return PosteriorDraws(
        coefficients=(points[0] + (points[1] - points[0]) * point)[:, None],
        tau=grids.between.at_place(between),
        sd_within_study=None if grids.within.grid is None else grids.within.grid.at_place(within),
        kappa=grids.bias.at_place(bias),
    )


@dataclass(frozen=True)
class _Summary:
    """Marginals on one grid."""

    mu: Marginal
    tau: Marginal
    kappa: Marginal
    sd_within_study: Marginal | None

    @classmethod
    def of(cls, density: Floats, points: Floats, grids: _Grids, limit: float) -> _Summary:
        """Of densities (bias, within, between, point)."""
        of_bias, of_within, of_between, of_point = _marginal_densities(density, grids)
        return cls(
            mu=gridded_marginal(points, of_point, limit),
            tau=gridded_marginal(grids.between.t, of_between, limit, grids.between.scale),
            kappa=gridded_marginal(grids.bias.t, of_bias, limit, grids.bias.scale),
            sd_within_study=grids.within.marginal(of_within, limit),
        )

    def largest_move(self, density: Floats, points: Floats, grids: _Grids) -> float:
        """Largest difference of a quantile from those on a coarser grid."""
        of_bias, of_within, of_between, of_point = _marginal_densities(density, grids)
        moves = [
            self.mu.quantiles - gridded_quantiles(points, of_point),
            self.tau.quantiles
            - gridded_quantiles(grids.between.t, of_between, grids.between.scale),
            self.kappa.quantiles - gridded_quantiles(grids.bias.t, of_bias, grids.bias.scale),
        ]
        if self.sd_within_study is not None:
            moves.append(self.sd_within_study.quantiles - grids.within.quantiles(of_within))
        return float(np.abs(moves).max())


def _marginal_densities(density: Floats, grids: _Grids) -> tuple[Floats, ...]:
    """Densities of each axis, (1, node): of its own nodes they lack the trapezium weights."""
    weights = [
        grids.bias.shares,
        grids.within.shares,
        grids.between.shares,
        np.ones(density.shape[3]),
    ]
    names = "bwtp"
    return tuple(
        np.einsum(
            f"{names},{','.join(name for name in names if name != kept)}->{kept}",
            density,
            *(weight for name, weight in zip(names, weights, strict=True) if name != kept),
            optimize=True,
        )[None]
        for kept in names
    )


@dataclass(frozen=True)
class _Movements:
    """Largest change of a quantile when each grid is halved."""

    points: float
    between: float
    bias: float
    within: float

    @classmethod
    def of(
        cls, summary: _Summary, density: Floats, points: Floats, grids: _Grids, limit: float
    ) -> _Movements:
        """Of densities (bias, within, between, point)."""
        between, bias, within = grids.between, grids.bias, grids.within

        def with_grids(between: TauGrid, bias: TauGrid, within: WithinGrid) -> _Grids:
            return _Grids(grids.low, grids.high, grids.points, between, bias, within)

        by_within = 0.0
        if within.size > 1:
            coarser = with_grids(between, bias, within.coarser)
            by_within = summary.largest_move(density[:, ::2], points, coarser)
        return cls(
            points=summary.largest_move(density[..., ::2], points[::2], grids),
            between=summary.largest_move(
                density[:, :, ::2], points, with_grids(between.coarser, bias, within)
            ),
            bias=summary.largest_move(
                density[::2], points, with_grids(between, bias.coarser, within)
            ),
            within=float(error_of_finer(np.array(by_within))),
        )


def _new(density: Floats, points: Floats, grids: _Grids, limit: float) -> Marginal:
    """Effect of a new study that is not at risk of bias."""
    by_spread = _weighted(density, grids).sum(axis=0).reshape(-1, points.size)
    return new_study(points, by_spread, grids.within.spreads(grids.between).ravel(), limit)
