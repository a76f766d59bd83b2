"""How good the evidence is on each EMMIE dimension, by items that anyone can check.

An item is a question to which yes is better. It is computed, as a count of the things of which
the answer is yes, or it is a fact that the narrative names the source of. No level of a scale
is given: what such levels ask for is not ours to word.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from livingreview.protocol.models import OVERALL
from livingreview.protocol.review import Protocol
from livingreview.records.narrative import DIMENSIONS, Emmie, Fact
from livingreview.report.sentences.checks import CHECKS
from livingreview.report.sentences.evidence import SMALL_STUDIES, TOLD
from livingreview.report.sentences.models import CONTRASTS
from livingreview.report.sentences.results import EFFECTS, MODERATORS, STUDIES, SUMMARY
from livingreview.tables.report import EmmieItems
from livingreview.tables.statuses import ANALYSED

EMMIE = "8_report/emmie.csv"
ANSWERS = {
    "yes": "yes",
    "in_part": "in part",
    "no": "no",
    "nothing_to_judge": "nothing to judge",
}
# Judgements of risk of bias; any other value says that none could be made.
JUDGED = ("low", "some_concerns", "high")


@dataclass(frozen=True)
class Item:
    """An item: of `of` things, the answer is yes for `met`.

    Attributes
    ----------
    dimension, id, question : str
    met, of : int
    things : str or None
        What was counted, of a computed item.
    file : str
        Where it was counted, below the results folder; or the page that it was read on.
    basis : str
        ``computed`` or ``read``.
    """

    dimension: str
    id: str
    question: str
    met: int
    of: int
    things: str | None
    file: str
    basis: str = "computed"


def emmie_table(tables: dict[str, pd.DataFrame], read: Emmie, protocol: Protocol) -> pd.DataFrame:
    """All items, dimension by dimension, the computed ones first.

    Parameters
    ----------
    tables : dict of DataFrame
        Result tables by their file name below the results folder.
    read : Emmie
        Facts of the narrative.
    protocol : Protocol

    Returns
    -------
    DataFrame
        Columns of `livingreview.tables.report.EmmieItems`.
    """
    computed = [
        *_of_effect(tables, protocol),
        *_of_mechanism(tables, protocol),
        *_of_moderators(tables, protocol),
        *_of_implementation(tables, protocol),
    ]
    items = []
    for dimension in DIMENSIONS:
        items += [item for item in computed if item.dimension == dimension]
        items += [_read(dimension, fact) for fact in read.dimension(dimension).facts]
    return EmmieItems.frame([_row(item) for item in items])


def answered(met: int, of: int) -> str:
    """Name of an answer: yes for all, for some, for none."""
    if of == 0:
        return "nothing_to_judge"
    return "yes" if met == of else "in_part" if met else "no"


def _read(dimension: str, fact: Fact) -> Item:
    """A fact of the narrative: one thing, for which the answer is yes or no."""
    name, page = f"read_{fact.id}", fact.source.url
    return Item(dimension, name, fact.question, int(fact.met), 1, None, page, "read")


def _row(item: Item) -> dict[str, object]:
    answer = answered(item.met, item.of)
    return {
        "dimension": item.dimension,
        "item": item.id,
        "question": item.question,
        "basis": item.basis,
        "met": item.met,
        "of": item.of,
        "things": item.things,
        "answer": answer,
        "answer_words": ANSWERS[answer],
        "file": item.file,
    }


def _of_effect(tables: dict[str, pd.DataFrame], protocol: Protocol) -> Iterator[Item]:
    """Items on the effect itself."""
    summary, effects, studies = tables[SUMMARY], tables[EFFECTS], tables[STUDIES]
    outcomes = len(protocol.outcomes)
    fitted = summary[summary["model"] == OVERALL]
    enough = fitted["studies"] >= protocol.decisions.fewest_studies_for_a_verdict
    yield Item(
        "effect",
        "enough_studies",
        "Are there enough studies for a verdict?",
        int(enough.sum()),
        outcomes,
        "outcomes",
        SUMMARY,
    )
    analysed = effects[effects["status"] == ANALYSED]
    yield Item(
        "effect",
        "usable",
        "Could what the studies report be analysed?",
        len(analysed),
        len(effects),
        "reported effects",
        EFFECTS,
    )
    yield Item(
        "effect",
        "numbers",
        "Did the studies report numbers, and not only statements?",
        int((analysed["kind"] != "finding").sum()),
        len(analysed),
        "analysed effects",
        EFFECTS,
    )
    extracted = studies[studies["status"] == "extracted"]
    if "moderator_design" in studies:
        yield Item(
            "effect",
            "experimental",
            "Was it left to chance who got it?",
            int((extracted["moderator_design"] == "experimental").sum()),
            len(extracted),
            "studies with an outcome",
            STUDIES,
        )
    risks = extracted[[f"risk_{name}" for name in protocol.risk_of_bias_domains]]
    yield Item(
        "effect",
        "risk_of_bias",
        "Could the risk of bias be judged?",
        int(risks.isin(JUDGED).to_numpy().sum()),
        int(risks.size),
        "questions on bias, study by study",
        STUDIES,
    )
    told = tables[TOLD]
    compared = told["clusters"].isna() & (told["status"] != "refused")
    yield Item(
        "effect",
        "alike",
        "Could it be judged whether the studies are alike?",
        int(compared.sum()),
        outcomes,
        "outcomes",
        TOLD,
    )
    small = tables[SMALL_STUDIES]
    yield Item(
        "effect",
        "unprinted",
        "Could it be judged whether some results went unprinted?",
        int((small["status"] != "refused").sum()),
        outcomes,
        "outcomes",
        SMALL_STUDIES,
    )
    checks = tables[CHECKS]
    behind = checks[checks["fit"].isin([f"{name}/{OVERALL}" for name in protocol.outcomes])]
    yield Item(
        "effect",
        "checks",
        "Do the models behind the verdicts pass their checks?",
        int((behind["verdict"] == "pass").sum()),
        len(behind),
        "checks",
        CHECKS,
    )


def _of_mechanism(tables: dict[str, pd.DataFrame], protocol: Protocol) -> Iterator[Item]:
    """Whether rival readings of the outcomes, where the protocol names some, are told apart."""
    asked = sum(len(model.contrasts) for model in protocol.models.values())
    if asked:
        yield Item(
            "mechanism",
            "readings",
            "Can rival readings of the outcomes be told apart?",
            int(tables[CONTRASTS]["settled"].sum()),
            asked,
            "contrasts between outcomes",
            CONTRASTS,
        )


def _of_moderators(tables: dict[str, pd.DataFrame], protocol: Protocol) -> Iterator[Item]:
    """Items on what effects may go with; models with several moderators say the same again."""
    studies = tables[STUDIES]
    extracted = studies[studies["status"] == "extracted"]
    values = extracted[[f"moderator_{name}" for name in protocol.moderators]]
    yield Item(
        "moderators",
        "known",
        "Is it known how the studies differ?",
        int(values.notna().to_numpy().sum()),
        int(values.size),
        "features, study by study",
        STUDIES,
    )
    alone = [name for name, model in protocol.models.items() if len(model.moderators) == 1]
    files = {name: f"3_models/{name}.models.csv" for name in protocol.outcomes}
    fits = pd.concat([tables[file] for file in files.values()])
    fits = fits[fits["model"].isin(alone)]
    yield Item(
        "moderators",
        "estimated",
        "Do the studies differ enough for an estimate?",
        int((fits["status"] == "fitted").sum()),
        len(fits),
        "features, outcome by outcome",
        " ".join(files.values()),
    )
    rows = tables[MODERATORS]
    rows = rows[rows["model"].isin(alone)]
    for id, question, met in (
        (
            "told_apart",
            "Can each difference be told apart from others?",
            rows["aliased_with"].isna(),
        ),
        ("learnable", "Can these studies teach it?", rows["verdict"] != "not_learnable"),
        ("supported", "Is a difference supported?", rows["verdict"] == "supported"),
    ):
        counted = int(met.sum())
        yield Item("moderators", id, question, counted, len(rows), "differences", MODERATORS)


def _of_implementation(tables: dict[str, pd.DataFrame], protocol: Protocol) -> Iterator[Item]:
    """Whether delivery could be judged, where the protocol has such a domain of bias."""
    if "implementation" in protocol.risk_of_bias_domains:
        studies = tables[STUDIES]
        judged = studies.loc[studies["status"] == "extracted", "risk_implementation"]
        yield Item(
            "implementation",
            "as_planned",
            "Could it be judged whether it was delivered as planned?",
            int(judged.isin(JUDGED).sum()),
            len(judged),
            "studies with an outcome",
            STUDIES,
        )
