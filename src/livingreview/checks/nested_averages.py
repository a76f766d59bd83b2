r"""Likelihoods of studies that give several effects, at every draw of a fit.

The likelihood of a whole study, :math:`L_i(m, \tau, \omega)`, is tabulated over the expected
effect, :math:`\mathrm{asinh}(\tau / c)` and :math:`\mathrm{asinh}(\omega / c)`, and interpolated
by cubic splines. Where a study's report lies among those it could have given is asked of one of
its effects, the one with the smallest standard error: new, it varies by
:math:`\tau^2 + \omega^2` around what is expected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from livingreview.checks.study_averages import (
    NODE_STEP,
    STEPS_PER_ERROR,
    Closed,
    log_marginals,
)
from livingreview.effects.data_set import Dataset, Floats
from livingreview.effects.likelihood_tables import log_tails, widths
from livingreview.models.quadrature.heterogeneity import TauGrid
from livingreview.models.quadrature.nested_likelihoods import NestedLikelihoods
from livingreview.models.quadrature.study_tables import StudyLikelihoods

# Step of asinh(omega / c), a step of the lattice on which posteriors have their nodes.
WITHIN_STEP = 0.125
# Steps beyond what draws need.
MARGIN = 8


@dataclass(frozen=True)
class NestedEvidence:
    """Evidence of one fit, with tables that it has in common with others of its outcome.

    Attributes
    ----------
    likelihoods : NestedLikelihoods
        Rows are the studies of the data.
    """

    data: Dataset
    likelihoods: NestedLikelihoods

    @property
    def chosen(self) -> NDArray[np.int64]:
        """Effect of each study with the smallest standard error, shape (study,)."""
        width, study = widths(self.data), self.data.effect_study
        order = np.lexsort((np.arange(width.size), width, study))
        return order[np.unique(study[order], return_index=True)[1]]

    @property
    def tails(self) -> tuple[Floats, Floats]:
        """Log probabilities of a report below the chosen effect's, and of one not above it.

        Functions of that effect, shape (study, point), on the grid of the tables.
        """
        below, upto = log_tails(self.data, self.likelihoods.theta)
        return below[self.chosen], upto[self.chosen]

    def log_likelihood(self, location: Floats, tau: Floats, omega: Floats) -> Floats:
        """Log likelihood of each study at each draw, shape (draw, study).

        Parameters
        ----------
        location : ndarray, shape (draw, study)
        tau, omega : ndarray, shape (draw,)
        """
        likelihoods = self.likelihoods
        narrowest = float(likelihoods.width.min())
        step, scale = narrowest / STEPS_PER_ERROR, narrowest / 2
        nodes = NODE_STEP * np.arange(_steps(tau.max() / scale, NODE_STEP) + 1)
        steps = _steps(omega.max() / likelihoods.scale, WITHIN_STEP)
        within = TauGrid.over(likelihoods.scale, 0.0, steps * WITHIN_STEP, steps + 1)
        low, high = float(location.min()), float(location.max())
        span = low - MARGIN * step, high + MARGIN * step, step, scale * np.sinh(nodes)
        result = np.empty(location.shape)
        for row in range(len(likelihoods.names)):
            alone = np.arange(len(likelihoods.names)) == row
            points, [table] = likelihoods.only(alone).at(within).tables(*span)
            at = (
                np.arcsinh(omega / likelihoods.scale) / WITHIN_STEP,
                np.arcsinh(tau / scale) / NODE_STEP,
                (location[:, row] - points[0]) / (points[1] - points[0]),
            )
            # The likelihood is an even function of both SDs: it is mirrored at 0.
            result[:, row] = map_coordinates(table, at, order=3, mode="mirror")
        return result

    def log_tail_averages(
        self, closed: Sequence[Closed], location: Floats, tau: Floats, omega: Floats
    ) -> list[Floats]:
        """Logs of `tails` averaged over a new effect at each draw, each shape (draw, study)."""
        value, error = self.data.estimates
        chosen = self.chosen
        rows = StudyLikelihoods(
            names=self.data.studies,
            theta=self.likelihoods.theta,
            log_likelihood=np.zeros((chosen.size, self.likelihoods.theta.size)),
            value=value[chosen],
            error=error[chosen],
            width=widths(self.data)[chosen],
        )
        return log_marginals(rows, self.tails, closed, location, np.hypot(tau, omega))


def _steps(largest: float, step: float) -> int:
    """Steps of asinh up to a largest value, and beyond: splines are bad at their ends."""
    return int(np.ceil(np.arcsinh(largest) / step)) + MARGIN


class EvidenceOfOutcomes:
    """Evidence of fits whose studies give several effects; tables are made once an outcome."""

    def __init__(self, data: dict[str, Dataset]) -> None:
        """`data`: by the name of a fit, ``outcome/model``."""
        self._data = data
        self._tables: dict[str, NestedLikelihoods] = {}

    def of(self, name: str) -> NestedEvidence:
        """Evidence of one fit."""
        outcome = name.split("/")[0]
        if outcome not in self._tables:
            others = [d for other, d in self._data.items() if other.split("/")[0] == outcome]
            most = max(others, key=lambda data: len(data.studies))
            # Estimates are tabulated as well: where one is left out, a tail takes its place.
            self._tables[outcome] = NestedLikelihoods.from_readings([most], closed=False)
        tables, data = self._tables[outcome], self._data[name]
        included = np.isin(tables.names, data.studies)
        rows = tables.only(included)
        order = [rows.names.index(study) for study in data.studies]
        return NestedEvidence(data, rows.reordered(np.array(order)))
