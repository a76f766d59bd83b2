r"""One fit with terms of any kind and coefficients: lattices of the coefficients given both SDs.

At every node of tau, of the SD within studies and of the location of control shares, the posterior
of the coefficients is summed over a lattice that has its centre and its shape
(`livingreview.models.quadrature.lattices`); what is reported of it are linear combinations
(`livingreview.models.quadrature.projections`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from livingreview.effects.design_matrix import DesignMatrix
from livingreview.models.quadrature.heterogeneity import TauGrid, scale_and_end
from livingreview.models.quadrature.lattice_summary import LatticeSummary, mass_by_sd
from livingreview.models.quadrature.lattices import Nodes, box_of_mass, lattice_axes
from livingreview.models.quadrature.linear_terms import LinearTerm
from livingreview.models.quadrature.locations import Likelihoods
from livingreview.models.quadrature.marginals import Floats
from livingreview.models.quadrature.normal import TOLERANCE, RegressionAnswers
from livingreview.models.quadrature.pooled_effect import mass_range, prior_range
from livingreview.models.quadrature.sd_within_study import MOST_NODES_WITHIN, WithinGrid
from livingreview.protocol.models import Priors

# Nodes of tau of the coarse grid, which only locates the posterior, and of the first sum.
LOCATING_NODES = 33
FIRST_NODES = 25
MOST_NODES = 513
# Steps of the tables per standard error of the narrowest study, and over their range at least.
# Between the points of a table, a spline of the log gives the values.
TABLE_STEPS_PER_ERROR = 2.0
TABLE_STEPS = 96
# SDs from the mode that the tables reach at first.
TABLE_REACH = 12.0
# First step of the lattices, in standard deviations, and most points of one.
FIRST_STEP = 0.5
MOST_POINTS = 800_000
# Points of the tables of priors.
PRIOR_POINTS = 401
# Log mass of a node of the SDs, below the top, at which it is left out.
DROP = 25.0


def coefficients(
    likelihoods: Likelihoods, design: DesignMatrix, priors: Priors, limit: float
) -> RegressionAnswers:
    """Integrate one fit, on lattices refined until its quantiles no longer move.

    `likelihoods`: rows in the order of the design's studies.
    """
    model = _Model.of(likelihoods, design, priors)
    scale, end = scale_and_end(priors, model.narrowest)
    start, span = 0.0, model.widest
    within = WithinGrid.first(likelihoods, priors)
    for _ in range(within.rounds):
        grid = TauGrid.over(scale, start, end, LOCATING_NODES)
        sections = model.sections(grid, within, span)
        has_mass = mass_by_sd(sections, within, grid) > 0.0
        start, end = mass_range(grid.t, has_mass.any(axis=0))
        within = within.holding(has_mass.any(axis=1))
        span = model.span(sections, TABLE_REACH)
    size, step = FIRST_NODES, FIRST_STEP
    while True:
        grid = TauGrid.over(scale, start, end, size)
        sections = [nodes.shaped() for nodes in model.sections(grid, within, span)]
        box = box_of_mass(sections)
        low, high = model.span(sections, float(np.abs(box).max()))
        if low < span[0] or high > span[1]:
            span = min(low, span[0]), max(high, span[1])
            continue
        axes = lattice_axes(box, step)
        summary = LatticeSummary.of(sections, design, grid, within, limit)
        answer, by_step, by_node, by_within = summary.over(axes)
        points = np.prod([axis.size for axis in axes]) * 2 ** len(axes)
        finer_step = by_step >= TOLERANCE and points <= MOST_POINTS
        finer_nodes = by_node >= TOLERANCE and size < MOST_NODES
        finer_within = by_within >= TOLERANCE and within.size < MOST_NODES_WITHIN
        if not (finer_step or finer_nodes or finer_within):
            return answer
        step = step / 2 if finer_step else step
        size = 2 * size - 1 if finer_nodes else size
        within = within.finer if finer_within else within


@dataclass(frozen=True)
class _Model:
    """What is integrated.

    Attributes
    ----------
    members : ndarray of bool, shape (kind, study)
        Included studies of each kind: those alike in their moderators.
    columns : ndarray, shape (kind, coefficient)
        The first column is 1, for the pooled effect.
    ranges : ndarray, shape (coefficient, 2)
        All but a negligible share of the prior of each coefficient.
    """

    likelihoods: Likelihoods
    priors: Priors
    members: np.ndarray
    columns: Floats
    ranges: Floats

    @classmethod
    def of(cls, likelihoods: Likelihoods, design: DesignMatrix, priors: Priors) -> _Model:
        """Of the studies of a design."""
        columns = np.column_stack([np.ones(len(design.studies)), design.columns])
        # Without any study, what is left is the prior.
        used = columns[design.included] if design.included.any() else np.eye(1, columns.shape[1])
        kinds = np.unique(used, axis=0)
        members = design.included & (columns == kinds[:, None]).all(axis=2)
        of_beta = [prior_range(priors.beta)] * design.columns.shape[1]
        ranges = np.array([prior_range(priors.mu), *of_beta])
        return cls(likelihoods, priors, members, kinds, ranges)

    @property
    def narrowest(self) -> float:
        """Standard error of the narrowest study."""
        used = self.likelihoods.width[self.members.any(axis=0)]
        return float(used.min()) if used.size else 1.0

    @property
    def widest(self) -> tuple[float, float]:
        """Least and largest expected effect of a study."""
        ends = self.columns[:, :, None] * self.ranges
        return float(ends.min(axis=2).sum(axis=1).min()), float(ends.max(axis=2).sum(axis=1).max())

    def span(self, sections: list[Nodes], reach: float) -> tuple[float, float]:
        """Least and largest expected effect that are possible and within so many SDs of centres."""
        lows, highs = zip(*(nodes.span(self.columns, reach) for nodes in sections), strict=True)
        return max(min(lows), self.widest[0]), min(max(highs), self.widest[1])

    def sections(self, grid: TauGrid, within: WithinGrid, span: tuple[float, float]) -> list[Nodes]:
        """Nodes of the SDs with mass, at each location of control shares.

        `span`: of the expected effects in the tables.
        """
        step = min(self.narrowest / TABLE_STEPS_PER_ERROR, (span[1] - span[0]) / TABLE_STEPS)
        log_prior = within.log_prior(self.priors)[:, None] + grid.log_prior(self.priors)
        of_within, of_tau = np.indices(log_prior.shape).reshape(2, -1)
        possible = np.isfinite(log_prior.ravel())
        of_priors, sections = self._priors(), []
        for rows, weight in within.rows(self.likelihoods).by_location:
            points, sums = rows.sums(self.members, *span, step, grid.tau)
            tables = sums.reshape(len(self.columns), -1, points.size)
            of_kinds = [
                LinearTerm.through(row, points, table[possible])
                for row, table in zip(self.columns, tables, strict=True)
            ]
            log_weight = (weight + log_prior.ravel())[possible]
            places = of_within[possible], of_tau[possible]
            sections.append(Nodes.at_modes((*of_priors, *of_kinds), log_weight, *places))
        top = max(float(nodes.log_mass.max()) for nodes in sections)
        kept = [nodes.only(np.flatnonzero(nodes.log_mass > top - DROP)) for nodes in sections]
        return [nodes for nodes in kept if nodes.log_mass.size]

    def _priors(self) -> list[LinearTerm]:
        """Prior of each coefficient."""
        laws = [self.priors.mu, *[self.priors.beta] * (len(self.ranges) - 1)]
        terms = []
        for row, law, ends in zip(np.eye(len(laws)), laws, self.ranges, strict=True):
            points = np.linspace(float(ends[0]), float(ends[1]), PRIOR_POINTS)
            values = law.distribution.logpdf(points)[None]
            terms.append(LinearTerm.through(row, points, values, falls=True))
        return terms
