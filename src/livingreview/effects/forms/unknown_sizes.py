r"""Group sizes of studies, those that no source gives as nodes over their prior.

The size of an arm has a log-normal prior, cut at an upper bound where a source gives one (a
planned size). A likelihood is averaged over n at K nodes: Gauss-Legendre nodes in
:math:`\log n` over the part of the prior within `REACH` standard deviations and below the
bound, weighted with the prior's density. Where neither arm is known both have the same size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from livingreview.effects.forms.form import Floats, numbers_of
from livingreview.protocol.priors import Prior

NODES = 21
# Standard deviations of log n, either way; beyond is 6e-7 of the prior.
REACH = 5.0
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


def group_sizes(terms: pd.DataFrame, priors: list[Prior | None]) -> Sizes:
    """Sizes of each row.

    Parameters
    ----------
    terms : DataFrame
        Columns n_treated, n_control (empty when not known), most_treated, most_control.
    priors : list of Prior or None
        Of the size of an arm in each row; only used where one is not known.
    """
    names = ("n_treated", "n_control", "most_treated", "most_control")
    columns = [numbers_of(terms, name) for name in names]
    rows = [_row(*sizes) for sizes in zip(*columns, priors, strict=True)]
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
    treated: float, control: float, most_treated: float, most_control: float, prior: Prior | None
) -> tuple[Floats, Floats, Floats]:
    """Sizes of both arms of one row and log weights, each shape (node,)."""
    known_treated, known_control = not np.isnan(treated), not np.isnan(control)
    if known_treated and known_control:
        return np.array([treated]), np.array([control]), np.zeros(1)
    assert prior is not None, "evidence without sizes is not usable without their prior"
    bounds = [most_treated] * (not known_treated) + [most_control] * (not known_control)
    n, log_weight = size_nodes(prior, np.nanmin([np.inf, *bounds]))
    return (
        np.full(n.size, treated) if known_treated else n,
        np.full(n.size, control) if known_control else n,
        log_weight,
    )


def size_nodes(prior: Prior, most: float = np.inf) -> tuple[Floats, Floats]:
    """Sizes of an arm and their log weights, each shape (node,).

    Parameters
    ----------
    prior : Prior
        A log-normal distribution.
    most : float
        Upper bound of the size.
    """
    location, scale = prior.arguments
    top = min(REACH, (np.log(most) - location) / scale)
    # A bound far below the prior leaves its lower tail, which decays within a step or two.
    bottom = min(-REACH, top - REACH)
    half = (top - bottom) / 2
    x = bottom + half * (1 + _POINTS)
    log_weight = np.log(_WEIGHTS) + np.log(half) - 0.5 * x**2 - 0.5 * np.log(2 * np.pi)
    log_weight -= np.log(np.exp(log_weight - log_weight.max()).sum()) + log_weight.max()
    return np.exp(location + scale * x), log_weight
