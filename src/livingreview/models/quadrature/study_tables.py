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
from itertools import compress

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.special import ndtr

from livingreview.effects.data_set import Dataset
from livingreview.effects.likelihood_tables import FLOOR, log_likelihoods, widths
from livingreview.effects.refusal import Refusal
from livingreview.models.quadrature.marginals import Floats

# Effects beyond an odds ratio of e^15 in either direction are treated as equally likely
# under a study that bounds its effect from one side only.
EDGE = 15.0
# Steps of theta per standard error of the narrowest study.
STEPS_PER_ERROR = 4.0
# Most numbers of the table of likelihoods: 0.8 GB, enough for 10,000 studies of which the
# narrowest has a standard error of 0.012.
MOST_NUMBERS = 100_000_000
# Most points of the pooled effect: some hundred MB over all nodes of tau. Only a standard error
# below about 1e-4, among studies that leave the pooled effect wide open, would need more.
MOST_POINTS = 100_000
# Steps of theta per SD of the kernel of a blur, at least. Points of theta beyond that, and beyond
# what a row needs, are skipped; the trapezium sum stays exact.
STEPS_PER_KERNEL = 1.5
# Most numbers of a block of rows in `sums`, which adds tables up block by block.
BLOCK = 2_000_000
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(15)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()

