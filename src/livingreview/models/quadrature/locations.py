r"""Likelihoods at nodes of the location of control shares, which all rows have in common.

Where a ratio's control share is not known, the posterior is an average over the location m of the
control shares (`livingreview.effects.shares`). The average is a trapezium sum in u, where m moves
with u by as much as the law of m and of the ratios given m is wide: little where shares on record
put it, so that a fit with all of them is served, and more away from there, as far as the prior
goes, so that a fit which leaves some or all of them out is served as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import cumulative_trapezoid

from livingreview.effects.data_set import Dataset
from livingreview.effects.refusal import Refusal
from livingreview.effects.shares import ControlShares
from livingreview.models.quadrature.marginals import Floats
from livingreview.models.quadrature.nested_likelihoods import NestedLikelihoods, RowsByNode
from livingreview.models.quadrature.study_tables import StudyLikelihoods

# Steps between nodes, in spreads of control logits around the location, and in distances from the
# middle of what shares on record say of it, which counts as two of its standard deviations.
STEP_OF_SPREAD, STEP_OF_DISTANCE = 0.75, 0.25
# Nodes reach so many standard deviations of the prior.
REACH = 5.5
# Points at which the length of a step is integrated.
FINE_POINTS = 4001

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
        self,
        membership: NDArray[np.bool_ | np.int64],
        low: float,
        high: float,
        step: float,
        tau: Floats,
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
        membership: NDArray[np.bool_ | np.int64],
        size: int,
        low: float,
        high: float,
        step: float,
        tau: Floats,
    ) -> Callable[[NDArray[np.bool_ | np.int64]], Floats]:
        """As `RowsByNode.sums_of_batches`."""
        functions = [
            rows.sums_of_batches(membership, size, low, high, step, tau) for rows in self.nodes
        ]

        def sums_of(some: NDArray[np.bool_ | np.int64]) -> Floats:
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
        m, log_length = location_nodes(shares)
        mean, prior_sd = shares.location_mean[0], shares.location_sd[0]
        prior = -0.5 * ((m - mean) / prior_sd) ** 2 - np.log(prior_sd * np.sqrt(2 * np.pi))
        return cls(
            nodes=_kind_of(readings).at_locations(readings, closed, m),
            log_weight=prior + log_length,
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


def location_nodes(shares: ControlShares) -> tuple[Floats, Floats]:
    """Nodes of the location of control shares of a single outcome.

    Returns
    -------
    m, log_length : ndarray, shape (node,)
        Locations, and the log length of the range that each stands for.
    """
    centre, sd = shares.location
    mean, reach = shares.location_mean[0], REACH * shares.location_sd[0]
    fine = np.linspace(mean - reach, mean + reach, FINE_POINTS)
    length = (STEP_OF_SPREAD * shares.spread[0]) ** -2.0
    length = (length + 1 / (STEP_OF_DISTANCE**2 * (4 * sd**2 + (fine - centre) ** 2))) ** -0.5
    u = cumulative_trapezoid(1 / length, fine, initial=0.0)
    of_nodes = np.linspace(0.0, u[-1], int(np.ceil(u[-1])) + 1)
    m, lengths = np.interp(of_nodes, u, fine), np.interp(of_nodes, u, length)
    return m, np.log(lengths * of_nodes[1])


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


def with_estimates(likelihoods: Likelihoods, value: Floats, error: Floats) -> Likelihoods:
    """Rows, and after them estimates of new studies, each shape (estimate,).

    Refuses where a study gives several effects.
    """
    if isinstance(likelihoods, LocatedLikelihoods):
        nodes = tuple(_with_estimates(node, value, error) for node in likelihoods.nodes)
        return replace(likelihoods, nodes=nodes)
    return _with_estimates(likelihoods, value, error)


def _with_estimates(likelihoods: Unlocated, value: Floats, error: Floats) -> StudyLikelihoods:
    if isinstance(likelihoods, NestedLikelihoods):
        raise Refusal("a study gives several effects on the outcome")
    return likelihoods.with_estimates(value, error)
