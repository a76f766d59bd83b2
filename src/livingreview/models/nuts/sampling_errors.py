r"""Correlated sampling errors of several effects of one study.

Errors in units of their standard deviations are :math:`\sqrt\rho\, g + \sqrt{1 - \rho}\, e_j`, g
one standard normal number of each study. Where every effect has a residual r, g is integrated in
closed form: with m effects and :math:`R = (1 - \rho) I + \rho 1 1^\top`,

.. math:: \log \frac{N(r; 0, R)}{N(r; 0, I)} = \frac{1}{2} \left[\sum r_j^2
          - \frac{\sum r_j^2}{1 - \rho}
          + \frac{\rho (\sum r_j)^2}{(1 - \rho)(1 + (m - 1) \rho)}
          - \log\left((1 - \rho)^{m - 1} (1 + (m - 1) \rho)\right)\right]

(Sherman and Morrison 1950, Annals of Mathematical Statistics 21, 124-127), a term of each study
beside those of its effects as if these were independent. Of a statement only bounds of its z are
known: a study that makes one among its effects keeps its g.
"""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from livingreview.effects.data_set import Dataset, Indices
from livingreview.effects.forms.form import SharedErrors, Tensor
from livingreview.effects.forms.tensors import elements

# Name of the terms, one for each study whose g is integrated, and of the numbers that say which
# effects a model uses.
CORRELATION_TERMS = "correlation_terms"
INCLUDED = "included_effects"


def integrated_group(data: Dataset) -> Indices:
    """As `Dataset.correlated_group`, numbered anew, of the groups whose g is integrated."""
    return _numbered(data, with_statement=False)


def sampled_group(data: Dataset) -> Indices:
    """As `Dataset.correlated_group`, numbered anew, of the groups whose g is sampled."""
    return _numbered(data, with_statement=True)


def shared_errors(data: Dataset) -> SharedErrors | None:
    """What errors share where g is sampled: a variable of the model, if any study needs it."""
    group = sampled_group(data)
    groups = int(group.max(initial=-1)) + 1
    if not groups:
        return None
    g = pm.Normal("shared_error", 0.0, 1.0, shape=groups)
    shares = group >= 0
    size = np.where(shares, np.sqrt(data.correlation), 0.0)
    kept = np.where(shares, np.sqrt(1 - data.correlation), 1.0)
    return SharedErrors(size * g[np.maximum(group, 0)], kept)


def correlation_terms(
    data: Dataset, numbers: dict[str, Tensor], theta: Tensor, logit: Tensor | None
) -> Tensor | None:
    """Log of the law of each study's residuals over that of independent ones, shape (group,).

    None without a study whose g is integrated. Effects that a model leaves out count for nothing,
    and a study of which one effect is left has a term of 0.

    Parameters
    ----------
    numbers : dict of tensor
        Those of the data set's forms, and `INCLUDED`.
    theta : tensor, shape (effect,)
    logit : tensor, shape (baseline,), optional
    """
    group, rho = integrated_group(data), data.correlation
    groups = int(group.max(initial=-1)) + 1
    if not groups:
        return None
    effects = total = square = pt.zeros(groups)
    for form in data.forms.values():
        effect = form.effect[form.rows_of_effects]
        rows = np.flatnonzero(group[effect] >= 0)
        if not rows.size:
            continue
        of_row = group[effect[rows]]
        used = elements(numbers[INCLUDED], effect[rows], len(data.effects))
        residual = used * elements(form.residual(numbers, theta, logit), rows, effect.size)
        effects = pt.inc_subtensor(effects[of_row], used)
        total = pt.inc_subtensor(total[of_row], residual)
        square = pt.inc_subtensor(square[of_row], residual**2)
    kept, together = 1 - rho, 1 + (effects - 1) * rho
    distance = (square - rho * total**2 / together) / kept
    log_determinant = (effects - 1) * np.log(kept) + pt.log(together)
    return 0.5 * (square - distance - log_determinant)


def _numbered(data: Dataset, with_statement: bool) -> Indices:
    """Number of each effect's group, -1 in none, of groups with or without a statement."""
    group = data.correlated_group
    stated = np.zeros(len(data.effects), dtype=bool)
    for form in data.forms.values():
        stated[form.effect[form.rows_of_effects]] |= not form.has_residual
    asked = np.isin(group, group[stated]) == with_statement
    _, number = np.unique(np.where(asked & (group >= 0), group, -1), return_inverse=True)
    # The first number is that of effects in none, where there are any.
    return number - 1 if (~asked | (group < 0)).any() else number
