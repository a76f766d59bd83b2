"""The decision rule for the verdict on a pooled effect; numbers and words are the protocol's."""

from __future__ import annotations

from dataclasses import dataclass

from livingreview.protocol.decisions import Decisions


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


def verdict(more: float, less: float, none: float, studies: int, rules: Decisions) -> EffectVerdict:
    """Apply the protocol's rules to a pooled effect.

    Parameters
    ----------
    more, less : float
        Posterior probability that θ is above, below 0.
    none : float
        Posterior probability that the effect is practically none.
    studies : int
        Studies that carry it; with few of them, a high probability has the words for few.
    """
    direction = "more" if more >= less else "less"
    probability = max(more, less)
    leaning = probability >= rules.verdicts[-1].probability
    if studies < rules.fewest_studies_for_a_verdict:
        if not leaning:
            return EffectVerdict("no_verdict", "", rules.no_verdict)
        words = rules.few_studies.format(direction=direction)
        return EffectVerdict("few_studies", direction, words)
    if none >= rules.practically_none_probability:
        return EffectVerdict("practically_none", "", rules.practically_none)
    for step in rules.verdicts:
        if probability >= step.probability:
            return EffectVerdict(step.id, direction, step.words.format(direction=direction))
    return EffectVerdict("no_verdict", "", rules.no_verdict)
