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
from livingreview.effects.forms.likelihood_grids import log_likelihoods, widths
from livingreview.effects.refusal import Refusal
from livingreview.models.quadrature.marginals import Floats

# Effects beyond an odds ratio of e^15 in either direction are treated as equally likely
# under a study that bounds its effect from one side only.
EDGE = 15.0
# Steps per standard error of the narrowest study, and the most numbers that the likelihoods may
# need: 0.8 GB, for 10,000 studies of which the narrowest has a standard error of 0.012.
STEPS_PER_ERROR = 4.0
MOST_NUMBERS = 100_000_000
# Most points of the pooled effect: some hundred MB over all nodes of tau. More would be asked for
# by a standard error below 1e-4 or so among studies that leave the pooled effect open.
MOST_POINTS = 100_000
# A likelihood this many nats below its top is as good as none. The product of two such numbers
# still has all its digits; smaller ones lose them and take the processor a hundred times longer.
FLOOR = 300.0
# Fewest steps per SD of a kernel where theta has more than a row needs: the sum is then exact.
STEPS_PER_KERNEL = 1.5
# Numbers of a table held at once where only a sum over rows is wanted.
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
    def of(cls, readings: Sequence[Dataset], closed: bool = True) -> StudyLikelihoods:
        """Rows of several data sets, one after the other: studies, and other readings of them.

        `closed`: whether estimates keep their closed form; else they are tabulated as well.
        Refuses if a study gives several effects, or is so precise that the tables grow too large.
        """
        if any(data.has_several_effects for data in readings):
            raise Refusal("a study gives several effects on the outcome")
        width = np.concatenate([widths(data) for data in readings])
        pairs = [_estimates(data) for data in readings]
        value, error = (np.concatenate(column) for column in zip(*pairs, strict=True))
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
            for data, first, last in zip(readings, rows, rows[1:], strict=False):
                log_likelihood[first:last] = log_likelihoods(data, theta)
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
        values = np.empty((self.error.size, tau.size, at.asked.size))
        for k, table in enumerate(self._closed(closed, at.asked, tau)):
            values[closed, k] = table
        if other.size:
            for k, table in enumerate(self._blurred(other, at, tau)):
                # One SD at a time: a spline of all would take several times their memory.
                values[other, k] = at.spread(table)
        return at.asked, values

    def sums(
        self, membership: NDArray[np.bool_], low: float, high: float, step: float, tau: Floats
    ) -> tuple[Floats, Floats]:
        """Log marginal likelihoods on a grid, summed over the rows of each of a few fits.

        However many the rows, few of their tables are held at once.

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
        values = np.zeros((len(membership), tau.size, at.asked.size))
        for block in self._blocks(closed, at.asked):
            shares = membership[:, block].astype(float)
            for k, table in enumerate(self._closed(block, at.asked, tau)):
                values[:, k] += shares @ table
        if other.size:
            laid = np.zeros((len(membership), tau.size, at.laid.size))
            for block in self._blocks(other, at.laid):
                shares = membership[:, block].astype(float)
                for k, table in enumerate(self._blurred(block, at, tau)):
                    laid[:, k] += shares @ table
            # A spline of a sum is the sum of the splines.
            values += at.spread(laid)
        return at.asked, values

    def _blocks(self, rows: Rows, points: Floats) -> Iterator[Rows]:
        """Rows, as many at a time as may be held."""
        size = max(1, BLOCK // max(self.theta.size, points.size))
        return (rows[first : first + size] for first in range(0, rows.size, size))

    @property
    def _tabulated(self) -> NDArray[np.bool_]:
        """Whether each row has no closed form."""
        return np.isnan(self.error)

    def points(self, low: float, high: float, step: float) -> Floats:
        """Points of `tables` and `sums` over a range, shape (point,)."""
        return self._points(low, high, step).asked

    def _points(self, low: float, high: float, step: float) -> _Points:
        """Points of a range."""
        if self._tabulated.any():
            # Beyond the edge nothing is tabulated, and a spline must not be carried there.
            low, high = max(low, -EDGE), min(high, EDGE)
        if (high - low) / step > MOST_POINTS:
            raise Refusal("a study is too precise for tables of the pooled effect")
        asked = np.linspace(low, high, int(np.ceil((high - low) / step)) + 1)
        stride = max(1, int(step / self.step))
        middle = self.theta.size // 2
        first = max(0, middle + int(np.floor(low / self.step)))
        last = middle + int(np.ceil(high / self.step)) + stride - 1
        laid = self.theta[first : min(last, self.theta.size - 1) + 1 : stride]
        if self._tabulated.any() and step >= self.step:
            asked = laid
        return _Points(asked, laid, first, stride)

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
                # Narrower than the grid: a few nodes of the kernel on a spline of the log.
                local = spline(np.clip(at.laid[:, None] + sd * _NODES, -EDGE, EDGE))
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
        # As far as the kernel reaches, in steps that resolve it and the rows.
        every = max(1, int(min(finest, sd / STEPS_PER_KERNEL) / self.step))
        reach = int(np.ceil(np.sqrt(2 * FLOOR) * sd / self.step))
        first, last = max(0, at.first - reach), at.first + at.stride * (at.laid.size - 1) + reach
        columns = slice(first, min(last, size - 1) + 1, every)
        kernel = np.where(exponent < FLOOR, np.exp(-exponent), 0.0)
        kernel *= every * self.step / sd / np.sqrt(2 * np.pi)
        toeplitz = np.lib.stride_tricks.sliding_window_view(kernel, size)[::-1]
        rows = slice(at.first, at.first + at.stride * at.laid.size, at.stride)
        # Its rows overlap in memory: written out, the product is a fast one.
        matrix, theta = np.ascontiguousarray(toeplitz[rows, columns]), self.theta[columns]
        scaled = scaled[columns]
        product = matrix @ scaled
        # Half a step at either end, and beyond it the value at the edge.
        for end, share in (
            (0, ndtr((theta[0] - at.laid) / sd)),
            (-1, ndtr((at.laid - theta[-1]) / sd)),
        ):
            product += (share - 0.5 * matrix[:, end])[:, None] * scaled[end]
        with np.errstate(divide="ignore"):
            return np.log(np.maximum(product, 0.0)).T


@dataclass(frozen=True)
class _Points:
    """Expected effects of a table.

    Attributes
    ----------
    asked : ndarray, shape (point,)
        Where its values are wanted.
    laid : ndarray
        Points of theta around them, `stride` apart from the `first` on: there a blur is a
        product with one Toeplitz matrix.
    """

    asked: Floats
    laid: Floats
    first: int
    stride: int

    def spread(self, values: Floats) -> Floats:
        """Values at the points laid, as values at those asked for."""
        if self.asked is self.laid:
            return values
        # The log of a marginal likelihood is smooth between points of theta.
        return CubicSpline(self.laid, values, axis=-1)(self.asked)


def _estimates(data: Dataset) -> tuple[Floats, Floats]:
    """Value and standard error of each study that gives an estimate; NaN for the others."""
    value, error = np.full((2, len(data.studies)), np.nan)
    study = data.effect_study[data.normal_effect]
    value[study], error[study] = data.normal_value, data.normal_error
    return value, error
