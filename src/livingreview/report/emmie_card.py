"""The EMMIE card: what the evidence says of the effect, and how good it is on each dimension."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from livingreview.effects.design_matrix import ALL_STUDIES
from livingreview.protocol.models import OVERALL
from livingreview.protocol.review import Protocol
from livingreview.records.narrative import DIMENSIONS, Emmie, Fact
from livingreview.report.claims import Claim, Claims, Sentence, sentence
from livingreview.report.emmie import ANSWERS, EMMIE
from livingreview.report.sentences.results import SUMMARY, is_analysed

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
    question : str
    answer : Claim
    answer_id : str
        Name of the answer, for its mark.
    counted : Sentence or None
        How many of what, of a computed item.
    fact : Fact or None
        What a source says, of a fact that was read.
    """

    question: str
    answer: Claim
    answer_id: str
    counted: Sentence | None
    fact: Fact | None


@dataclass(frozen=True)
class CardDimension:
    """One dimension as it is shown.

    Attributes
    ----------
    id, asks : str
    quality : Sentence
        How many items are met.
    rated : str or None
        Level that a published rating gives it.
    verdicts : list of Sentence
        Of the effect only: each outcome's verdict with its probability.
    items : list of CardItem
    """

    id: str
    asks: str
    quality: Sentence
    rated: str | None
    items: list[CardItem]
    verdicts: list[Sentence] = field(default_factory=list)

    @property
    def marks(self) -> list[str]:
        """Names of the answers, the best first."""
        return sorted((item.answer_id for item in self.items), key=list(ANSWERS).index)


def emmie_card(
    claims: Claims, tables: dict[str, pd.DataFrame], read: Emmie, protocol: Protocol
) -> list[CardDimension]:
    """The five dimensions.

    Parameters
    ----------
    claims : Claims
        Made over `tables`.
    tables : dict of DataFrame
        With `EMMIE` among them.
    read : Emmie
        Facts and ratings of the narrative.
    protocol : Protocol
    """
    rows = tables[EMMIE]
    card = []
    for name in DIMENSIONS:
        of_dimension = rows[rows["dimension"] == name]
        facts = {f"read_{fact.id}": fact for fact in read.dimension(name).facts}
        card.append(
            CardDimension(
                id=name,
                asks=ASKS[name],
                quality=_quality(claims, of_dimension, name),
                rated=read.dimension(name).rated,
                items=[_item(claims, row, facts) for _, row in of_dimension.iterrows()],
                verdicts=_verdicts(claims, tables[SUMMARY], protocol) if name == "effect" else [],
            )
        )
    return card


def _verdicts(claims: Claims, summary: pd.DataFrame, protocol: Protocol) -> list[Sentence]:
    """Verdict of each outcome, with the probability that decided on it."""
    said = []
    for name, outcome in protocol.outcomes.items():
        where = {"fit": f"{name}/{OVERALL}", "setting": ALL_STUDIES}
        chosen = summary[(summary["fit"] == where["fit"]) & (summary["setting"] == ALL_STUDIES)]
        if chosen.empty:
            template = f"{outcome.label}: nothing can be said, as no effect could be analysed."
            if is_analysed(claims, name):
                template = f"{outcome.label}: no verdict, as its model was not sampled."
            said.append(sentence(f"emmie-{name}", "not fitted", template))
            continue
        row = chosen.iloc[0]
        column, of = "p_less", "less"
        if row["p_more"] >= row["p_less"]:
            column, of = "p_more", "more"
        if row["verdict"] == "practically_none":
            column, of = "p_practically_none", "practically no difference"
        said.append(
            sentence(
                f"emmie-{name}",
                f"decisions: {row['verdict']}",
                f"{outcome.label}: {{words}} (probability of {of}: {{probability}}).",
                words=claims.cell(SUMMARY, "verdict_words", "words", **where),
                probability=claims.cell(SUMMARY, column, "percent", **where),
            )
        )
    return said


def _quality(claims: Claims, rows: pd.DataFrame, name: str) -> Sentence:
    """How many items are met, in part and in full."""
    if rows.empty:
        return sentence(f"emmie-{name}-quality", "no item", "No item of quality could be judged.")
    parts = bool((rows["answer"] == "in_part").any())
    template = "Items met: {met} of {of}" + (", and {parts} in part." if parts else ".")
    return sentence(
        f"emmie-{name}-quality",
        "items met in part" if parts else "no item met in part",
        template,
        met=claims.number_of_rows(EMMIE, dimension=name, answer="yes"),
        of=claims.number_of_rows(EMMIE, dimension=name),
        parts=claims.number_of_rows(EMMIE, dimension=name, answer="in_part") if parts else "",
    )


def _item(claims: Claims, row: pd.Series, facts: dict[str, Fact]) -> CardItem:
    where = {"dimension": str(row["dimension"]), "item": str(row["item"])}
    counted = None
    if row["basis"] == "computed":
        counted = sentence(
            f"emmie-{where['dimension']}-{where['item']}",
            "computed",
            f"{{met}} of {{of}} {row['things']}",
            met=claims.cell(EMMIE, "met", "whole", **where),
            of=claims.cell(EMMIE, "of", "whole", **where),
        )
    return CardItem(
        question=str(row["question"]),
        answer=claims.cell(EMMIE, "answer_words", "words", **where),
        answer_id=str(row["answer"]),
        counted=counted,
        fact=facts.get(str(row["item"])),
    )
