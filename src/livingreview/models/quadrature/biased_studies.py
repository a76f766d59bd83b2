r"""Study tables where the reports of some studies are biased.

.. math:: L_i(m, \tau) = \int N(\theta; m + \delta_i, \tau^2 + \kappa_i^2)\,
                         \ell_i(\theta)\, d\theta

A study at risk of bias estimates its own effect plus a bias, which is normal with mean
:math:`\delta` and standard deviation :math:`\kappa` (Welton and others 2009, JRSS A 172, 119-136).
Both move a row's likelihood and leave everything else as it is: a shift by :math:`\delta`, and a
blur by :math:`\kappa`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from livingreview.effects.likelihood_tables import FLOOR
from livingreview.models.quadrature.blur import Points, blurred
from livingreview.models.quadrature.heterogeneity import TauGrid
from livingreview.models.quadrature.locations import Likelihoods, LocatedLikelihoods, Unlocated
from livingreview.models.quadrature.marginals import Floats
from livingreview.models.quadrature.nested_likelihoods import NestedLikelihoods, RowsByNode
from livingreview.models.quadrature.study_tables import STEPS_PER_ERROR, StudyLikelihoods

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Bias:
    """Bias of each row.

    Attributes
    ----------
    shift, sd : ndarray, shape (row,)
        Mean and standard deviation, in the units of the effects.
    """

    shift: Floats
    sd: Floats

    @classmethod
    def none(cls, rows: int) -> Self:
        """No bias of so many rows."""
        return cls(np.zeros(rows), np.zeros(rows))

    def only(self, rows: Any) -> Bias:
        """Some of the rows, or rows repeated."""
        return Bias(self.shift[rows], self.sd[rows])


@dataclass(frozen=True)
class BiasedNested(NestedLikelihoods):
    """Rows with a bias of their study's level, where a study gives several effects."""

    bias: Bias

    @classmethod
    def of(cls, likelihoods: NestedLikelihoods, bias: Bias) -> Self:
        """The same rows with a bias."""
        plain = {f.name: getattr(likelihoods, f.name) for f in fields(NestedLikelihoods)}
        return cls(**plain, bias=bias)

    def only(self, rows: NDArray[np.bool_]) -> Self:
        """Some of the rows, with the same tables."""
        return self.of(super().only(rows), self.bias.only(rows))

    def at(self, within: TauGrid) -> RowsByNode:
        """Rows at each SD within studies."""
        rows = super().at(within)
        by_node = self.bias.only(np.repeat(np.arange(self.width.size), within.tau.size))
        return replace(rows, likelihoods=_moved(rows.likelihoods, by_node))


def biased(likelihoods: Likelihoods, rows: Rows, bias: Bias) -> Likelihoods:
    """Rows with a bias, each as often as it is named.

    Parameters
    ----------
    likelihoods : Likelihoods
        Without bias.
    rows : ndarray of int, shape (row,)
        Places in `likelihoods`.
    bias : Bias
        Of each of `rows`.
    """
    if isinstance(likelihoods, LocatedLikelihoods):
        nodes = tuple(_biased(node, rows, bias) for node in likelihoods.nodes)
        return replace(likelihoods, nodes=nodes)
    return _biased(likelihoods, rows, bias)


def _biased(likelihoods: Unlocated, rows: Rows, bias: Bias) -> Unlocated:
    """The same where control shares are known."""
    if isinstance(likelihoods, NestedLikelihoods):
        return BiasedNested.of(likelihoods.reordered(rows), bias)
    chosen = StudyLikelihoods(
        names=tuple(likelihoods.names[i] for i in rows),
        theta=likelihoods.theta,
        log_likelihood=likelihoods.log_likelihood[rows],
        value=likelihoods.value[rows],
        error=likelihoods.error[rows],
        width=likelihoods.width[rows],
    )
    return _moved(chosen, bias)


def _moved(likelihoods: StudyLikelihoods, bias: Bias) -> StudyLikelihoods:
    """Each row blurred and shifted by its bias: an estimate in closed form, others on the grid."""
    log_likelihood, theta = likelihoods.log_likelihood.copy(), likelihoods.theta
    tabulated = np.isnan(likelihoods.error)
    for sd in np.unique(bias.sd[tabulated & (bias.sd > 0)]):
        rows = np.flatnonzero(tabulated & (bias.sd == sd))
        finest = float(likelihoods.width[rows].min()) / STEPS_PER_ERROR
        everywhere, sds = Points.all_of(theta), np.array([sd])
        [log_likelihood[rows]] = blurred(theta, log_likelihood[rows], everywhere, sds, finest)
    for shift in np.unique(bias.shift[tabulated & (bias.shift != 0)]):
        rows = np.flatnonzero(tabulated & (bias.shift == shift))
        table = log_likelihood[rows]
        # What lies beyond the tables' ends stays at its value there, and a spline must not be led
        # astray by a likelihood of nothing.
        table = np.maximum(table, table.max(axis=1, keepdims=True) - FLOOR)
        at = np.clip(theta + shift, theta[0], theta[-1])
        log_likelihood[rows] = CubicSpline(theta, table, axis=1)(at)
    return replace(
        likelihoods,
        log_likelihood=log_likelihood,
        value=likelihoods.value - bias.shift,
        error=np.hypot(likelihoods.error, bias.sd),
    )
