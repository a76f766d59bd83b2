r"""Likelihoods at nodes of the location of control shares, which all rows have in common.

Where a ratio's control share is not known, the posterior is an average over the location m of the
control shares (`livingreview.effects.shares`). Nodes are those of Gauss-Hermite quadrature for a
normal law twice as wide as that of m given every share on record: a fit that leaves some of them
out is served as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from livingreview.effects.data_set import Dataset
from livingreview.models.quadrature.marginals import Floats
from livingreview.models.quadrature.nested_likelihoods import NestedLikelihoods, RowsByNode
from livingreview.models.quadrature.study_tables import StudyLikelihoods

NODES = 21
WIDER = 2.0
_POINTS, _WEIGHTS = np.polynomial.hermite_e.hermegauss(NODES)
_LOG_WEIGHTS = np.log(_WEIGHTS) + 0.5 * _POINTS**2

Unlocated = StudyLikelihoods | NestedLikelihoods


@dataclass(frozen=True)
class RowsByLocation:
    """Rows at every node of the location, summed over the nodes for each fit."""

    nodes: tuple[RowsByNode, ...]
    log_weight: Floats

    @property
    def by_location(self) -> list[tuple[RowsByNode, float]]:
        """Rows at each node of the location, and its log weight."""
        return list(zip(self.nodes, map(float, self.log_weight), strict=True))

    def points(self, low: float, high: float, step: float) -> Floats:
        """As `StudyLikelihoods.points`."""
        return self.nodes[0].points(low, high, step)

    def sums(
        self, membership: NDArray[np.bool_], low: float, high: float, step: float, tau: Floats
    ) -> tuple[Floats, Floats]:
        """As `RowsByNode.sums`."""
        points, total = self.nodes[0].sums(membership, low, high, step, tau)
        total += self.log_weight[0]
        for rows, weight in zip(self.nodes[1:], self.log_weight[1:], strict=True):
            values = rows.sums(membership, low, high, step, tau)[1]
            np.logaddexp(total, values + weight, out=total)
        return points, total

    def sums_of_batches(
        self,
        membership: NDArray[np.bool_],
        size: int,
        low: float,
        high: float,
        step: float,
        tau: Floats,
    ) -> Callable[[NDArray[np.bool_]], Floats]:
        """As `RowsByNode.sums_of_batches`."""
        functions = [
            rows.sums_of_batches(membership, size, low, high, step, tau) for rows in self.nodes
        ]

        def sums_of(some: NDArray[np.bool_]) -> Floats:
            total = functions[0](some)
            total += self.log_weight[0]
            for function, weight in zip(functions[1:], self.log_weight[1:], strict=True):
                np.logaddexp(total, function(some) + weight, out=total)
            return total

        return sums_of


@dataclass(frozen=True)
class LocatedLikelihoods:
    """Rows at nodes of the location of control shares.

    Attributes
    ----------
    nodes : tuple of StudyLikelihoods or NestedLikelihoods
        The same rows at each location.
    log_weight : ndarray, shape (node,)
        Of each node: of the quadrature, and the prior.
    """

    nodes: tuple[Unlocated, ...]
    log_weight: Floats

    @classmethod
    def from_readings(cls, readings: Sequence[Dataset], closed: bool = True) -> LocatedLikelihoods:
        """As `StudyLikelihoods.from_readings`."""
        first = next(data for data in readings if data.shares is not None)
        assert first.shares is not None
        shares = first.shares
        centre, sd = shares.location
        m = centre + WIDER * sd * _POINTS
        mean, prior_sd = shares.location_mean[0], shares.location_sd[0]
        prior = -0.5 * ((m - mean) / prior_sd) ** 2 - np.log(prior_sd * np.sqrt(2 * np.pi))
        return cls(
            nodes=_kind_of(readings).at_locations(readings, closed, m),
            log_weight=prior + _LOG_WEIGHTS + np.log(WIDER * sd),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Of the rows."""
        return self.nodes[0].names

    @property
    def width(self) -> Floats:
        """Rough standard error of each row."""
        return self.nodes[0].width

    def only(self, rows: NDArray[np.bool_]) -> LocatedLikelihoods:
        """Some of the rows."""
        return replace(self, nodes=tuple(node.only(rows) for node in self.nodes))


Likelihoods = Unlocated | LocatedLikelihoods


def _kind_of(readings: Sequence[Dataset]) -> type[Unlocated]:
    """By whether any study gives several effects."""
    several = any(data.has_several_effects for data in readings)
    return NestedLikelihoods if several else StudyLikelihoods


def likelihoods_of(readings: Sequence[Dataset], closed: bool = True) -> Likelihoods:
    """Likelihood of each study of several data sets, whatever it reports.

    `closed`: whether estimates keep their closed form; else they are tabulated as well.
    """
    if any(data.shares is not None for data in readings):
        return LocatedLikelihoods.from_readings(readings, closed)
    return _kind_of(readings).from_readings(readings, closed)
