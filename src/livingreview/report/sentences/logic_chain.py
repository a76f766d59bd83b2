"""The steps from a programme to what it is for, and which of them anything on record measured."""

from __future__ import annotations

from dataclasses import dataclass

from livingreview.protocol.review import Protocol
from livingreview.records.sections import ChainLink
from livingreview.report.claims import Claims, Sentence
from livingreview.report.sentences.effects import is_analysed, is_fitted, overall_row


@dataclass(frozen=True)
class Step:
    """A step, and what the studies on record say of the outcomes that measure it.

    Attributes
    ----------
    is_measured
        Whether a result on record that could be weighed measures it.
    results
        One sentence for each outcome that does; or that none does.
    """

    link: str
    is_measured: bool
    results: list[Sentence]


def logic_chain(claims: Claims, protocol: Protocol, chain: list[ChainLink]) -> list[Step]:
    """Steps in the order of the narrative."""
    return [_step(claims, protocol, link) for link in chain]


def _step(claims: Claims, protocol: Protocol, link: ChainLink) -> Step:
    weighed = [name for name in link.measured_by if is_analysed(claims, name)]
    texts = []
    for name in weighed:
        words = "no verdict"
        if is_fitted(claims, name):
            words = f"{overall_row(claims, name).verdict_words}"
        texts.append(f"{protocol.outcomes[name].heading}: {words}.")
    if not weighed:
        texts.append("No outcome on record measures this step.")
    return Step(link.link, bool(weighed), [claims.sentence(text) for text in texts])
