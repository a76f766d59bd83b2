r"""Restricted maximum likelihood where a study gives several effects: three levels.

.. math:: y \sim N(X\beta, V), \qquad V_i = S_i + \omega^2 I + \tau^2 1 1^\top

Both variances maximise :math:`-\tfrac12 (\log|V| + \log|X^\top V^{-1} X| + r^\top V^{-1} r)`,
with r the residuals of generalised least squares (Harville 1977, JASA 72, 320-338;
Konstantopoulos 2011, Research Synthesis Methods 2, 61-76).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from livingreview.effects.data_set import Floats, Indices

# Standard deviations, in units of the spread of the values, from which the search starts: the
# likelihood may have several peaks.
STARTS = (0.05, 0.5, 1.5)


@dataclass(frozen=True)
class RemlFit:
    """A mixed-effects meta-regression by restricted maximum likelihood.

    Attributes
    ----------
    coefficients, standard_errors : ndarray, shape (coefficient,)
        The errors are those of weighted least squares at the estimated variances
        ("Wald"), without the adjustment of Knapp and Hartung.
    tau_squared : float
        Variance between studies.
    omega_squared : float
        Variance between the effects of one study; 0 where each gives one.
    """

    coefficients: Floats
    standard_errors: Floats
    tau_squared: float
    omega_squared: float = 0.0


def nested_reml(values: Floats, sampling: Floats, study: Indices, columns: Floats) -> RemlFit:
    """Fit both variances and the coefficients.

    Parameters
    ----------
    values : ndarray, shape (effect,)
        Estimates.
    sampling : ndarray, shape (effect, effect)
        Covariance of their sampling errors.
    study : ndarray of int, shape (effect,)
    columns : ndarray, shape (effect, coefficient)
        Design matrix; a column of ones for the pooled effect.

    Raises
    ------
    ValueError
        If there are not more studies than coefficients.
    """
    studies, coefficients = len(np.unique(study)), columns.shape[1]
    if studies <= coefficients:
        raise ValueError(f"{studies} studies for {coefficients} coefficients")
    same = study[:, None] == study

    def fitted(sds: Floats) -> tuple[float, Floats, Floats]:
        """Log restricted likelihood, coefficients and their covariance."""
        total = sampling + sds[0] ** 2 * same + sds[1] ** 2 * np.eye(values.size)
        lower = np.linalg.cholesky(total)
        white = np.linalg.solve(lower, np.column_stack([columns, values]))
        x, y = white[:, :-1], white[:, -1]
        information = x.T @ x
        covariance = np.linalg.inv(information)
        beta = covariance @ (x.T @ y)
        log_determinants = 2 * np.log(np.diag(lower)).sum() + np.linalg.slogdet(information)[1]
        return -0.5 * float(log_determinants + ((y - x @ beta) ** 2).sum()), beta, covariance

    scale = max(float(values.std()), float(np.diag(sampling).min()) ** 0.5)
    searches = [
        minimize(lambda sds: -fitted(sds)[0], scale * np.array([tau, omega]), method="Nelder-Mead")
        for tau in STARTS
        for omega in STARTS
    ]
    best = min(searches, key=lambda search: search.fun)
    tau, omega = minimize(
        lambda sds: -fitted(sds)[0],
        best.x,
        method="Nelder-Mead",
        options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 2000},
    ).x
    _, beta, covariance = fitted(np.array([tau, omega]))
    return RemlFit(beta, np.sqrt(np.diag(covariance)), float(tau**2), float(omega**2))
