r"""Study tables under selective printing with a fixed weight w.

.. math::

    L_i(m, \tau) = \frac{\int N(\theta; m, \tau^2)\, r_i(\theta)\, \ell_i(\theta)\, d\theta}
                        {1 - (1 - w)\, P(S_i \mid m, \tau)}, \qquad
    z_i \sim N(m / s_i,\; 1 + \tau^2 / s_i^2)

with S the results that are printed with relative probability w only, r the share in which the
report at hand would have been printed (w of a number in S, 1 of one that is not; of a statement
that leaves S open, between them and a function of the true effect), and s the standard error
(Vevea and Hedges 1995, Psychometrika 60, 419-435; docs/methods.md, "Selection"). Where a study
gives several effects, each brings its r and divides by its own probability, with
:math:`\tau^2 + \omega^2` in place of :math:`\tau^2`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import ndtr

from livingreview.effects.data_set import Dataset
from livingreview.effects.forms.printing import Printing
from livingreview.effects.likelihood_tables import log_printed_shares, printing_errors
from livingreview.models.quadrature.heterogeneity import TauGrid
from livingreview.models.quadrature.locations import Likelihoods, LocatedLikelihoods, Unlocated
from livingreview.models.quadrature.marginals import Floats
from livingreview.models.quadrature.nested_likelihoods import NestedLikelihoods, RowsByNode
from livingreview.models.quadrature.study_tables import Rows, StudyLikelihoods


@dataclass(frozen=True)
class Selected:
    """What decided whether the effects of each row were printed.

    Attributes
    ----------
    weight : float
        Printing weight.
    error, low, high : ndarray, shape (row, effect)
        Standard error of each effect, and the bounds of z between which it is printed with
        relative probability `weight` only; without a place between them where a row has fewer
        effects.
    within : ndarray, shape (row,)
        Variance between the effects of one study.
    log_share : ndarray, shape (row,)
        Sum of the log relative probabilities of printing that no table has.
    """

    weight: float
    error: Floats
    low: Floats
    high: Floats
    within: Floats
    log_share: Floats

    @classmethod
    def of(cls, data: Dataset, printing: Printing, log_share: Floats) -> Selected:
        """Studies of a data set; `log_share`, shape (effect,), is what no table has."""
        rows, study = len(data.studies), data.effect_study
        order = np.argsort(study, kind="stable")
        count = np.bincount(study, minlength=rows)
        slot = np.arange(study.size) - np.repeat(np.cumsum(count) - count, count)

        def by_row(values: Floats, empty: float) -> Floats:
            table = np.full((rows, count.max()), empty)
            table[study[order], slot] = values[order]
            return table

        error, significant_z = printing_errors(data)
        low, high = printing.unfavoured(significant_z)
        return cls(
            weight=printing.weight,
            error=by_row(error, 1.0),
            low=by_row(low, 0.0),
            high=by_row(high, 0.0),
            within=np.zeros(rows),
            log_share=np.bincount(study, log_share, minlength=rows),
        )

    def only(self, rows: Any) -> Selected:
        """Some of the rows, or rows repeated."""
        arrays: dict[str, Any] = {
            f.name: getattr(self, f.name)[rows] for f in fields(self) if f.name != "weight"
        }
        return replace(self, **arrays)

    def log_factor(self, row: int, points: Floats, tau: Floats) -> Floats:
        """Log of what printing makes of a row's marginal likelihood, shape (node, point)."""
        error = self.error[row][:, None, None]
        low, high = (bound[row][:, None, None] for bound in (self.low, self.high))
        spread = np.sqrt(error**2 + self.within[row] + tau[:, None] ** 2)
        inside = ndtr((high * error - points) / spread) - ndtr((low * error - points) / spread)
        return self.log_share[row] - np.log1p(-(1.0 - self.weight) * inside).sum(axis=0)


