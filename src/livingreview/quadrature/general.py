r"""Terms of any kind: integration over the pooled effect, at most one coefficient, and log tau.

Each study enters by its marginal likelihood

.. math:: L_i(m, \tau) = \int N(\theta; m, \tau^2)\, \ell_i(\theta)\, d\theta

computed once per data set on a grid of m and :math:`\log\tau`. A fit then is a sum
of tables over its studies, at :math:`m_i = \mu + x_i\beta`, plus log priors. All
integrands fall to nothing at the ends of their grids, where the trapezium rule
converges faster than any power of the step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import ndtr

from livingreview.dataset import Dataset
from livingreview.quadrature.marginals import Floats
from livingreview.quadrature.study_likelihoods import log_likelihoods, widths

# Effects beyond an odds ratio of e^15 in either direction are treated as equally likely
# under a study that bounds its effect from one side only.
EDGE = 15.0
# Steps per standard error of the narrowest study, and the most points that may need.
STEPS_PER_ERROR = 3.0
MOST_POINTS = 20_001
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(15)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True)
class StudyTables:
    """Log marginal likelihood of each study, ready for any model of the same terms.

    Attributes
    ----------
    points : ndarray, shape (point,)
        Equally spaced expected effects m.
    log_tau : ndarray, shape (node,)
    values : ndarray, shape (node, study, point)
    """

    points: Floats
    log_tau: Floats
    values: Floats

    def at(self, column: Floats, mu: Floats, beta: Floats, included: np.ndarray) -> Floats:
        """Log likelihood of the included studies at mu + x beta.

        Returns
        -------
        ndarray, shape (node, mu, beta)
        """
        total = np.zeros((self.log_tau.size, mu.size, beta.size))
        for x in np.unique(column[included]):
            chosen = included & (column == x)
            of_group = self.values[:, chosen].sum(axis=1)
            spline = CubicSpline(self.points, of_group, axis=1)
            m = np.clip(mu[:, None] + x * beta, self.points[0], self.points[-1])
            total += spline(m)
        return total


def study_tables(data: Dataset, points: Floats, log_tau: Floats) -> StudyTables:
    """Compute the tables of a data set with one effect per study."""
    narrowest = float(widths(data).min())
    count = int(min(MOST_POINTS, 2 * EDGE / (narrowest / STEPS_PER_ERROR)))
    theta = np.linspace(-EDGE, EDGE, 2 * (max(count, 600) // 2) + 1)
    step = theta[1] - theta[0]
    log_l = log_likelihoods(data, theta)
    top = log_l.max(axis=1, keepdims=True)
    scaled = np.exp(log_l - top).T
    spline = CubicSpline(theta, np.maximum(log_l, top - 700), axis=1)
    values = np.empty((log_tau.size, len(data.studies), points.size))
    for k, tau in enumerate(np.exp(log_tau)):
        if tau < step:
            # Narrower than the grid: the kernel's few nodes on a spline of the log likelihood.
            at = np.clip(points[:, None] + tau * _NODES, -EDGE, EDGE)
            local = spline(at)
            peak = local.max(axis=-1, keepdims=True)
            mean = np.log((np.exp(local - peak) * _WEIGHTS).sum(axis=-1)) + peak[..., 0]
            values[k] = mean
            continue
        kernel = np.exp(-0.5 * ((points[:, None] - theta) / tau) ** 2)
        kernel *= step / (tau * np.sqrt(2 * np.pi))
        inside = kernel @ scaled
        # Half a step at either end, and beyond it the value at the edge.
        left = ndtr((-EDGE - points) / tau)[:, None] * scaled[0]
        right = ndtr((points - EDGE) / tau)[:, None] * scaled[-1]
        ends = 0.5 * (kernel[:, :1] * scaled[0] + kernel[:, -1:] * scaled[-1])
        with np.errstate(divide="ignore"):
            values[k] = (np.log(inside - ends + left + right) + top.T).T
    return StudyTables(points, log_tau, np.maximum(values, top[None] - 700))
