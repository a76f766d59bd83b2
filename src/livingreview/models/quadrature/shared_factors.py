r"""Likelihoods of the studies with two outcomes, summed over what both effects of a study share.

.. math:: L_i(m_a, m_b) = \sum_g w_g A_i(m_a + \tau_a \sqrt{r} g)\, B_i(m_b \pm \tau_b \sqrt{r} g)

is a product of two matrices for each study and pair of heterogeneities. Most pairs of pooled
effects have no mass there, and are left out by bounds that cost little (Hölder's inequality):

.. math:: L_i \le \left(\sum_g w_g A_i^p\right)^{1/p} \left(\sum_g w_g B_i^q\right)^{1/q},
    \qquad 1/p + 1/q = 1
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from livingreview.effects.refusal import Refusal
from livingreview.models.quadrature.marginals import Floats
from livingreview.models.quadrature.study_tables import StudyLikelihoods

# Shared deviations beyond which nothing is summed, and the step in units of the narrowest factor of
# the integrand: a trapezium sum of a normal with steps of 1.25 SD is exact to five digits.
REACH, STEPS = 6.0, 1.25
# Where less resolution is needed, up to so many steps are taken at once: a power of 2.
MOST_STRIDE = 8
# Steps on either side beyond which studies are too precise, beside their heterogeneity, for this.
MOST_STEPS = 400
# Log density, below the largest so far, under which nothing is summed: a share of 1e-13.
DROP = 30.0
# Exponents of the bounds: p of the first outcome, and q of the second.
EXPONENTS = ((1.0, 2.0, np.inf), (np.inf, 2.0, 1.0))
# Nodes of the second heterogeneity that have their boxes in common, and studies whose product
# cannot become too small a number.
MOST_NODES, MOST_FACTORS = 8, 8

# Of the first and of the second outcome.
type Pair[T] = tuple[T, T]


@dataclass(frozen=True)
class Block:
    """Nodes and points that are summed at once.

    Attributes
    ----------
    node : int
        Of the first heterogeneity.
    nodes : slice
        Of the second.
    mu : tuple of slice
        Points of both pooled effects.
    stride : int
        Steps of g that are taken at once.
    """

    node: int
    nodes: slice
    mu: Pair[slice]
    stride: int

    @property
    def shape(self) -> Pair[int]:
        """Points of both pooled effects."""
        first, second = (points.stop - points.start for points in self.mu)
        return first, second


@dataclass(frozen=True)
class _Side:
    """Studies on one outcome at every value of what their effects share.

    Attributes
    ----------
    tables : ndarray, shape (study, t, g, mu)
        Likelihoods, each over its largest at its node.
    own : ndarray, shape (t, mu)
        Prior and studies with this outcome only, over the largest at its node.
    log_unit : ndarray, shape (t,)
        Log of what all of these are over.
    bounds, highest : ndarray, shapes (bound, t, mu) and (bound, t)
        Logs of what all of these contribute at most, by the exponents of the bounds.
    precision : ndarray, shape (t,)
        Of the sharpest likelihood of a study, in units of g.
    """

    tables: Floats
    own: Floats
    log_unit: Floats
    bounds: Floats
    highest: Floats
    precision: Floats

    @classmethod
    def of(
        cls,
        log_tables: Floats,
        log_own: Floats,
        weight: Floats,
        exponents: tuple[float, ...],
        precision: Floats,
    ) -> _Side:
        """From logs, each table and `log_own` over anything."""
        of_tables = log_tables.max(axis=(2, 3), keepdims=True)
        of_own = log_own.max(axis=1, keepdims=True)
        tables = np.exp(log_tables - of_tables)
        log_unit = of_tables.sum(axis=0)[:, 0] + of_own
        log_own = log_own - of_own
        bounds = np.stack([_log_means(tables, weight, p) for p in exponents]) + log_own + log_unit
        highest = bounds.max(axis=2)
        return cls(tables, np.exp(log_own), log_unit[:, 0], bounds, highest, precision)


@dataclass(frozen=True)
class SharedFactors:
    """At one strength r of the correlation, for either sign of it.

    Attributes
    ----------
    sides : tuple of _Side
        Of the first and of the second outcome.
    step : float
        Of g.
    weight : ndarray, shape (g,)
        The normal density at each g, times the step; symmetric around 0.
    """

    sides: Pair[_Side]
    step: float
    weight: Floats

    @classmethod
    def at(
        cls,
        studies: Pair[StudyLikelihoods],
        mu: Pair[Floats],
        tau: Pair[Floats],
        log_own: Pair[Floats],
        strength: float,
    ) -> SharedFactors:
        """Tabulate them at one strength.

        Parameters
        ----------
        studies : tuple of StudyLikelihoods
            The same studies on either outcome, in the same order.
        mu, tau : tuple of ndarray
            Points and nodes of either outcome.
        log_own : tuple of ndarray, shape (t, mu)
            Log of the prior and of the studies that have one outcome only.
        """
        first, second = (
            (of_side * np.sqrt(strength) / side.width.min(initial=np.inf)) ** 2
            for of_side, side in zip(tau, studies, strict=True)
        )
        finest = STEPS / np.sqrt(1 + first[-1] + second[-1])
        count = MOST_STRIDE * int(np.ceil(REACH / finest / MOST_STRIDE))
        if count > MOST_STEPS:
            raise Refusal("the studies are too precise for tables of what their effects share")
        g = np.linspace(-REACH, REACH, 2 * count + 1) if strength else np.zeros(1)
        step = REACH / count if strength else np.sqrt(2 * np.pi)
        weight = step * np.exp(-0.5 * g**2) / np.sqrt(2 * np.pi)
        sides = [
            _Side.of(_moved(of_side, m, sd, strength, g), own, weight, exponents, precision)
            for of_side, m, sd, own, exponents, precision in zip(
                studies, mu, tau, log_own, EXPONENTS, (first, second), strict=True
            )
        ]
        return cls((sides[0], sides[1]), step, weight)

    def blocks(self, node: int, top: float) -> Iterator[Block]:
        """What is not negligible at one node of the first heterogeneity.

        `top`: log of the largest density so far.
        """
        first, second = self.sides
        strides, least = self._strides(node), top - DROP
        possible = (first.highest[:, node, None] + second.highest > least).all(axis=0)
        for stride in np.unique(strides[possible]):
            of_stride = np.flatnonzero(possible & (strides == stride))
            for start in range(0, of_stride.size, MOST_NODES):
                part = of_stride[start : start + MOST_NODES]
                nodes = slice(int(part[0]), int(part[-1]) + 1)
                others = second.highest[:, nodes].max(axis=1)
                ours = _ends(first.bounds[:, node] > least - others[:, None])
                theirs = second.bounds[:, nodes].max(axis=1) > least - first.highest[:, node, None]
                if ours and (of_second := _ends(theirs)):
                    yield Block(node, nodes, (ours, of_second), int(stride))

    def density(self, block: Block, signs: tuple[int, ...]) -> tuple[Floats, Floats]:
        """Density over a block, summed over signs of the correlation, and the log of its unit.

        Shapes (node, pair of points) and (node,). The largest of each node is 1, or all are 0.
        """
        (first, second), node, stride = self.sides, block.node, block.stride
        of_first, of_second = block.mu
        weight = stride * self.weight[::stride]
        ours = first.tables[:, node, ::stride, of_first] * weight[:, None]
        # Shape (study, sign, first mu, g).
        ours = np.stack([ours[:, ::sign] for sign in signs], axis=1).swapaxes(2, 3)
        others = second.tables[:, block.nodes, ::stride, of_second]
        own = first.own[node, of_first, None] * second.own[block.nodes, None, of_second]
        log_unit = first.log_unit[node] + second.log_unit[block.nodes]
        density = np.repeat(own[:, None], len(signs), axis=1)
        for i, (one, other) in enumerate(zip(ours, others, strict=True)):
            density *= one @ other[:, None]
            if i % MOST_FACTORS == MOST_FACTORS - 1:
                log_unit = log_unit + _divided_by_largest(density)
        density = density.sum(axis=1)
        log_unit = log_unit + _divided_by_largest(density)
        return density.reshape(log_unit.size, -1), log_unit

    def _strides(self, node: int) -> NDArray[np.int64]:
        """How many steps of g are enough for one, at each node of the second heterogeneity."""
        first, second = self.sides
        if self.weight.size == 1:
            return np.ones(second.precision.size, dtype=np.int64)
        enough = STEPS / np.sqrt(1 + first.precision[node] + second.precision)
        strides = 2 ** np.floor(np.log2(enough / self.step * (1 + 1e-9)))
        return np.clip(strides, 1, MOST_STRIDE).astype(np.int64)


def _divided_by_largest(density: Floats) -> Floats:
    """Log of the largest density of each node, by which the others are divided in place."""
    highest = density.reshape(len(density), -1).max(axis=1)
    density /= np.where(highest > 0, highest, 1.0).reshape(-1, *[1] * (density.ndim - 1))
    with np.errstate(divide="ignore"):
        log_highest: Floats = np.log(highest)
    return log_highest


def _ends(possible: NDArray[np.bool_]) -> slice | None:
    """From the first to the last point that is possible by every bound, (bound, point)."""
    at = np.flatnonzero(possible.all(axis=0))
    return slice(int(at[0]), int(at[-1]) + 1) if at.size else None


def _log_means(tables: Floats, weight: Floats, exponent: float) -> Floats:
    """Logs of means over g, of a power of each table, summed over the studies, (t, mu)."""
    if np.isinf(exponent):
        means = tables.max(axis=2)
    else:
        means = (weight @ tables**exponent) ** (1 / exponent)
    with np.errstate(divide="ignore"):
        logs: Floats = np.log(means).sum(axis=0)
    return logs


def _moved(
    likelihoods: StudyLikelihoods, mu: Floats, tau: Floats, strength: float, g: Floats
) -> Floats:
    """Log likelihoods at mu + tau sqrt(r) g, blurred by tau sqrt(1 - r), (study, t, g, mu)."""
    own, shared = tau * np.sqrt(1 - strength), tau * np.sqrt(strength)
    reach = shared[-1] * g[-1]
    step = float(likelihoods.width.min()) / 2
    points, tables = likelihoods.tables(mu[0] - reach, mu[-1] + reach, step, own)
    moved = np.empty((len(tables), tau.size, g.size, mu.size))
    for j, sd in enumerate(shared):
        at = np.clip(mu + sd * g[:, None], points[0], points[-1])
        moved[:, j] = CubicSpline(points, tables[:, j], axis=1)(at)
    return moved
