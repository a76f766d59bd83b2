r"""Group sizes of studies, those that no source gives as nodes over their prior.

The size of an arm has a log-normal prior, cut at an upper bound where a source gives one (a
planned size). A likelihood is averaged over n at K nodes: Gauss-Legendre nodes in
:math:`\log n` over the part of the prior within `REACH` standard deviations and below the
bound, weighted with the prior's density. Where neither arm is known both have the same size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from livingreview.effects.forms.form import Floats
from livingreview.protocol.priors import Prior

NODES = 41
# Standard deviations of log n, either way. Far from the reported effect, the likelihood is that of
# sizes far out in the prior.
REACH = 7.0
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(NODES)


@dataclass(frozen=True, eq=False)
class Sizes:
    """People in both arms of each row, at one node or several.

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
        Of the size of an arm in each row; only used where one is not known.
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
    half = (top - bottom) / 2
    x = bottom + half * (1 + _POINTS)
    log_weight = np.log(_WEIGHTS) + np.log(half) - 0.5 * x**2 - 0.5 * np.log(2 * np.pi)
    log_weight -= np.log(np.exp(log_weight - log_weight.max()).sum()) + log_weight.max()
    return np.exp(location + scale * x), log_weight
