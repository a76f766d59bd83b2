r"""Likelihoods of studies some of which give several effects, at any SD within studies.

The effects of a study are :math:`\theta_{ij} \sim N(t_i, \omega^2)`, and :math:`\omega` is shared
by all studies: given it, each has a table over its own level :math:`t_i`, and everything is as
with one effect a study. So a posterior is a sum over nodes of :math:`\omega`, and tables made once
for a node serve every fit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, fields, replace
from itertools import compress

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, eye_array, kron

from livingreview.effects.data_set import Dataset
from livingreview.effects.refusal import Refusal
from livingreview.models.quadrature.blur import Points, blurred
from livingreview.models.quadrature.heterogeneity import TauGrid
from livingreview.models.quadrature.marginals import Floats
from livingreview.models.quadrature.study_level import StudyLevel
from livingreview.models.quadrature.study_tables import (
    BLOCK,
    MOST_NUMBERS,
    StudyLikelihoods,
    edge_of,
)

# Steps of theta per standard error of the narrowest study: the trapezium sums of its blurs, with a
# kernel of a step at least, are exact to seven digits.
STEPS_PER_ERROR = 2.5
# Gauss-Hermite nodes of kernels that are narrower than a step, and so than every likelihood.
NODES = 7
# If fits differ from the most common choice of rows in less than this share of entries, only the
# differences are multiplied (a sparse product).
FEW = 0.02
# Largest scale below which the grid of the SD within studies is linear.
LARGEST_SCALE = 0.25


@dataclass(frozen=True)
class RowsByNode:
    """Rows at every node of what all of them share, and log factors that each node brings.

    Attributes
    ----------
    likelihoods : StudyLikelihoods
        Rows of the first study at each node, then those of the second, and so on.
    constant : ndarray, shape (row, node)
    """

    likelihoods: StudyLikelihoods
    constant: Floats

    @classmethod
    def of_one_node(cls, likelihoods: StudyLikelihoods) -> RowsByNode:
        """Rows that share nothing but the pooled effect and the heterogeneity."""
        return cls(likelihoods, np.zeros((likelihoods.width.size, 1)))

    @property
    def by_location(self) -> list[tuple[RowsByNode, float]]:
        """Rows at each location of control shares, and its log weight: there is none to vary."""
        return [(self, 0.0)]

    def points(self, low: float, high: float, step: float) -> Floats:
        """As `StudyLikelihoods.points`."""
        return self.likelihoods.points(low, high, step)

    def sums_of_batches(
        self,
        membership: NDArray[np.bool_],
        size: int,
        low: float,
        high: float,
        step: float,
        tau: Floats,
    ) -> Callable[[NDArray[np.bool_]], Floats]:
        """What sums tables of the rows of many fits, in batches of at most `size` of them.

        `membership`: of all fits. The function takes that of some, and gives sums of shape
        (fit, node x tau x point) that the next call overwrites.
        """
        tables = self.tables(low, high, step, tau)[1]
        flat = tables.reshape(len(tables), -1)
        typical = membership.mean(axis=0) > 0.5
        of_typical = typical.astype(float) @ flat
        # All batches share one buffer: allocating memory costs far more than the product.
        buffer = np.empty((size, flat.shape[1]))

        def sums_of(some: NDArray[np.bool_]) -> Floats:
            of_fits = some.astype(float)
            total = buffer[: len(of_fits)]
            # 1 for a row that the most common choice does not have, -1 for one that it has.
            apart = csr_array(of_fits - typical)
            if apart.nnz < FEW * of_fits.size:
                # Such as all studies but one.
                total[:] = apart @ flat
                total += of_typical
            else:
                np.matmul(of_fits, flat, out=total)
            return total

        return sums_of

    def tables(self, low: float, high: float, step: float, tau: Floats) -> tuple[Floats, Floats]:
        """As `StudyLikelihoods.tables`, with values of shape (row, node, tau, point)."""
        points, values = self.likelihoods.tables(low, high, step, tau)
        values = values.reshape(*self.constant.shape, tau.size, points.size)
        if self.constant.any():
            values += self.constant[..., None, None]
        return points, values

    def sums(
        self, membership: NDArray[np.bool_], low: float, high: float, step: float, tau: Floats
    ) -> tuple[Floats, Floats]:
        """As `StudyLikelihoods.sums`, with values of shape (fit, node, tau, point)."""
        nodes = self.constant.shape[1]
        of_nodes: NDArray[np.bool_] | csr_array = membership
        if nodes > 1:
            of_nodes = csr_array(kron(csr_array(membership), eye_array(nodes, dtype=bool)))
        points, values = self.likelihoods.sums(of_nodes, low, high, step, tau)
        values = values.reshape(len(membership), nodes, tau.size, points.size)
        if self.constant.any():
            values += (membership.astype(float) @ self.constant)[..., None, None]
        return points, values


@dataclass(frozen=True)
class _AtNode:
    """Rows at one SD within studies; fields as in `StudyLikelihoods`, and the log constants."""

    log_likelihood: Floats
    value: Floats
    error: Floats
    constant: Floats


class _Tables:
    """Evidence of all rows, and what has been tabulated of it."""

    def __init__(self, levels: list[StudyLevel], closed: bool, theta: Floats | None = None) -> None:
        """`theta`: where it is not to follow from the levels."""
        self.levels = levels
        self.width = np.array([level.width for level in levels])
        self.closed = np.array([closed and level.is_closed for level in levels])
        open_levels = [level for level, shut in zip(levels, self.closed, strict=True) if not shut]
        if theta is None:
            narrowest = min((level.narrowest for level in open_levels), default=1.0)
            estimates = [(level.effects.value, level.effects.error) for level in open_levels]
            edge = edge_of(*np.concatenate([np.zeros((2, 0)), *estimates], axis=1))
            half = max(300, int(np.ceil(edge * STEPS_PER_ERROR / narrowest)))
            theta = np.linspace(-edge, edge, 2 * half + 1)
        self.theta = theta
        rows = sum(level.effects.row_widths.size * level.shared.common.size for level in levels)
        if rows * self.theta.size > MOST_NUMBERS:
            raise Refusal("the effects are too many and too precise for tables of their likelihood")
        self._open_levels = open_levels
        self._of_effects: list[Floats] = []
        self._share_constants = np.zeros(len(levels))
        self._at: dict[float, _AtNode] = {}

    def filled(self, locations: Floats | None, constants: Floats) -> list[_Tables]:
        """Tables at each location of control shares; once, where nothing hangs on one.

        `constants`: log densities of the studies' control shares, shape (location, study).
        """
        of_levels = [
            level.effects.tables(self.theta, level.shared, locations) for level in self._open_levels
        ]
        filled = []
        for k, share_constants in enumerate(constants):
            tables = copy(self)
            tables._at = {}
            tables._of_effects = [of_level[k] for of_level in of_levels]
            tables._share_constants = share_constants
            filled.append(tables)
        return filled

    @property
    def tabulated_effects(self) -> NDArray[np.int64]:
        """Places of the tables' effects in the data set of their level."""
        of_levels = (level.effects.row_effects for level in self._open_levels)
        return np.concatenate([np.zeros(0, dtype=np.int64), *of_levels])

    def weighted(self, log_weight: Floats) -> _Tables:
        """The same with the tables of effects weighted, shape (effect of the data set, point)."""
        weighted = copy(self)
        weighted._at = {}
        weighted._of_effects = [
            tables + log_weight[level.effects.row_effects][:, None]
            for level, tables in zip(self._open_levels, self._of_effects, strict=True)
        ]
        return weighted

    def at(self, sd: float) -> _AtNode:
        """Rows at one SD within studies."""
        if sd not in self._at:
            self._at[sd] = self._tabulated(sd)
        return self._at[sd]

    def _tabulated(self, sd: float) -> _AtNode:
        size = len(self.levels)
        value, error = np.full((2, size), np.nan)
        constant = np.zeros(size)
        for row in np.flatnonzero(self.closed):
            estimate = self.levels[row].collapsed(sd)
            value[row], error[row] = estimate.value, estimate.error
            constant[row] = estimate.constant
        log_likelihood = np.zeros((size, self.theta.size))
        of_levels = zip(self._open_levels, self._blurred(sd), strict=True)
        for row, (level, tables) in zip(np.flatnonzero(~self.closed), of_levels, strict=True):
            log_likelihood[row] = level.combined(self.theta, tables, sd)
        log_likelihood += self._share_constants[:, None]
        return _AtNode(log_likelihood, value, error, constant)

    def _blurred(self, sd: float) -> list[Floats]:
        """Tables of the effects of each row, blurred by an SD."""
        if not self._open_levels or sd == 0.0:
            return self._of_effects
        shapes = [tables.shape for tables in self._of_effects]
        flat = np.concatenate([tables.reshape(-1, self.theta.size) for tables in self._of_effects])
        widths = np.concatenate(
            [
                np.repeat(level.effects.row_widths * level.shared.kept, tables.shape[1])
                for level, tables in zip(self._open_levels, self._of_effects, strict=True)
            ]
        )
        # Neighbours in width need the same resolution.
        order = np.argsort(widths, kind="stable")
        everywhere, size = Points.all_of(self.theta), max(1, BLOCK // self.theta.size)
        result = np.empty_like(flat)
        for first in range(0, order.size, size):
            block = order[first : first + size]
            finest = float(widths[block].min()) / STEPS_PER_ERROR
            [result[block]] = blurred(
                self.theta, flat[block], everywhere, np.array([sd]), finest, NODES
            )
        ends = np.cumsum([effects * nodes for effects, nodes, _ in shapes])
        return [
            part.reshape(shape)
            for part, shape in zip(np.split(result, ends[:-1]), shapes, strict=True)
        ]


@dataclass(frozen=True)
class _WithOthers:
    """Tables in which others, of as many rows on the same grid, stand in the place of some rows."""

    tables: _Tables | _WithOthers
    rows: NDArray[np.int64]
    others: Callable[[float], _AtNode]

    @property
    def theta(self) -> Floats:
        """As of all rows."""
        return self.tables.theta

    def at(self, sd: float) -> _AtNode:
        """Rows at one SD within studies."""
        node, others = self.tables.at(sd), self.others(sd)
        replaced = []
        for field in fields(_AtNode):
            values = getattr(node, field.name).copy()
            values[self.rows] = getattr(others, field.name)
            replaced.append(values)
        return _AtNode(*replaced)


@dataclass(frozen=True)
class NestedLikelihoods:
    """Rows as in `StudyLikelihoods`, each a study with any number of effects.

    Attributes
    ----------
    width : ndarray, shape (row,)
        Rough standard error of each row.
    scale : float
        Below it, the grid of the SD within studies is linear.
    """

    names: tuple[str, ...]
    width: Floats
    scale: float
    _tables: _Tables | _WithOthers
    _rows: NDArray[np.int64]

    @classmethod
    def from_readings(cls, readings: Sequence[Dataset], closed: bool = True) -> NestedLikelihoods:
        """As `StudyLikelihoods.from_readings`."""
        return cls.at_locations(readings, closed, None)[0]

    @classmethod
    def at_locations(
        cls, readings: Sequence[Dataset], closed: bool, locations: Floats | None
    ) -> tuple[NestedLikelihoods, ...]:
        """As `StudyLikelihoods.at_locations`."""
        names = tuple(name for data in readings for name in data.studies)
        rows = np.arange(len(names))
        constants = np.zeros((1, rows.size))
        if locations is not None:
            of_studies = [data.share_constants_of_studies(locations) for data in readings]
            constants = np.concatenate(of_studies, axis=1)
        empty = _Tables([level for data in readings for level in StudyLevel.of_all(data)], closed)
        return tuple(
            cls(names, tables.width, scale_of(tables.width), tables, rows)
            for tables in empty.filled(locations, constants)
        )

    def only(self, rows: NDArray[np.bool_]) -> NestedLikelihoods:
        """Some of the rows, with the same tables."""
        return replace(
            self,
            names=tuple(compress(self.names, rows)),
            width=self.width[rows],
            _rows=self._rows[rows],
        )

    def reordered(self, order: NDArray[np.int64]) -> NestedLikelihoods:
        """The rows in another order."""
        names = tuple(self.names[i] for i in order)
        return replace(self, names=names, width=self.width[order], _rows=self._rows[order])

    def with_function(self, row: int, log_function: Floats) -> NestedLikelihoods:
        """The same with a function of one effect, shape (point,), in the place of a row."""
        finest, nothing = float(self.width[row]) / STEPS_PER_ERROR, np.full(1, np.nan)

        def at(sd: float) -> _AtNode:
            everywhere, sds = Points.all_of(self.theta), np.array([sd])
            [table] = blurred(self.theta, log_function[None], everywhere, sds, finest)
            return _AtNode(table, nothing, nothing, np.zeros(1))

        return replace(self, _tables=_WithOthers(self._tables, self._rows[[row]], at))

    def with_statement_law(self, data: Dataset) -> NestedLikelihoods:
        """The rows of a single data set by another law of its exact statements.

        `data`: by that law. No grid hangs on the law, so only studies that report such statements
        are tabulated again.
        """
        rows = np.unique(data.effect_study[data.exact_statements])
        levels = StudyLevel.of_all(data)
        empty = _Tables([levels[row] for row in rows], closed=False, theta=self.theta)
        [others] = empty.filled(None, np.zeros((1, rows.size)))
        return replace(self, _tables=_WithOthers(self._tables, rows, others.at))

    @property
    def theta(self) -> Floats:
        """Equally spaced levels of a study, shape (point,)."""
        return self._tables.theta

    @property
    def tabulated_effects(self) -> NDArray[np.int64]:
        """Effects of a single data set whose tables `weighted` weights."""
        assert isinstance(self._tables, _Tables)
        return self._tables.tabulated_effects

    def weighted(self, log_weight: Floats) -> NestedLikelihoods:
        """The rows of a single data set, with the tables of their effects weighted.

        `log_weight`: shape (effect, point).
        """
        assert isinstance(self._tables, _Tables)
        return replace(self, _tables=self._tables.weighted(log_weight))

    def at(self, within: TauGrid) -> RowsByNode:
        """Rows at each SD within studies."""
        nodes = [self._tables.at(float(sd)) for sd in within.tau]

        def stacked(name: str) -> Floats:
            values = np.stack([getattr(node, name)[self._rows] for node in nodes], axis=1)
            return values.reshape(-1, *values.shape[2:])

        likelihoods = StudyLikelihoods(
            names=tuple(np.repeat(self.names, len(nodes))),
            theta=self._tables.theta,
            log_likelihood=stacked("log_likelihood"),
            value=stacked("value"),
            error=stacked("error"),
            width=np.repeat(self.width, len(nodes)),
        )
        return RowsByNode(likelihoods, stacked("constant").reshape(len(self.names), -1))


def scale_of(width: Floats) -> float:
    """Scale below which a grid of the SD within studies is linear, from rough standard errors."""
    return min(LARGEST_SCALE, float(width.min()) / 2)
