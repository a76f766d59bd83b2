r"""The bias of studies at high risk that would change an outcome's verdict.

Say that each study at high risk of bias reports its effect plus one shift :math:`\delta`, the same
for all of them: :math:`\theta_i \sim N(\mu + \delta, \tau^2)`. The outcome is pooled again at
every :math:`\delta` of a grid, up to the largest that the protocol thinks worth asking for, and
the smallest on either side at which its verdict is another one is told (a tipping-point analysis;
Mathur and VanderWeele 2020, JASA 115, 163-172, ask the like of confounding).
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from livingreview.base.measures import Measure
from livingreview.models.quadrature.biased_studies import Bias, biased
from livingreview.models.quadrature.locations import Likelihoods
from livingreview.models.quadrature.marginals import Floats
from livingreview.models.quadrature.normal import TOLERANCE
from livingreview.models.quadrature.pooled_effect import PooledEffects, pooled_effects
from livingreview.protocol.decisions import Decisions
from livingreview.protocol.models import Priors
from livingreview.protocol.sensitivity import LargestBias
from livingreview.synthesis.verdicts import EffectVerdict, verdict

# Steps up to the largest shift on the first grid, and of each of these on the second: a factor up
# to 10 is told to within half a percent.
STEPS, PARTS = 24, 20
# Most studies at high risk, each once for every shift, whose tables are held together.
MOST_SHIFTED = 5000
# Names of both sides by the sign of the shift.
SIDES = {1: "too_high", -1: "too_low"}


def flipping_bias(
    likelihoods: Likelihoods,
    high_risk: frozenset[str],
    priors: Priors,
    rules: LargestBias,
    decisions: Decisions,
    measure: Measure,
    size_learnt: bool,
) -> pd.DataFrame:
    """Smallest shift of the studies at high risk, either way, that changes the verdict.

    Parameters
    ----------
    likelihoods : Likelihoods
        Studies of one outcome as planned.
    high_risk : frozenset of str
        Studies whose reports are shifted.
    size_learnt : bool
        Whether the size of the pooled effect is learnt from the studies, as they are.

    Returns
    -------
    DataFrame
        Columns of `livingreview.tables.sensitivity.FlippingBias` but the outcome.
    """
    limit = measure.limit_on_line
    search = _Search(likelihoods, high_risk, priors, decisions, limit, size_learnt)
    steps = np.linspace(0.0, float(measure.on_line(rules.largest)), STEPS + 1)
    rows = [search.row(steps, sign) for sign in SIDES]
    table = pd.DataFrame(rows).assign(largest=rules.largest)
    return table.assign(stands_still=table["movement"] < TOLERANCE)


class _Search:
    """Verdicts of one outcome under any shifts."""

    def __init__(
        self,
        likelihoods: Likelihoods,
        high_risk: frozenset[str],
        priors: Priors,
        decisions: Decisions,
        limit: float,
        size_learnt: bool,
    ) -> None:
        self._likelihoods, self._priors, self._decisions = likelihoods, priors, decisions
        self._limit, self._size_learnt = limit, size_learnt
        self._at_risk = np.isin(likelihoods.names, list(high_risk))

    def row(self, steps: Floats, sign: int) -> dict[str, Any]:
        """What is told of shifts to one side; `steps` rise from 0."""
        common = {
            "reports_are": SIDES[sign],
            "studies": self._at_risk.size,
            "high_risk": int(self._at_risk.sum()),
            "shift": np.nan,
            "verdict_then": None,
            "p_above_then": np.nan,
        }
        if not self._at_risk.any():
            now = self._unshifted
            reason = "no study is at high risk of bias"
            return common | {"verdict_now": now.words, "movement": 0.0, "reason": reason}
        first = self._pooled(sign * steps)
        now, *others = self._verdicts(first)
        common |= {"verdict_now": now.words}
        changed = [i for i, other in enumerate(others, start=1) if other != now]
        if not changed:
            movement = float(first.movement.max())
            reason = "no shift up to the largest changes the verdict"
            return common | {"movement": movement, "reason": reason}
        at = changed[0]
        finer = np.linspace(steps[at - 1], steps[at], PARTS + 1)
        second = self._pooled(sign * finer)
        verdicts = self._verdicts(second)
        # The end of the bracket is a shift of the first grid, whose verdict is another one.
        found = next((i for i, other in enumerate(verdicts) if other != now), PARTS)
        return common | {
            "shift": float(sign * finer[found]),
            "verdict_then": verdicts[found].words,
            "p_above_then": float(np.clip(second.mu.above[found], 0, 1)),
            "movement": float(max(first.movement.max(), second.movement.max())),
            "reason": "found",
        }

    @cached_property
    def _unshifted(self) -> EffectVerdict:
        """Verdict on the reports as they are."""
        everything = np.ones((1, self._at_risk.size), dtype=bool)
        as_is = pooled_effects(self._likelihoods, everything, self._priors, self._limit)
        return self._verdicts(as_is)[0]

    def _pooled(self, shifts: Floats) -> PooledEffects:
        """Pooled effect under each shift; of few studies at high risk, all of them on one grid."""
        size = max(1, MOST_SHIFTED // int(self._at_risk.sum()))
        parts = [shifts[first : first + size] for first in range(0, shifts.size, size)]
        return PooledEffects.concatenated([self._pooled_together(part) for part in parts])

    def _pooled_together(self, shifts: Floats) -> PooledEffects:
        """Pooled effect under each shift on one grid."""
        other, at_risk = np.flatnonzero(~self._at_risk), np.flatnonzero(self._at_risk)
        rows = np.concatenate([other, np.tile(at_risk, shifts.size)])
        bias = Bias.none(rows.size)
        bias.shift[other.size :] = np.repeat(shifts, at_risk.size)
        membership = np.zeros((shifts.size, rows.size), dtype=bool)
        membership[:, : other.size] = True
        for i in range(shifts.size):
            first = other.size + i * at_risk.size
            membership[i, first : first + at_risk.size] = True
        likelihoods = biased(self._likelihoods, rows, bias)
        return pooled_effects(likelihoods, membership, self._priors, self._limit)

    def _verdicts(self, effects: PooledEffects) -> list[EffectVerdict]:
        above, near = (np.clip(part, 0, 1) for part in (effects.mu.above, effects.mu.near))
        near = near if self._size_learnt else np.full_like(near, np.nan)
        studies = self._at_risk.size
        return [
            verdict(float(more), float(1 - more), float(none), studies, self._decisions)
            for more, none in zip(above, near, strict=True)
        ]
