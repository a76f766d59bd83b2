r"""Marginal likelihood of each study at any pooled effect and heterogeneity.

.. math:: L_i(m, \tau) = \int N(\theta; m, \tau^2)\, \ell_i(\theta)\, d\theta

A fit is a sum of :math:`\log L_i` over its studies plus log priors, so tables made once
serve every fit of the same studies: each one left out, every subset, every prior.
Estimates with a standard error have :math:`L_i` in closed form; for the others the
integral is a trapezium sum, which converges faster than any power of the step because
the integrand falls to nothing at the ends of its grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import ndtr

from livingreview.dataset import Dataset
from livingreview.moderators import Refusal
from livingreview.quadrature.marginals import Floats
from livingreview.quadrature.study_likelihoods import log_likelihoods, widths

# Effects beyond an odds ratio of e^15 in either direction are treated as equally likely
# under a study that bounds its effect from one side only.
EDGE = 15.0
# Steps per standard error of the narrowest study, and the most numbers a table may need.
STEPS_PER_ERROR = 4.0
MOST_NUMBERS = 20_000_000
# A likelihood this many nats below its top is as good as none. The product of two such numbers
# still has all its digits; smaller ones lose them and take the processor a hundred times longer.
FLOOR = 300.0
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(15)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True)
class StudyLikelihoods:
    """Likelihood of each row, a row being a study in one reading of its evidence.

    Attributes
    ----------
    names : tuple of str
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

        Parameters
        ----------
        readings : sequence of Dataset
        closed : bool
            Whether estimates keep their closed form; else they are tabulated as well.

        Raises
        ------
        Refusal
            If a study gives several effects, or is so precise that the tables grow too large.
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
            log_likelihood = np.concatenate([log_likelihoods(data, theta) for data in readings])
        return cls(
            names=tuple(name for data in readings for name in data.studies),
            theta=theta,
            log_likelihood=log_likelihood,
            value=value,
            error=error,
            width=width,
        )

    @property
    def step(self) -> float:
        """Distance of neighbours in theta."""
        return float(self.theta[1] - self.theta[0])

    def tables(self, low: float, high: float, step: float, tau: Floats) -> tuple[Floats, Floats]:
        """Log marginal likelihoods on a grid.

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
        other = np.isnan(self.error)
        if other.any():
            # Beyond the edge nothing is tabulated, and a spline must not be carried there.
            low, high = max(low, -EDGE), min(high, EDGE)
        else:
            points = np.linspace(low, high, int(np.ceil((high - low) / step)) + 1)
            return points, self._closed(points, tau)
        # On points of theta, a blur by tau is a product with one Toeplitz matrix.
        stride = max(1, int(step / self.step))
        middle = self.theta.size // 2
        first = max(0, middle + int(np.floor(low / self.step)))
        last = min(self.theta.size - 1, middle + int(np.ceil(high / self.step)) + stride - 1)
        points = self.theta[first : last + 1 : stride]
        blurred = self._blurred(other, points, first, stride, tau)
        if step < self.step:
            # The log of a marginal likelihood is smooth between points of theta.
            spline = CubicSpline(points, blurred, axis=2)
            points = np.linspace(low, high, int(np.ceil((high - low) / step)) + 1)
            blurred = spline(points)
        values = np.empty((other.size, tau.size, points.size))
        values[~other] = self._closed(points, tau)[~other]
        values[other] = blurred
        return points, values

    def _closed(self, points: Floats, tau: Floats) -> Floats:
        """Estimates: normal around the expected effect, both variances added."""
        variance = self.error[:, None, None] ** 2 + tau[:, None] ** 2
        gap = self.value[:, None, None] - points
        return -0.5 * (gap**2 / variance + np.log(2 * np.pi * variance))

    def _blurred(
        self, rows: np.ndarray, points: Floats, first: int, stride: int, tau: Floats
    ) -> Floats:
        """Other rows: their likelihood blurred by a normal of each SD."""
        log_l = self.log_likelihood[rows]
        top = log_l.max(axis=1, keepdims=True)
        log_l = np.maximum(log_l - top, -FLOOR)
        scaled = np.exp(log_l).T
        spline = CubicSpline(self.theta, log_l, axis=1)
        values = np.empty((len(log_l), tau.size, points.size))
        size = self.theta.size
        offsets = self.step * np.arange(1 - size, size)
        written_out = np.empty((points.size, size))
        for k, sd in enumerate(tau):
            if sd < self.step:
                # Narrower than the grid: a few nodes of the kernel on a spline of the log.
                at = np.clip(points[:, None] + sd * _NODES, -EDGE, EDGE)
                local = spline(at)
                peak = local.max(axis=-1, keepdims=True)
                values[:, k] = np.log(np.exp(local - peak) @ _WEIGHTS) + peak[..., 0]
                continue
            exponent = 0.5 * (offsets / sd) ** 2
            of_offsets = np.where(exponent < FLOOR, np.exp(-exponent), 0.0)
            of_offsets *= self.step / sd / np.sqrt(2 * np.pi)
            toeplitz = np.lib.stride_tricks.sliding_window_view(of_offsets, size)[::-1]
            # Its rows overlap in memory: written out, the product is a fast one.
            np.copyto(written_out, toeplitz[first : first + stride * points.size : stride])
            inside = written_out @ scaled
            # Half a step at either end, and beyond it the value at the edge.
            left = ndtr((-EDGE - points) / sd)[:, None] * scaled[0]
            right = ndtr((points - EDGE) / sd)[:, None] * scaled[-1]
            ends = 0.5 * (written_out[:, :1] * scaled[0] + written_out[:, -1:] * scaled[-1])
            with np.errstate(divide="ignore"):
                values[:, k] = np.log(np.maximum(inside - ends + left + right, 0.0)).T
        return np.maximum(values, -FLOOR) + top[:, :, None]


def _estimates(data: Dataset) -> tuple[Floats, Floats]:
    """Value and standard error of each study that gives an estimate; NaN for the others."""
    value, error = np.full((2, len(data.studies)), np.nan)
    study = data.effect_study[data.normal_effect]
    value[study], error[study] = data.normal_value, data.normal_error
    return value, error
