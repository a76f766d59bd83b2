"""The pooled effect if results without significance were printed less often, by fixed weights.

Too few studies cannot tell how often results go unprinted, so the printing weight is set and not
estimated: a range of answers in place of one (Vevea and Woods 2005, Psychological Methods 10,
428-443).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from livingreview.effects.forms.printing import Printing, Sides
from livingreview.models.quadrature.engine import STATISTICS
from livingreview.models.quadrature.marginals import MEDIAN
from livingreview.models.quadrature.normal import TOLERANCE
from livingreview.models.quadrature.pooled_effect import pooled_effects
from livingreview.models.quadrature.printed_studies import printed
from livingreview.sensitivity.choices import OutcomeChoices

# Sign of the effect that each way of an outcome to be better asks for.
BETTER: dict[str, Literal[-1, 1]] = {"lower": -1, "higher": 1}


def fixed_weights(
    outcome: OutcomeChoices, weights: list[float], planned: pd.Series, limit: float
) -> pd.DataFrame:
    """Pooled effect of the planned analysis under each weight, two-sided and one-sided.

    Parameters
    ----------
    weights : list of float
        A weight of 1 is the planned analysis.
    planned : Series
        Row of `livingreview.tables.sensitivity.Variations` of the planned analysis, without names.

    Returns
    -------
    DataFrame
        Columns sides and weight, and those of `planned`.
    """
    rows = [
        {"sides": sides, "weight": weight} | row
        for sides, weight, row in _answers(outcome, weights, planned.to_dict(), limit)
    ]
    return pd.DataFrame(rows)


def _answers(
    outcome: OutcomeChoices, weights: list[float], planned: dict[Any, Any], limit: float
) -> Iterator[tuple[Sides, float, dict[Any, Any]]]:
    """Each answer, on study tables that are made once."""
    data, likelihoods = outcome.planned_data, outcome.planned_likelihoods
    priors = outcome.priors[outcome.planned.priors]
    everything = np.ones((1, len(data.studies)), dtype=bool)
    for sides in get_args(Sides):
        favoured = BETTER[outcome.better] if sides == "one_sided" else 0
        for weight in weights:
            if weight == 1:
                yield sides, weight, planned
                continue
            in_print = printed(data, likelihoods, Printing(weight, favoured))
            effects = pooled_effects(in_print, everything, priors, limit)
            above = float(np.clip(effects.mu.above[0], 0, 1))
            yield (
                sides,
                weight,
                {
                    "studies": len(data.studies),
                    **dict(zip(STATISTICS, map(float, effects.mu.quantiles[0]), strict=True)),
                    "p_above_zero": above,
                    "p_below_zero": 1 - above,
                    "tau": float(effects.tau.quantiles[0, MEDIAN]),
                    "movement": float(effects.movement[0]),
                    "stands_still": bool(effects.movement[0] < TOLERANCE),
                },
            )
