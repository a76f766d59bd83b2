r"""Two outcomes whose study effects are correlated, and the contrast of their pooled effects.

For study i with effects on both outcomes a and b,

.. math:: L_i(m_a, m_b) = \int \phi(g)\, A_i(m_a + \tau_a \sqrt{r} g)\,
              B_i(m_b \pm \tau_b \sqrt{r} g)\, dg, \qquad r = |\rho|,

with :math:`A_i, B_i` its likelihoods on each outcome, blurred by a normal of SD
:math:`\tau \sqrt{1 - r}`: g is what both true effects have in common. So tables of one outcome at a
time serve every correlation, and a study with one outcome has :math:`A_i` blurred by
:math:`\tau_a`. The posterior is a trapezium sum over :math:`m_a, m_b`, over t of each
:math:`\tau = c \sinh t`, and over :math:`z = \mathrm{artanh}\,\rho`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import CubicSpline

from livingreview.effects.data_set import Dataset
from livingreview.effects.refusal import Refusal
from livingreview.models.quadrature.heterogeneity import TauGrid, scale_and_end
from livingreview.models.quadrature.marginals import Floats, Marginal, gridded_marginal
from livingreview.models.quadrature.normal import TOLERANCE
from livingreview.models.quadrature.pooled_effect import mass_range, prior_range
from livingreview.models.quadrature.sd_within_study import error_of_finer
from livingreview.models.quadrature.shared_factors import SharedFactors
from livingreview.models.quadrature.study_tables import StudyLikelihoods
from livingreview.protocol.models import Priors

# Studies beyond which each fit would take minutes; sampling takes seconds for them.
MOST_STUDIES = 60
# Points of a pooled effect, nodes of a heterogeneity, and turns of the correlation: of the coarse
# grid that locates the posterior, twice and uncorrelated; of the first that counts; and the most.
LOCATING, ROUNDS = (33, 33, 1), 2
FIRST = (61, 21, 13)
MOST = (161, 65, 65)
# Share of a marginal density's top below which a grid ends, and of the prior of the correlation.
NEGLIGIBLE, NEGLIGIBLE_TURN = 1e-7, 1e-5


@dataclass(frozen=True)
class Turns:
    """Nodes of the correlation, equally spaced in z = artanh rho.

    Attributes
    ----------
    z : ndarray, shape (turn,)
    shape : float or None
        a of the prior (1 - rho^2)^(a - 1); None where the correlation is known to be 0.
    """

    z: Floats
    shape: float | None

    @classmethod
    def over(cls, shape: float | None, count: int) -> Turns:
        """All but a negligible share of the prior, symmetric around 0; `count` is odd."""
        if shape is None:
            return cls(np.zeros(1), None)
        # 1 - tanh^2(z) falls as 4 exp(-2 z).
        end = -np.log(NEGLIGIBLE_TURN) / (2 * shape) + np.log(2)
        return cls(np.linspace(-end, end, count) if count > 1 else np.zeros(1), shape)

    @property
    def strengths(self) -> Iterator[tuple[float, float, int, tuple[int, ...]]]:
        """Size of rho at each node with its log prior density of z, parity and signs.

        The prior is unnormalised: (1 - rho^2)^a. Nodes of parity 0 make the coarser grid.
        """
        middle = self.z.size // 2
        for i in range(middle + 1):
            z, signs = self.z[middle + i], (1, -1) if i else (1,)
            # log(1 - tanh^2), which loses no digits far out.
            log_prior = -2 * (self.shape or 0.0) * (np.logaddexp(z, -z) - np.log(2))
            yield float(np.tanh(z)), float(log_prior), i % 2, signs


@dataclass(frozen=True)
class TwoOutcomes:
    """Posterior of a fit.

    Attributes
    ----------
    mu, tau : list of Marginal
        Of the first and of the second outcome.
    contrast : Marginal
        Pooled effect of the first less that of the second.
    movement : float
        Error of a quantile, from its change when a grid is halved.
    """

    mu: list[Marginal]
    tau: list[Marginal]
    contrast: Marginal
    movement: float = np.inf

    @property
    def converged(self) -> bool:
        """Whether refining the grids no longer moves a quantile."""
        return self.movement < TOLERANCE

    @property
    def quantiles(self) -> Floats:
        """Of all quantities, shape (quantity, level)."""
        return np.stack([m.quantiles[0] for m in (*self.mu, *self.tau, self.contrast)])


@dataclass(frozen=True, eq=False)
class Evidence:
    """Likelihoods of the studies on two outcomes, and which of them have both.

    As a key, one that was made once is itself only.

    Attributes
    ----------
    sides : tuple of StudyLikelihoods
        Studies of the first and of the second outcome.
    both : tuple of ndarray
        Rows, of either side, of the studies that have both, in the same order.
    """

    sides: tuple[StudyLikelihoods, StudyLikelihoods]
    both: tuple[np.ndarray, np.ndarray]

    @classmethod
    def of(cls, first: Dataset, second: Dataset) -> Evidence:
        """Tabulate one data set for each outcome."""
        for data in (first, second):
            if data.shares is not None:
                raise Refusal("a ratio has a control share that is not known")
        if len(set(first.studies) | set(second.studies)) > MOST_STUDIES:
            raise Refusal(f"of more than {MOST_STUDIES} studies, two outcomes are sampled only")
        sides = tuple(StudyLikelihoods.from_readings([d], closed=False) for d in (first, second))
        names = [name for name in first.studies if name in second.studies]
        rows = tuple(
            np.array([data.studies.index(name) for name in names], dtype=np.int64)
            for data in (first, second)
        )
        return cls((sides[0], sides[1]), (rows[0], rows[1]))

    def alone(self, side: int) -> np.ndarray:
        """Whether each study of an outcome has that one only, shape (row,)."""
        alone = np.ones(self.sides[side].width.size, dtype=bool)
        alone[self.both[side]] = False
        return alone

    @property
    def with_both(self) -> tuple[StudyLikelihoods, StudyLikelihoods]:
        """The studies that have both outcomes, in the same order."""
        first, second = (side.only(rows) for side, rows in zip(self.sides, self.both, strict=True))
        return first, second


@dataclass(frozen=True)
class _Grid:
    """Grids of both pooled effects, with one step, of both heterogeneities, and of the turns."""

    mu: tuple[Floats, Floats]
    tau: tuple[TauGrid, TauGrid]
    turns: Turns


def correlation_shape(lkj: float, outcomes: int) -> float:
    """Shape a of the prior (1 - rho^2)^(a - 1) of one of the correlations of several outcomes.

    What LKJ(eta) over all of them means for two (Lewandowski, Kurowicka and Joe 2009):
    a = eta - 1 + outcomes / 2.
    """
    return lkj - 1 + outcomes / 2


def two_outcomes(
    evidence: Evidence,
    priors: Priors,
    shape: float | None,
    limit: float,
    coarsest: tuple[int, int, int] = FIRST,
    finest: tuple[int, int, int] = MOST,
) -> TwoOutcomes:
    """Integrate one fit, on grids refined until no quantile moves.

    Parameters
    ----------
    shape : float or None
        Of the prior of the correlation; None where it is 0.
    coarsest, finest : tuple of int
        Points, nodes and turns of the first grid and of the most. Where these are one, none is
        refined: a simulated review is answered in a fraction of a second, to three digits.
    """
    narrowest = [float(side.width.min()) for side in evidence.sides]
    scales, ends = zip(*(scale_and_end(priors, width) for width in narrowest), strict=True)
    mu_ranges = [prior_range(priors.mu)] * 2
    t_ranges = [(0.0, end) for end in ends]
    sizes, rounds = LOCATING, ROUNDS
    while True:
        points, nodes, turns = sizes
        step = max(high - low for low, high in mu_ranges) / (points - 1)
        first, second = (_points(low, high, step) for low, high in mu_ranges)
        tau_first, tau_second = (
            TauGrid.over(scale, *ends, nodes) for scale, ends in zip(scales, t_ranges, strict=True)
        )
        grid = _Grid((first, second), (tau_first, tau_second), Turns.over(shape, turns))
        density = _density(evidence, priors, grid)
        if rounds:
            mu_ranges = [_held(grid.mu[i], density.of_mu(i)) for i in range(2)]
            t_ranges = [_held(grid.tau[i].t, density.of_t(i)) for i in range(2)]
            rounds -= 1
            sizes = sizes if rounds else coarsest
            continue
        result = density.summary(limit)
        moved = [
            float(np.abs(result.quantiles - coarser.summary(limit).quantiles).max())
            for coarser in density.coarser
        ]
        # Halving a step squares the error of a trapezium sum of a smooth function, or does better.
        errors = error_of_finer(np.array(moved))
        finer = (errors >= TOLERANCE) & (np.array(sizes) < finest)
        if not finer.any():
            return replace(result, movement=float(errors.max()))
        sizes = tuple(np.where(finer, 2 * np.array(sizes) - 1, sizes))


def _points(low: float, high: float, step: float) -> Floats:
    """Equally spaced points over a range, an odd number: every second one has the same ends."""
    return low + step * np.arange(2 * int(np.ceil((high - low) / step / 2)) + 1, dtype=np.float64)


def _held(points: Floats, density: Floats) -> tuple[float, float]:
    """Range that holds the mass of a marginal density."""
    low, high = mass_range(points, density > NEGLIGIBLE * density.max())
    return low, high


@dataclass(frozen=True)
class _Density:
    """Posterior on a grid, summed over others of its dimensions.

    Attributes
    ----------
    of_tau : ndarray, shape (parity, first t, second t)
        Summed over both pooled effects. Turns of parity 0 are those of a coarser grid.
    of_pooled, of_coarser : ndarray, shape (parity, first mu, second mu)
        Summed over both heterogeneities: over all nodes, and over every second of each.
    """

    grid: _Grid
    of_tau: Floats
    of_pooled: Floats
    of_coarser: Floats

    def of_mu(self, side: int) -> Floats:
        """Marginal density of a pooled effect."""
        return self.of_pooled.sum(axis=(0, 2 - side))

    def of_t(self, side: int) -> Floats:
        """Marginal density of t of a heterogeneity."""
        other = self.grid.tau[1 - side].shares
        return np.tensordot(self.of_tau.sum(axis=0), other, axes=(1 - side, 0))

    @property
    def coarser(self) -> Iterator[_Density]:
        """The same from every second point, from every second node, and every second turn."""
        grid = self.grid
        mu = grid.mu[0][::2], grid.mu[1][::2]
        yield replace(self, grid=replace(grid, mu=mu), of_pooled=self.of_pooled[:, ::2, ::2])
        tau = grid.tau[0].coarser, grid.tau[1].coarser
        yield replace(
            self,
            grid=replace(grid, tau=tau),
            of_tau=self.of_tau[:, ::2, ::2],
            of_pooled=self.of_coarser,
        )
        yield replace(self, of_tau=self.of_tau[:1], of_pooled=self.of_pooled[:1])

    def summary(self, limit: float) -> TwoOutcomes:
        """Marginals of every quantity."""
        first, second = self.grid.mu
        pooled = self.of_pooled.sum(axis=0)
        # Both grids have one step, so differences lie on a grid as well.
        of_contrast = np.zeros(first.size + second.size - 1)
        for j in range(second.size):
            of_contrast[second.size - 1 - j :][: first.size] += pooled[:, j]
        step = first[1] - first[0]
        contrast = first[0] - second[-1] + step * np.arange(of_contrast.size)
        return TwoOutcomes(
            mu=[gridded_marginal(self.grid.mu[i], self.of_mu(i)[None], limit) for i in range(2)],
            tau=[
                gridded_marginal(tau.t, self.of_t(i)[None], limit, tau.scale)
                for i, tau in enumerate(self.grid.tau)
            ],
            contrast=gridded_marginal(contrast, of_contrast[None], limit),
        )


def _density(evidence: Evidence, priors: Priors, grid: _Grid) -> _Density:
    """Sum the posterior over every node of both heterogeneities and of the correlation."""
    # Of each outcome alone, shape (t, mu).
    own = [
        _alone(evidence, i, grid)
        + priors.mu.distribution.logpdf(grid.mu[i])
        + grid.tau[i].log_prior(priors)[:, None]
        for i in range(2)
    ]
    shares = [tau.shares for tau in grid.tau]
    of_tau = np.zeros((2, *(s.size for s in shares)))
    # Over all nodes, and over every second.
    of_pooled = np.zeros((2, 2, *(m.size for m in grid.mu)))
    even = [np.where(np.arange(s.size) % 2, 0.0, s) for s in shares]
    weights = [np.stack(of_side) for of_side in zip(shares, even, strict=True)]
    nodes, top = (grid.tau[0].tau, grid.tau[1].tau), -np.inf
    for strength, log_prior, parity, signs in grid.turns.strengths:
        factors = SharedFactors.at(evidence.with_both, grid.mu, nodes, (own[0], own[1]), strength)
        for j in range(shares[0].size):
            for block in factors.blocks(j, top - log_prior):
                density, log_unit = factors.density(block, signs)
                log_unit += log_prior
                if (higher := float(log_unit.max())) > top:
                    # What was summed before was over the exponential of a lower top.
                    for sums in (of_tau, of_pooled):
                        sums *= np.exp(top - higher)
                    top = higher
                if top == -np.inf:
                    continue
                unit = np.exp(log_unit - top)
                of_tau[parity, j, block.nodes] += unit * density.sum(axis=1)
                of_block = (weights[0][:, j, None] * weights[1][:, block.nodes] * unit) @ density
                of_pooled[:, parity, *block.mu] += of_block.reshape(2, *block.shape)
    if not of_tau.any():
        raise Refusal("the studies contradict each other beyond what numbers can hold")
    return _Density(grid, of_tau, *of_pooled)


def _alone(evidence: Evidence, side: int, grid: _Grid) -> Floats:
    """Log likelihood of the studies that have one outcome only, shape (t, mu)."""
    rows = evidence.alone(side)
    mu, tau = grid.mu[side], grid.tau[side].tau
    if not rows.any():
        return np.zeros((tau.size, mu.size))
    likelihoods = evidence.sides[side].only(rows)
    points, sums = likelihoods.sums(np.ones((1, rows.sum()), dtype=bool), *_span(mu), tau)
    return CubicSpline(points, sums[0], axis=1)(np.clip(mu, points[0], points[-1]))


def _span(mu: Floats) -> tuple[float, float, float]:
    """Range and step of the tables behind a grid of pooled effects."""
    return float(mu[0]), float(mu[-1]), float(mu[1] - mu[0]) / 2