Rows = NDArray[np.int64]


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
        if any(data.has_several_effects for data in readings):
            raise Refusal("a study gives several effects on the outcome")
        order = [np.argsort(data.effect_study) for data in readings]
        width = np.concatenate([widths(d)[of] for d, of in zip(readings, order, strict=True)])
        estimates = [np.stack(d.estimates)[:, of] for d, of in zip(readings, order, strict=True)]
        value, error = np.concatenate(estimates, axis=1)
        if not closed:
            value, error = np.full((2, width.size), np.nan)
        other = np.isnan(error)
        narrowest = width[other].min() if other.any() else 1.0
        half = max(300, int(np.ceil(EDGE * STEPS_PER_ERROR / narrowest)))
        if 2 * half * other.sum() > MOST_NUMBERS:
            raise Refusal("the studies are too many and too precise for tables of their likelihood")
        theta = np.linspace(-EDGE, EDGE, 2 * half + 1)
        log_likelihood = np.zeros((width.size, theta.size))
        if other.any():
            rows = np.cumsum([0, *(len(data.studies) for data in readings)])
            for data, of, first, last in zip(readings, order, rows, rows[1:], strict=False):
                log_likelihood[first:last] = log_likelihoods(data, theta)[of]
        return cls(
            names=tuple(name for data in readings for name in data.studies),
            theta=theta,
            log_likelihood=log_likelihood,
            value=value,
            error=error,
            width=width,
        )

    def only(self, rows: NDArray[np.bool_]) -> StudyLikelihoods:
        """Some of the rows."""
        return StudyLikelihoods(
            names=tuple(compress(self.names, rows)),
            theta=self.theta,
            log_likelihood=self.log_likelihood[rows],
            value=self.value[rows],
            error=self.error[rows],
            width=self.width[rows],
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
            for k, table in enumerate(self._blurred(other, at, tau)):
                # One SD at a time: a spline of all would take several times their memory.
                values[other, k] = at.spread(table)
        return at.requested, values

    def sums(
        self, membership: NDArray[np.bool_], low: float, high: float, step: float, tau: Floats
    ) -> tuple[Floats, Floats]:
        """Log marginal likelihoods on a grid, summed over the rows of each of a few fits.

        Tables are made for a block of rows at a time, so memory does not grow with the rows.

        Parameters
        ----------
        membership : ndarray of bool, shape (fit, row)
        low, high, step, tau
            As for `tables`.

        Returns
        -------
        points : ndarray, shape (point,)
        values : ndarray, shape (fit, node, point)
        """
        at = self._points(low, high, step)
        used = membership.any(axis=0)
        # Neighbours in width need the same resolution.
        rows = np.argsort(self.width, kind="stable")
        closed, other = (rows[(used & kind)[rows]] for kind in (~self._tabulated, self._tabulated))
        values = np.zeros((len(membership), tau.size, at.requested.size))
        for block in self._blocks(closed, at.requested):
            shares = membership[:, block].astype(float)
            for k, table in enumerate(self._closed(block, at.requested, tau)):
                values[:, k] += shares @ table
        if other.size:
            sums = np.zeros((len(membership), tau.size, at.theta.size))
            for block in self._blocks(other, at.theta):
                shares = membership[:, block].astype(float)
                for k, table in enumerate(self._blurred(block, at, tau)):
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

    def _points(self, low: float, high: float, step: float) -> _Points:
        """Points of a range."""
        if self._tabulated.any():
            # Beyond the edge nothing is tabulated, and a spline must not be carried there.
            low, high = max(low, -EDGE), min(high, EDGE)
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
        return _Points(requested, theta, first, stride)

    def _closed(self, rows: Rows, points: Floats, tau: Floats) -> Iterator[Floats]:
        """Estimates: normal around the expected effect, both variances added; for each SD."""
        squared = (self.value[rows, None] - points) ** 2
        for sd in tau:
            variance = self.error[rows, None] ** 2 + sd**2
            yield -0.5 * (squared / variance + np.log(2 * np.pi * variance))

    def _blurred(self, rows: Rows, at: _Points, tau: Floats) -> Iterator[Floats]:
        """Other rows: their likelihood blurred by a normal of each SD."""
        log_l = self.log_likelihood[rows]
        top = log_l.max(axis=1, keepdims=True)
        log_l = np.maximum(log_l - top, -FLOOR)
        narrow = tau < self.step
        spline = CubicSpline(self.theta, log_l, axis=1) if narrow.any() else None
        scaled = np.exp(log_l.T, order="C")
        finest = float(self.width[rows].min()) / STEPS_PER_ERROR
        for sd in tau:
            if spline is not None and sd < self.step:
                # The kernel is narrower than a step of the grid: Gauss-Hermite nodes on a spline
                # of the log likelihood.
                local = spline(np.clip(at.theta[:, None] + sd * _NODES, -EDGE, EDGE))
                peak = local.max(axis=-1, keepdims=True)
                blurred = np.log(np.exp(local - peak) @ _WEIGHTS) + peak[..., 0]
            else:
                blurred = self._product(scaled, at, float(sd), finest)
            yield np.maximum(blurred, -FLOOR) + top

    def _product(self, scaled: Floats, at: _Points, sd: float, finest: float) -> Floats:
        """Log of likelihoods, shape (theta, row), times a Toeplitz matrix.

        `finest`: largest step of theta that resolves these rows.
        """
        size = self.theta.size
        offsets = self.step * np.arange(1 - size, size)
        exponent = 0.5 * (offsets / sd) ** 2
        # Only points within reach of the kernel, in steps that resolve the kernel and the rows.
        every = max(1, int(min(finest, sd / STEPS_PER_KERNEL) / self.step))
        reach = int(np.ceil(np.sqrt(2 * FLOOR) * sd / self.step))
        first, last = at.first - reach, at.first + at.stride * (at.theta.size - 1) + reach
        columns = slice(max(0, first), min(last, size - 1) + 1, every)
        kernel = np.where(exponent < FLOOR, np.exp(-exponent), 0.0)
        kernel *= every * self.step / sd / np.sqrt(2 * np.pi)
        toeplitz = np.lib.stride_tricks.sliding_window_view(kernel, size)[::-1]
        rows = slice(at.first, at.first + at.stride * at.theta.size, at.stride)
        # The rows of the view overlap in memory; the product is fast only on a contiguous copy.
        matrix, theta = np.ascontiguousarray(toeplitz[rows, columns]), self.theta[columns]
        scaled = scaled[columns]
        product = matrix @ scaled
        # The trapezium sum takes half a step at either end; beyond the ends the likelihood is
        # taken to stay at its value at the edge.
        for end, share in (
            (0, ndtr((theta[0] - at.theta) / sd)),
            (-1, ndtr((at.theta - theta[-1]) / sd)),
        ):
            product += (share - 0.5 * matrix[:, end])[:, None] * scaled[end]
        with np.errstate(divide="ignore"):
            return np.log(np.maximum(product, 0.0)).T


@dataclass(frozen=True)
class _Points:
    """Expected effects of a table.

    Attributes
    ----------
    requested : ndarray, shape (point,)
        Points at which a caller needs values.
    theta : ndarray
        Every `stride`-th point of `StudyLikelihoods.theta` from the `first` on, around
        `requested`: at these points a blur is a product with one Toeplitz matrix.
    """

    requested: Floats
    theta: Floats
    first: int
    stride: int

    def spread(self, values: Floats) -> Floats:
        """Interpolate values at `theta` to the requested points."""
        if self.requested is self.theta:
            return values
        # The log of a marginal likelihood is smooth between points of theta.
        return CubicSpline(self.theta, values, axis=-1)(self.requested)
