r"""Prior of a coefficient under the regularised horseshoe.

Piironen and Vehtari 2017, Electronic Journal of Statistics 11(2), section 3:

.. math::

    \beta_k = z_k \tilde\lambda_k g, \quad
    \tilde\lambda_k^2 = c^2 \lambda_k^2 / (c^2 + g^2 \lambda_k^2)

with z normal, :math:`\lambda` half-t, g half-normal, and the slab c fixed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from livingreview.protocol.priors import LOCAL_DEGREES

# Nodes for each of two expectations. The integrand is bounded by the slab's variance and smooth
# on the scale of probabilities; twice as many nodes move the result by less than 1e-5 of itself.
NODES = 400


def coefficient_sd(global_scale: float, slab: float) -> float:
    r"""Prior standard deviation of a coefficient.

    .. math:: Var(\beta_k) = E[c^2 g^2 \lambda^2 / (c^2 + g^2 \lambda^2)],

    as z has variance 1 and is independent of the scales; the expectation is taken by
    Gauss-Legendre quadrature over the probabilities of g and :math:`\lambda`.

    `global_scale`: scale of the half-normal prior of g. `slab`: c, on the log odds ratio scale.
    """
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    probability, weights = 0.5 * (nodes + 1), 0.5 * weights
    g = stats.halfnorm.ppf(probability, scale=global_scale)
    local = stats.t.ppf(0.5 + 0.5 * probability, LOCAL_DEGREES)
    squared = (g[:, None] * local[None, :]) ** 2
    variance = weights @ (slab**2 * squared / (slab**2 + squared)) @ weights
    return float(np.sqrt(variance))


def horseshoe_draws(
    global_scale: float, slab: float, shape: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draws of coefficients, shape (draw, coefficient); those of a row share g."""
    z = rng.standard_normal(shape)
    local = np.abs(rng.standard_t(LOCAL_DEGREES, shape))
    wide = np.abs(rng.normal(0.0, global_scale, (shape[0], 1))) * local
    return z * slab * wide / np.sqrt(slab**2 + wide**2)
