r"""Group sizes of studies, those that no source gives as nodes over their prior.

The size of an arm has a log-normal prior, cut at an upper bound where a source gives one (a
planned size). A likelihood is averaged over n at the nodes of the Gauss quadrature whose weight is
that prior, from the recurrence of its orthogonal polynomials (Golub and Welsch 1969, Mathematics of
Computation 23, 221-230). Where neither arm is known both have the same size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from livingreview.effects.forms.form import Floats
from livingreview.protocol.priors import Prior

# The log likelihood of a statement is within 0.002 of its integral where it is within 15 nats of
# its top, under priors as wide as that of the shipped review.
NODES = 15
# Standard deviations of log n, either way, and points of the sums that stand for its prior.
REACH = 7.0
POINTS = 1001


@dataclass(frozen=True, eq=False)
class Sizes:
    """Effective people in both arms of each row, at one node or several.

    Attributes
    ----------
    treated, control : ndarray, shape (row, node)
    log_weight : ndarray, shape (row, node)
        Weights that add to 1 in each row; -inf at nodes that a row does not need.
    """

    treated: Floats
    control: Floats
    log_weight: Floats


def group_sizes(
    treated: Floats, control: Floats, least: Floats, most: Floats, priors: list[Prior | None]
) -> Sizes:
    """Sizes of each row.

    Parameters
    ----------
    treated, control : ndarray, shape (row,)
        NaN where not known.
    least, most : ndarray, shape (row,)
        Bounds of a size that is not known.
    priors : list of Prior or None
        Of the effective size of an arm in each row; only used where one is not known.
    """
    rows = [_row(*row) for row in zip(treated, control, least, most, priors, strict=True)]
    nodes = max((row[0].size for row in rows), default=1)
    parts = []
    for k, empty in enumerate((None, None, -np.inf)):
        part = np.empty((len(rows), nodes))
        for i, row in enumerate(rows):
            part[i, : row[k].size] = row[k]
            # Nodes that are not needed keep a possible size, and weigh nothing.
            part[i, row[k].size :] = row[k][-1] if empty is None else empty
        parts.append(part)
    return Sizes(*parts)


def _row(
    treated: float, control: float, least: float, most: float, prior: Prior | None
) -> tuple[Floats, Floats, Floats]:
    """Sizes of both arms of one row and log weights, each shape (node,)."""
    if not np.isnan([treated, control]).any():
        return np.array([treated]), np.array([control]), np.zeros(1)
    assert prior is not None, "evidence without sizes is not usable without their prior"
    n, log_weight = size_nodes(prior, least, most)
    return (
        n if np.isnan(treated) else np.full(n.size, treated),
        n if np.isnan(control) else np.full(n.size, control),
        log_weight,
    )


def size_nodes(prior: Prior, least: float = 0.0, most: float = np.inf) -> tuple[Floats, Floats]:
    """Sizes of an arm and their log weights, each shape (node,).

    Parameters
    ----------
    prior : Prior
        A log-normal distribution.
    least, most : float
        Bounds of the size.
    """
    location, scale = prior.arguments
    with np.errstate(divide="ignore"):
        bottom, top = (np.log([least, most]) - location) / scale
    # A bound far out in the prior leaves a tail, which decays within a standard deviation or two.
    top = min(top, max(REACH, bottom + REACH))
    bottom = max(bottom, min(-REACH, top - REACH))
    x = np.linspace(bottom, top, POINTS)
    weight = np.exp(-0.5 * (x**2 - np.abs(x).min() ** 2))
    weight[[0, -1]] /= 2
    nodes, log_weight = _gauss(x, weight / weight.sum())
    return np.exp(location + scale * nodes), log_weight


def _gauss(x: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Nodes and log weights of the Gauss quadrature of a discrete distribution, (node,)."""
    centres, squares = np.zeros(NODES), np.zeros(NODES)
    before, polynomial, norm = np.zeros(x.size), np.ones(x.size), 1.0
    for k in range(NODES):
        centres[k] = (weight * x * polynomial**2).sum() / norm
        after = (x - centres[k]) * polynomial - squares[k - 1 if k else 0] * before
        before, polynomial = polynomial, after
        new = (weight * polynomial**2).sum()
        squares[k] = new / norm
        norm = new
    off = np.sqrt(squares[:-1])
    values, vectors = np.linalg.eigh(np.diag(centres) + np.diag(off, 1) + np.diag(off, -1))
    return values, np.log(vectors[0] ** 2)
