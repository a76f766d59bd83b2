"""The EMMIE card: what the evidence says of the effect, and how good it is on each dimension."""

from __future__ import annotations

from dataclasses import dataclass

from livingreview.protocol.review import Protocol
from livingreview.records.narrative import DIMENSIONS, Emmie, Fact
from livingreview.report.claims import Claim, ClaimRow, Claims, Sentence, Sentences
from livingreview.report.emmie import ANSWERS
from livingreview.report.sentences.effects import is_analysed, is_fitted, overall_row
from livingreview.tables.report import EmmieItems

# What each dimension asks, in a few words.
ASKS = {
    "effect": "What does it change, and how sure is that?",
    "mechanism": "How would it work?",
    "moderators": "Where and for whom does it work better or worse?",
    "implementation": "What does it take to do it?",
    "economics": "What does it cost, and is it worth that?",
}


@dataclass(frozen=True)
class CardItem:
    """One item as it is shown.

    Attributes
    ----------
    answer_id
        Name of the answer, for its mark.
    counts
        How many of what, of a computed item.
    fact
        What a source says, of a fact that was read.
    """

    question: str
    counts: Sentence | None
    answer: Claim
    answer_id: str
    fact: Fact | None


@dataclass(frozen=True)
class CardDimension:
    """One dimension as it is shown.

    Attributes
    ----------
    quality
        How many items are met.
    rated
        Level that a published rating gives it.
    verdicts
        Of the effect only: each outcome's verdict with its probability.
    """

    id: str
    asks: str
    quality: Sentence
    rated: str | None
    items: list[CardItem]
    verdicts: Sentences

    @property
    def marks(self) -> list[str]:
        """Names of the answers, the best first."""
        return sorted((item.answer_id for item in self.items), key=list(ANSWERS).index)


def emmie_card(claims: Claims, read: Emmie, protocol: Protocol) -> list[CardDimension]:
    """The five dimensions, from the computed items and the facts and ratings of the narrative."""
    card = []
    for name in DIMENSIONS:
        rows = claims.rows(EmmieItems.file, ("dimension", "item"), dimension=name)
        facts = {f"read_{fact.id}": fact for fact in read.dimension(name).facts}
        card.append(
            CardDimension(
                id=name,
                asks=ASKS[name],
                quality=claims.sentence(_quality(claims, rows, name)),
                rated=read.dimension(name).rated,
                items=[_item(claims, row, facts) for row in rows],
                verdicts=_verdicts(claims, protocol) if name == "effect" else {},
            )
        )
    return card


def _verdicts(claims: Claims, protocol: Protocol) -> Sentences:
    """Verdict of each outcome, with the probability that decided on it."""
    texts = {}
    for name, outcome in protocol.outcomes.items():
        if not is_fitted(claims, name):
            texts[name] = (
                f"{outcome.label}: no verdict, as its model could not be estimated."
                if is_analysed(claims, name)
                else f"{outcome.label}: nothing can be said, as no effect could be analysed."
            )
            continue
        row = overall_row(claims, name)
        column, event = "p_less", outcome.sides_alone["less"]
        if row["p_more"] >= row["p_less"]:
            column, event = "p_more", outcome.sides_alone["more"]
        if row["verdict"] == "practically_none":
            column, event = "p_practically_none", "practically no difference"
        texts[name] = (
            f"{outcome.label}: {row.verdict_words} (probability of {event}: {row.claim(column)})."
        )
    return claims.sentences(**texts)


def _quality(claims: Claims, rows: list[ClaimRow], name: str) -> str:
    """How many items are met, in part and in full."""
    if not rows:
        return "No item of quality could be judged."
    met, total = (
        claims.count(EmmieItems.file, dimension=name, answer="yes"),
        claims.count(EmmieItems.file, dimension=name),
    )
    if not any(row["answer"] == "in_part" for row in rows):
        return f"Items met: {met} of {total}."
    parts = claims.count(EmmieItems.file, dimension=name, answer="in_part")
    return f"Items met: {met} of {total}, and {parts} in part."


def _item(claims: Claims, row: ClaimRow, facts: dict[str, Fact]) -> CardItem:
    counts = None
    if row["basis"] == "computed":
        counts = claims.sentence(f"{row.met} of {row.of} {row['things']}")
    return CardItem(
        row["question"], counts, row.answer_words, row["answer"], facts.get(row["item"])
    )
