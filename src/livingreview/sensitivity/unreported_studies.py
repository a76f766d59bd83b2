r"""How many unreported studies without effect it takes until the direction is no longer probable.

Unreported studies have no effect on average, differ from each other as those on record do, and are
of this outcome's median size: pairs of reports

.. math:: y = \pm \sqrt{s^2 + \hat\tau^2}, \qquad y \sim N(\theta, s^2)

with s the standard error of the median study and :math:`\hat\tau` the median of the heterogeneity
today; of an odd number one has y = 0. So they have the mean and the variance of studies drawn
around no effect, without the chance of a draw (Rosenthal 1979, Psychological Bulletin 86, 638-641,
asks the same of summed z values, where heterogeneity has no place).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from livingreview.effects.data_set import Dataset, dataset
from livingreview.effects.likelihood_tables import printing_errors
from livingreview.models.quadrature.locations import Likelihoods, likelihoods_of, with_estimates
from livingreview.models.quadrature.marginals import MEDIAN, Floats
from livingreview.models.quadrature.normal import TOLERANCE
from livingreview.models.quadrature.pooled_effect import pooled_effects
from livingreview.protocol.decisions import Decisions
from livingreview.protocol.outcomes import AS_PLANNED
from livingreview.protocol.sensitivity import Unreported
from livingreview.sensitivity.assumptions import Assumptions
from livingreview.sensitivity.choices import OutcomeChoices
from livingreview.tables.effects import Terms


def median_error(data: Dataset) -> float:
    """Standard error of the median study of an outcome, in the units of the effects.

    Of a study with several effects the smallest is taken; behind a statement it is Woolf's without
    an effect, at the middle of the priors of the control share and of sizes that are not known.
    """
    errors, _ = printing_errors(data)
    of_studies = [errors[data.effect_study == i].min() for i in range(len(data.studies))]
    return float(np.median(of_studies))


def unreported_studies(
    outcome: OutcomeChoices,
    rules: Unreported,
    decisive: float,
    decisions: Decisions,
    limit: float,
) -> dict[str, Any]:
    """Fewest unreported studies without effect after which the direction loses its probability.

    Parameters
    ----------
    outcome : OutcomeChoices
        Analysed as planned.
    decisive : float
        Probability of a direction that is sought to be lost; where it is not reached today, that
        of the protocol's mildest verdict.
    limit : float
        Below which an effect is practically none.

    Returns
    -------
    dict
        Columns of `livingreview.tables.sensitivity.UnreportedStudies` but the outcome.
    """
    data, on_record = outcome.planned_data, outcome.planned_likelihoods
    priors = outcome.priors[outcome.planned.priors]
    error = median_error(data)
    everything = np.ones((1, len(data.studies)), dtype=bool)
    today = pooled_effects(on_record, everything, priors, limit)
    tau = float(today.tau.quantiles[0, MEDIAN])
    spread = math.hypot(error, tau)
    likelihoods = _with_null_studies(outcome, np.array([0.0, spread, -spread]), error)
    # Each study on record once; of k unreported ones, pairs, and one at 0 where k is odd.
    count = np.arange(rules.most + 1)
    times = np.ones((count.size, len(likelihoods.names)), dtype=np.int64)
    times[:, -3:] = np.column_stack([count % 2, count // 2, count // 2])
    effects = pooled_effects(likelihoods, times, priors, limit)
    above = np.clip(effects.mu.above, 0, 1)
    more = bool(above[0] >= 0.5)
    p = above if more else 1 - above
    row: dict[str, Any] = {
        "studies": len(data.studies),
        "standard_error": error,
        "tau": tau,
        "direction": "more" if more else "less",
        "p_now": float(p[0]),
        "most": rules.most,
        "p_at_most": float(p[-1]),
        "probability": None,
        "unreported": None,
        "p_then": None,
        "movement": float(effects.movement.max()),
        "stands_still": bool(effects.movement.max() < TOLERANCE),
    }
    mildest = decisions.verdicts[-1].probability
    reached = [level for level in (decisive, mildest) if p[0] >= level]
    if not reached:
        return row | {"reason": "the direction has no verdict today"}
    probability = reached[0]
    below = np.flatnonzero(p < probability)
    row |= {"probability": probability}
    if not below.size:
        return row | {"reason": "so many do not take it away"}
    fewest = int(below[0])
    return row | {"unreported": fewest, "p_then": float(p[fewest]), "reason": "found"}


def _with_null_studies(outcome: OutcomeChoices, values: Floats, error: float) -> Likelihoods:
    """Studies on record, and after them estimates with one standard error."""
    if outcome.planned_data.has_several_effects:
        # Tables of these have a grid of their own for the SD within studies.
        planned = outcome.assumptions[AS_PLANNED]
        null_studies = [_null_study(value, error, planned) for value in values.tolist()]
        return likelihoods_of([outcome.planned_data, *null_studies])
    errors = np.full(values.size, error)
    return with_estimates(outcome.planned_likelihoods, values, errors)


def _null_study(value: float, error: float, assumptions: Assumptions) -> Dataset:
    """An estimate with a standard error."""
    # No record has a name with a blank.
    name = f"unreported {value:+.3f}"
    term = {"study_id": name, "effect_id": name, "likelihood": "normal"}
    frame = Terms.frame([term | {"value": value, "standard_error": error}])
    return dataset(frame, assumptions.priors, assumptions.correlation)
