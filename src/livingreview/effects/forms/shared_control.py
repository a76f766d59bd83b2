r"""Counts of several arms against one control arm, each with its own effect.

.. math:: \ell(t) = \int p(\alpha)\, p(e_0 | \alpha) \prod_j
          \left[\int N(\theta; t, \omega^2)\, p(e_j | \alpha + \theta)\, d\theta\right] d\alpha

The inner integral hangs on :math:`\alpha + t` only, so it is one function of one argument for
each arm. The arms' correlation is that of the shared control, exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, ndtr

Floats = NDArray[np.float64]

# Log likelihood, below its top, at which an arm is left out of a sum.
DROP = 300.0
# Points per standard deviation of the narrowest function: of a trapezium sum, and of a spline.
STEPS_PER_SD = 1.25
POINTS_PER_SD = 5.0
# Points on which an arm and the control logit are located, and how far an arm is looked for.
LOCATING = 2001
FURTHEST = 60.0
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(31)
_LOG_WEIGHTS = np.log(_WEIGHTS) - 0.5 * np.log(2 * np.pi)


@dataclass(frozen=True)
class Arm:
    """One arm's events, as functions of its linear predictor.

    Attributes
    ----------
    log_likelihood, curvature : callable
        Log likelihood and its negative second derivative.
    """

    log_likelihood: Callable[[Floats], Floats]
    curvature: Callable[[Floats], Floats]

    @cached_property
    def reach(self) -> tuple[float, float]:
        """Where the likelihood is within `DROP` of its top; infinite where it stays so."""
        x = np.linspace(-FURTHEST, FURTHEST, LOCATING)
        log_l = self.log_likelihood(x)
        # A peak that falls between the points lies within a step of those that are near the top.
        first, last = np.flatnonzero(log_l > log_l.max() - DROP)[[0, -1]]
        low = -np.inf if first == 0 else float(x[first - 1])
        high = np.inf if last == x.size - 1 else float(x[last + 1])
        return low, high

    def narrowest(self, low: float, high: float) -> float:
        """Standard deviation of the narrowest part of the likelihood between two ends."""
        ends = max(low, self.reach[0]), min(high, self.reach[1])
        x = np.linspace(*ends, 257) if ends[0] < ends[1] else np.array([low])
        return float(np.max(self.curvature(x), initial=1e-6)) ** -0.5


@dataclass(frozen=True)
class SharedControl:
    """A control arm and the arms that are compared with it.

    Attributes
    ----------
    location, scale : float
        Normal prior of the control logit.
    """

    location: float
    scale: float
    control: Arm
    treated: tuple[Arm, ...]

    def log_likelihood(self, theta: Floats, sd_within_study: float) -> Floats:
        """Log likelihood at each level of the study, shape (point,).

        `theta`: equally spaced.
        """
        # Slow to import, and a step that reads or draws effects needs none of it.
        from scipy.interpolate import CubicSpline

        logit, log_weight, every = self._control_logits(float(theta[1] - theta[0]))
        spacing = float(logit[1] - logit[0])
        # Sums of a logit and a level lie on one lattice.
        count = logit.size + every * (theta.size - 1)
        at = logit[0] + theta[0] + spacing * np.arange(count)
        terms = (log_weight + self.control.log_likelihood(logit))[:, None]
        for arm in self.treated:
            width = arm.narrowest(at[0], at[-1])
            coarse = np.hypot(width, sd_within_study) / POINTS_PER_SD
            points = max(16, int(np.ceil((at[-1] - at[0]) / coarse)) + 1)
            x = np.linspace(at[0], at[-1], points)
            on_lattice = CubicSpline(x, _blurred(arm, x, sd_within_study, width))(at)
            windows = np.lib.stride_tricks.sliding_window_view(on_lattice, logit.size)
            terms = terms + windows[::every].T
        peak = terms.max(axis=0)
        return np.log(np.exp(terms - peak).sum(axis=0)) + peak

    def _control_logits(self, step: float) -> tuple[Floats, Floats, int]:
        """Logits of a trapezium sum, and the logs of their weights under the prior.

        Their distance is `step` over a whole number, which comes last.
        """
        reach = np.sqrt(2 * DROP) * self.scale
        coarse = np.linspace(self.location - reach, self.location + reach, LOCATING)
        log_density = self.control.log_likelihood(coarse)
        log_density = log_density - 0.5 * ((coarse - self.location) / self.scale) ** 2
        # A peak that falls between the points lies within a step of those that are kept.
        first, last = np.flatnonzero(log_density > log_density.max() - DROP)[[0, -1]]
        low, high = coarse[max(first - 1, 0)], coarse[min(last + 1, LOCATING - 1)]
        arms = (self.control, *self.treated)
        precision = sum(arm.narrowest(-FURTHEST, FURTHEST) ** -2.0 for arm in arms)
        sd = (self.scale**-2.0 + precision) ** -0.5
        every = int(np.ceil(step * STEPS_PER_SD / sd))
        spacing = step / every
        logit = low + spacing * np.arange(int(np.ceil((high - low) / spacing)) + 1)
        z = (logit - self.location) / self.scale
        log_weight = -0.5 * z**2 + np.log(spacing / self.scale / np.sqrt(2 * np.pi))
        return logit, log_weight, every


def _blurred(arm: Arm, x: Floats, sd: float, width: float) -> Floats:
    """Log of an arm's likelihood averaged over a normal around each logit, shape (point,)."""
    if sd <= width / 2:
        local = arm.log_likelihood(x[:, None] + sd * _NODES)
        return logsumexp(local + _LOG_WEIGHTS, axis=1)
    low, high = arm.reach
    low, high = max(low, x[0] - 8 * sd), min(high, x[-1] + 8 * sd)
    count = int(np.ceil((high - low) * STEPS_PER_SD / min(width, sd))) + 1
    y, step = np.linspace(low, high, max(3, count), retstep=True)
    log_l = arm.log_likelihood(y)
    top = log_l.max()
    z = (y - x[:, None]) / sd
    kernel = np.exp(-0.5 * z**2) * (step / sd / np.sqrt(2 * np.pi))
    weights = np.exp(log_l - top)
    product = kernel @ weights
    # Half a step at either end; beyond the ends the likelihood stays as it is there.
    product += (ndtr(z[:, 0]) - 0.5 * kernel[:, 0]) * weights[0]
    product += (ndtr(-z[:, -1]) - 0.5 * kernel[:, -1]) * weights[-1]
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(product), -300.0) + top
