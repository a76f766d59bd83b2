"""The decision rule for the verdict on a pooled effect; numbers and words are the protocol's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from livingreview.base.labels import BEFORE_PHRASE
from livingreview.protocol.decisions import Decisions

# Rules that stand in fields of their own.
NO_VERDICT, PRACTICALLY_NONE, FEW_STUDIES = "no_verdict", "practically_none", "few_studies"


@dataclass(frozen=True)
class EffectVerdict:
    """A verdict and its words.

    Attributes
    ----------
    id : str
        Rule that applied: one of the protocol's verdicts, ``practically_none``,
        ``no_verdict`` or ``few_studies``.
    direction : str
        ``more`` or ``less``; empty when the words name none.
    """

    id: str
    direction: str
    words: str


def step_of(probability: float, rules: Decisions) -> str | None:
    """Name of the strongest verdict that the probability of a direction earns; None for none.

    Every word that a probability of a direction earns follows from this step.
    """
    return next((v.id for v in rules.verdicts if probability >= v.probability), None)


def rung(step: str | None, rules: Decisions) -> int:
    """Height of a step: 0 for none, 1 for the mildest verdict."""
    ids = [v.id for v in rules.verdicts]
    return len(ids) - ids.index(step) if step in ids else 0


def step_with(probability: float, studies: int, rules: Decisions) -> str:
    """Step of a probability that some studies carry; ``few_studies`` where they are too few."""
    step = step_of(probability, rules)
    if step is None:
        return NO_VERDICT
    return step if studies >= rules.fewest_studies_for_a_verdict else FEW_STUDIES


def verdict(
    more: float,
    less: float,
    none: float,
    studies: int,
    rules: Decisions,
    sides: Mapping[str, str] = BEFORE_PHRASE["less"],
) -> EffectVerdict:
    """Apply the protocol's rules to a pooled effect.

    Parameters
    ----------
    more, less : float
        Posterior probability that θ is above, below 0.
    none : float
        Posterior probability that the effect is practically none; NaN where the studies do not tell
        how large it is, as then none is no verdict: a prior would decide how near to none it is.
    studies : int
        Studies that carry it; with few of them, a high probability has the words for few.
    sides : mapping of str
        The outcome's words for ``more`` and ``less`` of it.
    """
    direction = "more" if more >= less else "less"
    step = step_with(max(more, less), studies, rules)
    enough = studies >= rules.fewest_studies_for_a_verdict
    if enough and none >= rules.practically_none_probability:
        return EffectVerdict(PRACTICALLY_NONE, "", rules.practically_none)
    words = {v.id: v.words for v in rules.verdicts} | {FEW_STUDIES: rules.few_studies}
    if step not in words:
        return EffectVerdict(step, "", rules.no_verdict)
    return EffectVerdict(step, direction, words[step].format(direction=sides[direction]))
