"""Whether and where new evidence moves a verdict: beyond it, towards the truth, or away."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livingreview.models.quadrature.new_trial import VerdictProbabilities
from livingreview.protocol.decisions import Decisions
from livingreview.synthesis.verdicts import EffectVerdict, verdict


def verdict_of(above: float, near: float, studies: int, rules: Decisions) -> EffectVerdict:
    """Verdict of one posterior."""
    above = float(np.clip(above, 0, 1))
    return verdict(above, 1 - above, float(near), studies, rules)


def verdicts_of(
    posteriors: VerdictProbabilities, studies: int, rules: Decisions
) -> tuple[list[EffectVerdict], NDArray[np.int64]]:
    """Verdicts of many posteriors.

    Returns
    -------
    verdicts : list of EffectVerdict
        Each that any posterior has.
    which : ndarray, shape of the posteriors
        Place of each posterior's verdict in that list.
    """
    steps = sorted(step.probability for step in rules.verdicts)
    above, near = posteriors.above, posteriors.near
    step = np.digitize(np.maximum(above, 1 - above), steps)
    # Posteriors of one kind have the same verdict, so the verdict is decided once for each kind.
    kind = (step * 2 + (above >= 1 - above)) * 2 + (near >= rules.practically_none_probability)
    _, first, of_kind = np.unique(kind, return_index=True, return_inverse=True)
    verdicts = [verdict_of(above.flat[i], near.flat[i], studies, rules) for i in first]
    return verdicts, of_kind.reshape(above.shape)


def moved(
    after: VerdictProbabilities, now: EffectVerdict, studies: int, rules: Decisions
) -> NDArray[np.bool_]:
    """Whether each posterior has another verdict than the present one: its rule or direction."""
    verdicts, which = verdicts_of(after, studies, rules)
    return np.array([(e.id, e.direction) != (now.id, now.direction) for e in verdicts])[which]
