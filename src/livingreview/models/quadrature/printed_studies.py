r"""Study tables under selective printing with a fixed weight w.

.. math::

    L_i(m, \tau) = \frac{\int N(\theta; m, \tau^2)\, r_i(\theta)\, \ell_i(\theta)\, d\theta}
                        {1 - (1 - w)\, P(S_i \mid m, \tau)}, \qquad
    z_i \sim N(m / s_i,\; 1 + \tau^2 / s_i^2)

with S the results that are printed with relative probability w only, r the share in which the
report at hand would have been printed (w of a number in S, 1 of one that is not; of a statement
that leaves S open, between them and a function of the true effect), and s the standard error
(Vevea and Hedges 1995, Psychometrika 60, 419-435; docs/methods.md, "Selection").
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from itertools import compress
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from livingreview.effects.data_set import Dataset
from livingreview.effects.forms.printing import Printing
from livingreview.effects.likelihood_tables import log_printed_shares, printing_errors
from livingreview.models.quadrature.marginals import Floats
from livingreview.models.quadrature.study_tables import StudyLikelihoods


@dataclass(frozen=True)
class PrintedStudies(StudyLikelihoods):
    """Likelihood of each study given that its result was printed.

    Attributes
    ----------
    weight : float
        Printing weight.
    printing_error, unfavoured_low, unfavoured_high : ndarray, shape (row,)
        Standard error of each study, and the bounds of z between which its result would have been
        printed with the relative probability `weight`.
    log_share : ndarray, shape (row,)
        Log relative probability that each estimate was printed; 0 for rows that are not
        estimates, whose tables have it.
    """

    weight: float
    printing_error: Floats
    unfavoured_low: Floats
    unfavoured_high: Floats
    log_share: Floats

    @classmethod
    def of(cls, data: Dataset, likelihoods: StudyLikelihoods, printing: Printing) -> Self:
        """Rows of one data set under selective printing.

        Parameters
        ----------
        likelihoods : StudyLikelihoods
            Of the same data set, as if everything were printed.
        """
        order = np.argsort(data.effect_study)
        shares = log_printed_shares(data, likelihoods.theta, printing)[order]
        closed = ~np.isnan(likelihoods.error)
        plain = {f.name: getattr(likelihoods, f.name) for f in fields(likelihoods)}
        tabulated = np.where(closed[:, None], 0.0, shares)
        plain["log_likelihood"] = likelihoods.log_likelihood + tabulated
        error, significant_z = (values[order] for values in printing_errors(data))
        low, high = printing.unfavoured(significant_z)
        return cls(
            **plain,
            weight=printing.weight,
            printing_error=error,
            unfavoured_low=low,
            unfavoured_high=high,
            log_share=np.where(closed, shares[:, 0], 0.0),
        )

    def only(self, rows: NDArray[np.bool_]) -> Self:
        """Some of the rows."""
        of_rows: dict[str, Any] = {
            f.name: value[rows]
            for f in fields(self)
            if f.name != "theta" and isinstance(value := getattr(self, f.name), np.ndarray)
        }
        return replace(self, names=tuple(compress(self.names, rows)), **of_rows)

    def tables(self, low: float, high: float, step: float, tau: Floats) -> tuple[Floats, Floats]:
        """As those of `StudyLikelihoods`, given that each result was printed."""
        points, values = super().tables(low, high, step, tau)
        for row, table in enumerate(values):
            table += self._log_factor(row, points, tau)
        return points, values

    def sums(
        self, membership: NDArray[np.bool_], low: float, high: float, step: float, tau: Floats
    ) -> tuple[Floats, Floats]:
        """As those of `StudyLikelihoods`, given that each result was printed."""
        points, values = super().sums(membership, low, high, step, tau)
        for row in np.flatnonzero(membership.any(axis=0)).tolist():
            values[membership[:, row]] += self._log_factor(row, points, tau)
        return points, values

    def _log_factor(self, row: int, points: Floats, tau: Floats) -> Floats:
        """Log of what printing makes of a row's marginal likelihood, shape (node, point)."""
        error = self.printing_error[row]
        spread = np.sqrt(error**2 + tau[:, None] ** 2)
        unfavoured = ndtr((self.unfavoured_high[row] * error - points) / spread) - ndtr(
            (self.unfavoured_low[row] * error - points) / spread
        )
        return self.log_share[row] - np.log1p(-(1.0 - self.weight) * unfavoured)
