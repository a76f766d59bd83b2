r"""One study's likelihood as a function of its own level, given the SD between its effects.

.. math:: \ell_i(t | \omega) = \int N(g; 0, 1) \prod_j
          \left[\int N(\theta; t, \omega^2)\, \ell_{ij}(\theta | g)\, d\theta\right] dg

with g what the sampling errors of the study's effects share. Estimates given g are normal, and
a study that gives nothing else is one estimate by generalised least squares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from livingreview.effects.data_set import Dataset
from livingreview.effects.forms.shared_errors import SharedNodes
from livingreview.effects.study_effects import StudyEffects, effects_of_studies
from livingreview.models.quadrature.marginals import Floats


@dataclass(frozen=True)
class CollapsedEstimate:
    """Estimates of one study as one.

    Attributes
    ----------
    value, error : float
    constant : float
        Log of the estimates' density over that of the one, which is free of the study's level.
    """

    value: float
    error: float
    constant: float


@dataclass(frozen=True)
class StudyLevel:
    """Evidence of one study.

    Attributes
    ----------
    correlation : float
        Of the sampling errors of effects that share g.
    """

    effects: StudyEffects
    correlation: float

    @classmethod
    def of_all(cls, data: Dataset) -> list[StudyLevel]:
        """Each study of a data set."""
        return [cls(effects, data.correlation) for effects in effects_of_studies(data)]

    @property
    def shared(self) -> SharedNodes:
        """Nodes of what the errors share."""
        return SharedNodes.of(self.effects.sharing, self.correlation)

    @property
    def is_closed(self) -> bool:
        """Whether all effects are estimates."""
        return self.effects.only_estimates

    @property
    def width(self) -> float:
        """Rough standard error of the study's level, were its effects all the same."""
        widths = self.effects.widths
        rho, count = self.correlation if widths.size > 1 else 0.0, widths.size
        squares, sums = (widths**-2.0).sum(), (1 / widths).sum()
        precision = (squares - rho * sums**2 / (1 + (count - 1) * rho)) / (1 - rho)
        return float(precision + (self.effects.shared_widths**-2.0).sum()) ** -0.5

    @property
    def narrowest(self) -> float:
        """Smallest scale on which a table of this study varies."""
        of_effects = np.append(self.effects.row_widths * self.shared.kept, np.inf)
        return min(self.width, float(of_effects.min()))

    def collapsed(self, sd_within_study: float) -> CollapsedEstimate:
        """Estimates as one, by generalised least squares."""
        y, s = self.effects.value, self.effects.error
        correlations = np.where(np.eye(y.size, dtype=bool), 1.0, self.correlation)
        covariance = correlations * np.outer(s, s) + sd_within_study**2 * np.eye(y.size)
        solved = np.linalg.solve(covariance, np.column_stack([np.ones(y.size), y]))
        precision = float(solved[:, 0].sum())
        value = float(solved[:, 1].sum()) / precision
        residual = float((y - value) @ np.linalg.solve(covariance, y - value))
        log_determinant = float(np.linalg.slogdet(covariance)[1]) + np.log(precision)
        constant = -0.5 * ((y.size - 1) * np.log(2 * np.pi) + log_determinant + residual)
        return CollapsedEstimate(value, precision**-0.5, constant)

    def combined(self, theta: Floats, tables: Floats, sd_within_study: float) -> Floats:
        """Log likelihood of the study's level.

        Parameters
        ----------
        theta : ndarray, shape (point,)
        tables : ndarray, shape (effect, node, point)
            Of the effects that are no estimates and share no control, blurred by the SD within
            studies.

        Returns
        -------
        ndarray, shape (point,)
        """
        shared = self.shared
        given = tables.sum(axis=0) if len(tables) else np.zeros((shared.common.size, theta.size))
        for value, error in zip(self.effects.value, self.effects.error, strict=True):
            variance = (shared.kept * error) ** 2 + sd_within_study**2
            centre = theta + error * shared.common[:, None]
            given = given - 0.5 * ((value - centre) ** 2 / variance + np.log(2 * np.pi * variance))
        total = logsumexp(given + shared.log_weight[:, None], axis=0)
        for control in self.effects.shared_controls:
            total = total + control.log_likelihood(theta, sd_within_study)
        return total