@dataclass(frozen=True)
class PrintedStudies(StudyLikelihoods):
    """Likelihood of each row given that its effects were printed."""

    selected: Selected

    @classmethod
    def of(cls, likelihoods: StudyLikelihoods, selected: Selected) -> Self:
        """The same rows given that they were printed."""
        plain = {f.name: getattr(likelihoods, f.name) for f in fields(StudyLikelihoods)}
        return cls(**plain, selected=selected)

    def only(self, rows: NDArray[np.bool_] | Rows) -> Self:
        """Some of the rows."""
        return self.of(super().only(rows), self.selected.only(rows))

    def tables(self, low: float, high: float, step: float, tau: Floats) -> tuple[Floats, Floats]:
        """As those of `StudyLikelihoods`, given that each effect was printed."""
        points, values = super().tables(low, high, step, tau)
        for row, table in enumerate(values):
            table += self.selected.log_factor(row, points, tau)
        return points, values

    def sums(
        self,
        membership: NDArray[np.bool_] | csr_array,
        low: float,
        high: float,
        step: float,
        tau: Floats,
    ) -> tuple[Floats, Floats]:
        """As those of `StudyLikelihoods`, given that each effect was printed."""
        points, values = super().sums(membership, low, high, step, tau)
        members = membership.toarray() if isinstance(membership, csr_array) else membership
        for row in np.flatnonzero(members.any(axis=0)).tolist():
            values[members[:, row]] += self.selected.log_factor(row, points, tau)
        return points, values


@dataclass(frozen=True)
class PrintedNested(NestedLikelihoods):
    """The same where a study gives several effects."""

    selected: Selected

    @classmethod
    def of(cls, likelihoods: NestedLikelihoods, selected: Selected) -> Self:
        """The same rows given that they were printed."""
        plain = {f.name: getattr(likelihoods, f.name) for f in fields(NestedLikelihoods)}
        return cls(**plain, selected=selected)

    def only(self, rows: NDArray[np.bool_]) -> Self:
        """Some of the rows, with the same tables."""
        return self.of(super().only(rows), self.selected.only(rows))

    def at(self, within: TauGrid) -> RowsByNode:
        """Rows at each SD within studies."""
        rows, sds = super().at(within), within.tau
        selected = self.selected.only(np.repeat(np.arange(self.width.size), sds.size))
        selected = replace(selected, within=np.tile(sds**2, self.width.size))
        return replace(rows, likelihoods=PrintedStudies.of(rows.likelihoods, selected))


def printed(data: Dataset, likelihoods: Likelihoods, printing: Printing) -> Likelihoods:
    """Likelihoods of a data set given that its effects were printed.

    `likelihoods`: of the same data set alone, as if everything were printed.
    """
    if isinstance(likelihoods, LocatedLikelihoods):
        # The error that decided on significance is taken at the middle of the prior throughout.
        nodes = tuple(_printed(data, node, printing) for node in likelihoods.nodes)
        return replace(likelihoods, nodes=nodes)
    return _printed(data, likelihoods, printing)


def _printed(data: Dataset, likelihoods: Unlocated, printing: Printing) -> Unlocated:
    """The same where control shares are known."""
    shares = log_printed_shares(data, likelihoods.theta, printing)
    tabulated = np.zeros(len(data.effects), dtype=bool)
    if isinstance(likelihoods, NestedLikelihoods):
        tabulated[likelihoods.tabulated_effects] = True
        selected = Selected.of(data, printing, _constant(shares, tabulated))
        return PrintedNested.of(likelihoods.weighted(shares), selected)
    tabulated = np.isnan(likelihoods.error[data.effect_study])
    by_row = np.where(tabulated[:, None], shares, 0.0)[np.argsort(data.effect_study)]
    weighted = replace(likelihoods, log_likelihood=likelihoods.log_likelihood + by_row)
    return PrintedStudies.of(weighted, Selected.of(data, printing, _constant(shares, tabulated)))


def _constant(shares: Floats, tabulated: NDArray[np.bool_]) -> Floats:
    """Log shares of effects that have no table: numbers, alike at every true effect, (effect,)."""
    return np.where(tabulated, 0.0, shares[:, 0])
