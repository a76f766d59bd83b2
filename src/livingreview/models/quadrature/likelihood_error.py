r"""How precisely studies alone tell a coefficient: the standard error of its likelihood.

The posterior's standard deviation hangs on the prior of the coefficient. Here that prior is so
wide that only the likelihood is left, integrated over the pooled effect and the heterogeneity,
which keep theirs: an answer that no scale of the coefficient's prior moves.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from livingreview.effects.data_set import Dataset
from livingreview.effects.design_matrix import ALL_STUDIES, DesignMatrix
from livingreview.effects.refusal import Refusal
from livingreview.models.quadrature.engine import answer, tabulated
from livingreview.models.quadrature.locations import Likelihoods
from livingreview.protocol.models import Priors
from livingreview.protocol.priors import Prior

# A ratio of e^10 either way is within two standard deviations. Where studies bound a coefficient
# from one side only, or not at all, what is told is large and no more than 5.
WIDE = Prior.parse("normal(0, 5)")
# No limit of practically none is asked about.
_NO_LIMIT = 0.0


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
        setting_studies=(int(included.sum()),),
    )
    wide = priors.model_copy(update={"beta": WIDE})
    try:
        result = answer(data, alone, wide, _NO_LIMIT, tabulate)
    except Refusal:
        return None
    others = design.columns[:, [other != name for other in names]][design.included]
    inflation = _inflation(column[design.included], others)
    return min(result.quantities[f"beta[{coefficient}]"]["sd"] * inflation, WIDE.arguments[1])


def _inflation(column: np.ndarray, others: np.ndarray) -> float:
    """Square root of the variance inflation factor of a column beside others."""
    if not others.shape[1]:
        return 1.0
    centred, rest = column - column.mean(), others - others.mean(axis=0)
    fitted = rest @ np.linalg.lstsq(rest, centred, rcond=None)[0]
    left = float(((centred - fitted) ** 2).sum() / (centred**2).sum())
    return 1 / math.sqrt(left) if left > 1e-12 else math.inf
