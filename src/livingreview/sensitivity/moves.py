"""Whether new evidence moves a verdict, and where: towards the truth, away from it, or to none.

The ladder on which verdicts are nearer to the truth or further from it is in docs/methods.md,
"What would change our mind, and towards what".
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from livingreview.models.quadrature.new_trial import VerdictProbabilities
from livingreview.protocol.decisions import Decisions
from livingreview.synthesis.verdicts import (
    NO_VERDICT,
    PRACTICALLY_NONE,
    EffectVerdict,
    verdict,
)

# What is true of a pooled effect, and where a move goes.
Truth = Literal["more", "less", "none"]
Move = Literal["stays", "towards", "away", "cannot_tell"]
# Step of a direction from too few studies, below the mildest verdict.
STEP_OF_FEW = 0.5


def verdict_of(above: float, near: float, studies: int, rules: Decisions) -> EffectVerdict:
    """Verdict of one posterior; `near` is NaN where no size is learnt."""
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


def truth_of(theta: float, limit: float) -> Truth:
    """What a true pooled effect is; `limit`: θ below which it is practically none."""
    if abs(theta) <= limit:
        return "none"
    return "more" if theta > 0 else "less"


def place(of: EffectVerdict, rules: Decisions) -> float:
    """Place of a verdict on the ladder from the clearest `less` to the clearest `more`."""
    steps = {step.id: len(rules.verdicts) - i for i, step in enumerate(rules.verdicts)}
    step = steps.get(of.id, STEP_OF_FEW)
    return {"more": step, "less": -step}.get(of.direction, 0.0)


def distance(of: EffectVerdict, truth: Truth, rules: Decisions) -> float:
    """How far on the ladder a verdict is from the truth."""
    at, top = place(of, rules), len(rules.verdicts)
    return {"more": top - at, "less": top + at, "none": abs(at)}[truth]


def says_all(now: EffectVerdict, truth: Truth, rules: Decisions) -> bool:
    """Whether no verdict is nearer to the truth than the present one."""
    if truth == "none":
        return now.id == PRACTICALLY_NONE
    return distance(now, truth, rules) == 0


def move(new: EffectVerdict, now: EffectVerdict, truth: Truth, rules: Decisions) -> Move:
    """Where a new verdict goes from the present one."""
    if (new.id, new.direction) == (now.id, now.direction):
        return "stays"
    if new.id == NO_VERDICT:
        return "cannot_tell"
    nearer = distance(new, truth, rules) < distance(now, truth, rules)
    if nearer or (truth == "none" and new.id == PRACTICALLY_NONE):
        return "towards"
    return "away"
