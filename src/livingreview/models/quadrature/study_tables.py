r"""Marginal likelihood of each study at any pooled effect and heterogeneity.

.. math:: L_i(m, \tau) = \int N(\theta; m, \tau^2)\, \ell_i(\theta)\, d\theta

A fit is a sum of :math:`\log L_i` over its studies plus log priors, so tables made once
serve every fit of the same studies: each one left out, every subset, every prior.
Estimates with a standard error have :math:`L_i` in closed form; for the others the
integral is a trapezium sum, which converges faster than any power of the step because
the integrand falls to nothing at the ends of its grid.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from livingreview.effects.data_set import Dataset
from livingreview.effects.likelihood_tables import located_log_likelihoods, widths
from livingreview.effects.refusal import Refusal
from livingreview.models.quadrature.blur import Points, blurred
from livingreview.models.quadrature.marginals import Floats

# Effects beyond an odds ratio of e^15 in either direction are treated as equally likely
# under a study that bounds its effect from one side only.
EDGE = 15.0
# Where estimates lie further out, as mean differences may, tables reach so many times as far as the
# likelihood of any estimate.
ESTIMATE_REACH, BEYOND_ESTIMATES = 12.0, 4.0
# Steps of theta per standard error of the narrowest study.
STEPS_PER_ERROR = 4.0
# Most numbers of the table of likelihoods: 0.8 GB, enough for 10,000 studies of which the
# narrowest has a standard error of 0.012.
MOST_NUMBERS = 100_000_000
# Most points of the pooled effect: some hundred MB over all nodes of tau. Only a standard error
# below about 1e-4, among studies that leave the pooled effect wide open, would need more.
MOST_POINTS = 100_000
# Most numbers of a block of rows in `sums`, which adds tables up block by block.
BLOCK = 2_000_000

Rows = NDArray[np.int64]


def edge_of(value: Floats, error: Floats) -> float:
    """Largest effect of tables, either way, given the estimates and their standard errors."""
    reach = np.abs(value) + ESTIMATE_REACH * error
    furthest = float(np.nan_to_num(reach).max(initial=0.0))
    return EDGE if furthest <= EDGE else BEYOND_ESTIMATES * furthest


@dataclass(frozen=True)
class StudyLikelihoods:
    """Likelihood of each row, a row being a study in one reading of its evidence.

    Attributes
    ----------
    theta : ndarray, shape (point,)
        Equally spaced effects of a study.
    log_likelihood : ndarray, shape (row, point)
        Of the rows that are not estimates; 0 for the others.
    value, error : ndarray, shape (row,)
        Of the rows that are estimates; NaN for the others.
    width : ndarray, shape (row,)
        Rough standard error of each row.
    """

    names: tuple[str, ...]
    theta: Floats
    log_likelihood: Floats
    value: Floats
    error: Floats
    width: Floats

    @classmethod
    def from_readings(cls, readings: Sequence[Dataset], closed: bool = True) -> StudyLikelihoods:
        """Rows of several data sets, one after the other: studies, and other readings of them.

        `closed`: whether estimates keep their closed form; else they are tabulated as well.
        Refuses if a study gives several effects, or is so precise that the tables grow too large.
        """
        return cls.at_locations(readings, closed, None)[0]

    @classmethod
    def at_locations(
        cls, readings: Sequence[Dataset], closed: bool, locations: Floats | None
    ) -> tuple[StudyLikelihoods, ...]:
        """The same at each location of control shares; once, where nothing hangs on one."""
        if any(data.has_several_effects for data in readings):
            raise Refusal("a study gives several effects on the outcome")
        order = [np.argsort(data.effect_study) for data in readings]
        width = np.concatenate([widths(d)[of] for d, of in zip(readings, order, strict=True)])
        estimates = [np.stack(d.estimates)[:, of] for d, of in zip(readings, order, strict=True)]
        value, error = np.concatenate(estimates, axis=1)
        edge = edge_of(value, error)
        if not closed:
            value, error = np.full((2, width.size), np.nan)
        other = np.isnan(error)
        narrowest = width[other].min() if other.any() else 1.0
        half = max(300, int(np.ceil(edge * STEPS_PER_ERROR / narrowest)))
        if 2 * half * other.sum() > MOST_NUMBERS:
            raise Refusal("the studies are too many and too precise for tables of their likelihood")
        theta = np.linspace(-edge, edge, 2 * half + 1)
        tables = np.zeros((1 if locations is None else locations.size, width.size, theta.size))
        if other.any():
            rows = np.cumsum([0, *(len(data.studies) for data in readings)])
            for data, of, first, last in zip(readings, order, rows, rows[1:], strict=False):
                tables[:, first:last] = located_log_likelihoods(data, theta, locations)[:, of]
        names = tuple(name for data in readings for name in data.studies)
        return tuple(cls(names, theta, table, value, error, width) for table in tables)

    def only(self, rows: NDArray[np.bool_] | Rows) -> StudyLikelihoods:
        """Some of the rows."""
        if rows.dtype == bool and rows.all():
            return self
        return StudyLikelihoods(
            names=tuple(np.array(self.names, dtype=object)[rows]),
            theta=self.theta,
            log_likelihood=self.log_likelihood[rows],
            value=self.value[rows],
            error=self.error[rows],
            width=self.width[rows],
        )

    def with_estimates(self, value: Floats, error: Floats) -> StudyLikelihoods:
        """The rows, and after them estimates of new studies, each shape (estimate,)."""
        none = np.zeros((value.size, self.theta.size))
        return StudyLikelihoods(
            names=(*self.names, *(f"estimate {k}" for k in range(value.size))),
            theta=self.theta,
            log_likelihood=np.concatenate([self.log_likelihood, none]),
            value=np.concatenate([self.value, value]),
            error=np.concatenate([self.error, error]),
            width=np.concatenate([self.width, error]),
        )

    @property
    def step(self) -> float:
        """Distance of neighbours in theta."""
        return float(self.theta[1] - self.theta[0])

    def tables(self, low: float, high: float, step: float, tau: Floats) -> tuple[Floats, Floats]:
        """Log marginal likelihoods of each row on a grid.

        Parameters
        ----------
        low, high : float
            Least range of the expected effect.
        step : float
            Largest step of the expected effect.
        tau : ndarray, shape (node,)

        Returns
        -------
        points : ndarray, shape (point,)
            Equally spaced expected effects.
        values : ndarray, shape (row, node, point)
        """
        at = self._points(low, high, step)
        closed, other = (np.flatnonzero(rows) for rows in (~self._tabulated, self._tabulated))
        values = np.empty((self.error.size, tau.size, at.requested.size))
        for k, table in enumerate(self._closed(closed, at.requested, tau)):
            values[closed, k] = table
        if other.size:
            finest = self._finest(other)
            for block in self._blocks(other, at.theta):
                for k, table in enumerate(self._blurred(block, at, tau, finest)):
                    # One SD at a time: a spline of all would take several times their memory.
                    values[block, k] = at.spread(table)
        return at.requested, values

    def sums(
        self,
        membership: NDArray[np.bool_ | np.int64] | csr_array,
        low: float,
        high: float,
        step: float,
        tau: Floats,
    ) -> tuple[Floats, Floats]:
        """Log marginal likelihoods on a grid, summed over the rows of each of a few fits.

        Tables are made for a block of rows at a time, so memory does not grow with the rows.

        Parameters
        ----------
        membership : ndarray or sparse array, shape (fit, row)
            Whether each fit uses each row, or how often.
        low, high, step, tau
            As for `tables`.

        Returns
        -------
        points : ndarray, shape (point,)
        values : ndarray, shape (fit, node, point)
        """
        at = self._points(low, high, step)
        used = np.asarray(membership.sum(axis=0)) > 0
        # Neighbours in width need the same resolution.
        rows = np.argsort(self.width, kind="stable")
        closed, other = (rows[(used & kind)[rows]] for kind in (~self._tabulated, self._tabulated))
        fits = membership.shape[0]
        values = np.zeros((fits, tau.size, at.requested.size))
        for block in self._blocks(closed, at.requested):
            shares = membership[:, block].astype(float)
            for k, table in enumerate(self._closed(block, at.requested, tau)):
                values[:, k] += shares @ table
        if other.size:
            sums = np.zeros((fits, tau.size, at.theta.size))
            for block in self._blocks(other, at.theta):
                shares = membership[:, block].astype(float)
                for k, table in enumerate(self._blurred(block, at, tau, self._finest(block))):
                    sums[:, k] += shares @ table
            # A spline of a sum is the sum of the splines.
            values += at.spread(sums)
        return at.requested, values

    def _blocks(self, rows: Rows, points: Floats) -> Iterator[Rows]:
        """Rows in blocks of limited size."""
        size = max(1, BLOCK // max(self.theta.size, points.size))
        return (rows[first : first + size] for first in range(0, rows.size, size))

    @property
    def _tabulated(self) -> NDArray[np.bool_]:
        """Whether each row has no closed form."""
        return np.isnan(self.error)

    def points(self, low: float, high: float, step: float) -> Floats:
        """Points of `tables` and `sums` over a range, shape (point,)."""
        return self._points(low, high, step).requested

    def _points(self, low: float, high: float, step: float) -> Points:
        """Points of a range."""
        if self._tabulated.any():
            # Beyond the edge nothing is tabulated, and a spline must not be carried there.
            low, high = max(low, self.theta[0]), min(high, self.theta[-1])
        if (high - low) / step > MOST_POINTS:
            raise Refusal("a study is too precise for tables of the pooled effect")
        requested = np.linspace(low, high, int(np.ceil((high - low) / step)) + 1)
        stride = max(1, int(step / self.step))
        middle = self.theta.size // 2
        first = max(0, middle + int(np.floor(low / self.step)))
        last = middle + int(np.ceil(high / self.step)) + stride - 1
        theta = self.theta[first : min(last, self.theta.size - 1) + 1 : stride]
        if self._tabulated.any() and step >= self.step:
            requested = theta
        return Points(requested, theta, first, stride)

    def _closed(self, rows: Rows, points: Floats, tau: Floats) -> Iterator[Floats]:
        """Estimates: normal around the expected effect, both variances added; for each SD."""
        squared = (self.value[rows, None] - points) ** 2
        for sd in tau:
            variance = self.error[rows, None] ** 2 + sd**2
            yield -0.5 * (squared / variance + np.log(2 * np.pi * variance))

    def _finest(self, rows: Rows) -> float:
        """Largest step of theta that resolves some rows."""
        return float(self.width[rows].min()) / STEPS_PER_ERROR

    def _blurred(self, rows: Rows, at: Points, tau: Floats, finest: float) -> Iterator[Floats]:
        """Other rows: their likelihood blurred by a normal of each SD."""
        return blurred(self.theta, self.log_likelihood[rows], at, tau, finest)
