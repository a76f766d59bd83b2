r"""How sharply studies alone tell a coefficient: the standard error of its likelihood.

The posterior's standard deviation hangs on the prior of the coefficient. The likelihood of a value
does not: the pooled effect and the heterogeneity are integrated over their priors, and the
coefficient has none. Statements may bound a difference on one side only, so that its likelihood
has no standard deviation. What it has is a slope: a normal log likelihood falls from 0.5 to 2
below its top within one standard error, and that distance is told, on the side where it is shorter.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.interpolate import CubicSpline

from livingreview.effects.data_set import Dataset
from livingreview.effects.design_matrix import ALL_STUDIES, DesignMatrix
from livingreview.effects.refusal import Refusal
from livingreview.models.quadrature.engine import tabulated
from livingreview.models.quadrature.heterogeneity import TauGrid, scale_and_end
from livingreview.models.quadrature.locations import Likelihoods
from livingreview.models.quadrature.marginals import Floats
from livingreview.models.quadrature.pooled_effect import prior_range
from livingreview.models.quadrature.sd_within_study import WithinGrid
from livingreview.protocol.models import Priors

# Coefficients that are looked at lie within these bounds, a ratio of 400 either way. A likelihood
# that falls on neither side within them is told as having this standard error.
WIDEST = 6.0
POINTS, NODES = 49, 41
# Log likelihood below the top between which one standard error lies.
NEAR, FAR = 0.5, 2.0
# A grid resolves the likelihood once this many of its points are above this fall from the top.
FEWEST_POINTS, FALL = 12, 4.5


def likelihood_error(
    data: Dataset,
    design: DesignMatrix,
    coefficient: str,
    priors: Priors,
    tabulate: Callable[[Dataset], Likelihoods] = tabulated,
) -> float | None:
    r"""Standard error of the likelihood of a coefficient; None where integration cannot serve.

    A level is compared with the reference alone, by the studies at these two. Beside other
    moderators the error is that times :math:`1 / \sqrt{1 - R^2}`, with R the multiple correlation
    of the column with those of the others: exact for normal terms of one precision.
    """
    position = design.coefficients.index(coefficient)
    column, included = design.columns[:, position], design.included.copy()
    name, _, level = coefficient.partition("=")
    names = [other.partition("=")[0] for other in design.coefficients]
    if level:
        of_others = [i for i, other in enumerate(names) if other == name and i != position]
        included &= (design.columns[:, of_others] == 0).all(axis=1)
    if np.ptp(column[included]) == 0:
        return None
    alone = replace(
        design,
        columns=column[:, None],
        coefficients=(coefficient,),
        included=included,
        settings=(ALL_STUDIES,),
        setting_columns=np.zeros((1, 1)),
        setting_rows=included[None],
    )
    try:
        error = _sharper_side(tabulate(data), alone.of_studies(data.studies), priors)
    except Refusal:
        return None
    others = design.columns[:, [other != name for other in names]][design.included]
    return min(error * _inflation(column[design.included], others), WIDEST)


def _sharper_side(likelihoods: Likelihoods, design: DesignMatrix, priors: Priors) -> float:
    """Distance over which the likelihood falls by what a standard error means."""
    low, high = -WIDEST, WIDEST
    while True:
        beta = np.linspace(low, high, POINTS)
        log = _log_likelihood(likelihoods, design, priors, beta)
        held = np.flatnonzero(log > log.max() - FALL)
        if held.size >= FEWEST_POINTS:
            break
        low, high = beta[max(held[0] - 1, 0)], beta[min(held[-1] + 1, POINTS - 1)]
    fine = np.linspace(low, high, 40 * POINTS)
    fall = CubicSpline(beta, log)(fine)
    fall = fall.max() - fall
    top = int(fall.argmin())
    # Away from the top, on either side.
    sides = (fine[top:], fall[top:]), (fine[top::-1], fall[top::-1])
    distances = [
        abs(float(at[np.argmax(down > FAR)] - at[np.argmax(down > NEAR)]))
        for at, down in sides
        if (down > FAR).any()
    ]
    return min(distances, default=WIDEST)


def _log_likelihood(
    likelihoods: Likelihoods, design: DesignMatrix, priors: Priors, beta: Floats
) -> Floats:
    """Log likelihood of values of the coefficient, up to a constant, shape (point,)."""
    column, included = design.columns[:, 0], design.included
    width = likelihoods.width[included]
    scale, end = scale_and_end(priors, float(width.min()))
    grid = TauGrid.over(scale, 0.0, end, NODES)
    within = WithinGrid.first(likelihoods, priors)
    # At no heterogeneity the pooled effect is known best: a trapezium sum of a normal with steps
    # of its SD is exact.
    low, high = prior_range(priors.mu)
    step = float(1 / np.sqrt((1 / width**2).sum()))
    mu = np.linspace(low, high, int(np.ceil((high - low) / step)) + 1)
    groups = np.unique(column[included])
    ends = [m + x * b for m in mu[[0, -1]] for x in groups for b in beta[[0, -1]]]
    span = min(ends), max(ends), float(width.min()) / 2
    members = included & (column == groups[:, None])
    log_prior = priors.mu.distribution.logpdf(mu)[:, None]
    total = np.full(beta.size, -np.inf)
    for rows, weight in within.rows(likelihoods).by_location:
        points, sums = rows.sums(members, *span, grid.tau)
        at = [np.clip(mu[:, None] + x * beta, points[0], points[-1]) for x in groups]
        splines = [CubicSpline(points, of_group, axis=-1) for of_group in sums]
        of_spreads = within.log_prior(priors)[:, None] + grid.log_prior(priors)
        shares = within.shares[:, None] * grid.shares
        log = sum(spline(x) for spline, x in zip(splines, at, strict=True))
        log = log + (of_spreads[..., None, None] + log_prior + weight)
        top = log.max()
        summed = np.tensordot(shares, np.exp(log - top).sum(axis=2), axes=2)
        total = np.logaddexp(total, np.log(np.maximum(summed, 1e-300)) + top)
    return total


def _inflation(column: np.ndarray, others: np.ndarray) -> float:
    """Square root of the variance inflation factor of a column beside others."""
    if not others.shape[1]:
        return 1.0
    centred, rest = column - column.mean(), others - others.mean(axis=0)
    fitted = rest @ np.linalg.lstsq(rest, centred, rcond=None)[0]
    left = float(((centred - fitted) ** 2).sum() / (centred**2).sum())
    return 1 / math.sqrt(left) if left > 1e-12 else math.inf
