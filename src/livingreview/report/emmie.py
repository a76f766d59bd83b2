"""How good the evidence is on each EMMIE dimension, by items that anyone can check.

An item is a question to which yes is better. It is computed, as a count of the things of which
the answer is yes, or it is a fact that the narrative names the source of. No level of a scale
is given: what such levels ask for is not ours to word.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from livingreview.protocol.models import OVERALL
from livingreview.protocol.review import Protocol
from livingreview.records.narrative import DIMENSIONS, Emmie
from livingreview.synthesis.certainty.body import JUDGED
from livingreview.tables.checks import Checks
from livingreview.tables.models import Models
from livingreview.tables.records import Effects, Studies
from livingreview.tables.report import EmmieItems
from livingreview.tables.sensitivity import SmallStudyEffects, VariedOutcomes
from livingreview.tables.statuses import ANALYSED
from livingreview.tables.synthesis import Contrasts, Moderators, Summary

ANSWERS = {
    "yes": "yes",
    "in_part": "in part",
    "no": "no",
    "nothing_to_judge": "nothing to judge",
}

type Tables = dict[str, pd.DataFrame]


class EmmieItem(NamedTuple):
    """One question, with the number of things it asks about and how many of them meet it."""

    item: str
    question: str
    met: int
    total: int
    things: str | None
    file: str
    basis: str = "computed"


def emmie_table(tables: Tables, read: Emmie, protocol: Protocol) -> pd.DataFrame:
    """Table `EmmieItems`: dimension by dimension the computed items, then those that were read."""
    computed = {
        "effect": _effect_items,
        "mechanism": _mechanism_items,
        "moderators": _moderator_items,
        "implementation": _implementation_items,
    }
    rows = []
    for dimension in DIMENSIONS:
        items = [*computed[dimension](tables, protocol)] if dimension in computed else []
        items += [
            EmmieItem(f"read_{fact.id}", fact.question, fact.met, 1, None, fact.source.url, "read")
            for fact in read.dimension(dimension).facts
        ]
        for item in items:
            met, total = int(item.met), int(item.total)
            answer = answer_to(met, total)
            rows.append(
                item._asdict()
                | {"dimension": dimension, "met": met, "of": total}
                | {"answer": answer, "answer_words": ANSWERS[answer]}
            )
    return EmmieItems.frame(rows)


def answer_to(met: int, total: int) -> str:
    """Name of the answer, by how many of all things meet the question."""
    if total == 0:
        return "nothing_to_judge"
    return "yes" if met == total else "in_part" if met else "no"


def _effect_items(tables: Tables, protocol: Protocol) -> Iterator[EmmieItem]:
    """Items on the effect itself."""
    summary, effects, checks = tables[Summary.file], tables[Effects.file], tables[Checks.file]
    outcomes = len(protocol.outcomes)
    fitted = summary[summary["model"] == OVERALL]
    enough = fitted["studies"] >= protocol.decisions.fewest_studies_for_a_verdict
    question = "Are there enough studies for a verdict?"
    yield EmmieItem("enough_studies", question, enough.sum(), outcomes, "outcomes", Summary.file)

    analysed = effects[effects["status"] == ANALYSED]
    question = "Could what the studies report be analysed?"
    yield EmmieItem(
        "usable", question, len(analysed), len(effects), "reported effects", Effects.file
    )

    numbers = analysed["kind"] != "finding"
    question = "Did the studies report numbers, and not only statements?"
    yield EmmieItem(
        "numbers", question, numbers.sum(), len(analysed), "analysed effects", Effects.file
    )

    studies = _extracted(tables)
    if "moderator_design" in studies:
        by_chance = studies["moderator_design"] == "experimental"
        question, things = "Was it left to chance who got it?", "studies with an outcome"
        yield EmmieItem(
            "experimental", question, by_chance.sum(), len(studies), things, Studies.file
        )

    risks = studies[[f"risk_{name}" for name in protocol.risk_of_bias_domains]]
    judged = risks.isin(JUDGED).to_numpy()
    question, things = "Could the risk of bias be judged?", "questions on bias, study by study"
    yield EmmieItem("risk_of_bias", question, judged.sum(), risks.size, things, Studies.file)

    status = tables[VariedOutcomes.file]
    compared = status["clusters"].isna() & (status["status"] != "refused")
    question = "Could it be judged whether the studies are alike?"
    yield EmmieItem("alike", question, compared.sum(), outcomes, "outcomes", VariedOutcomes.file)

    assessed = tables[SmallStudyEffects.file]["status"] != "refused"
    question = "Could it be judged whether some results went unprinted?"
    yield EmmieItem(
        "unprinted", question, assessed.sum(), outcomes, "outcomes", SmallStudyEffects.file
    )

    behind = checks[checks["fit"].isin([f"{name}/{OVERALL}" for name in protocol.outcomes])]
    passed = behind["verdict"] == "pass"
    question = "Do the models behind the verdicts pass their checks?"
    yield EmmieItem("checks", question, passed.sum(), len(behind), "checks", Checks.file)


def _extracted(tables: Tables) -> pd.DataFrame:
    """Studies of which an outcome is on record."""
    studies = tables[Studies.file]
    return studies[studies["status"] == "extracted"]


def _mechanism_items(tables: Tables, protocol: Protocol) -> Iterator[EmmieItem]:
    """Whether outcomes that the protocol compares move apart; that proves no reading of them."""
    contrasts = sum(len(model.contrasts) for model in protocol.models.values())
    if contrasts:
        settled = tables[Contrasts.file]["settled"].sum()
        question = "Do outcomes move apart, as one of their rival readings would have it?"
        things = "contrasts between outcomes"
        yield EmmieItem("readings", question, settled, contrasts, things, Contrasts.file)


def _moderator_items(tables: Tables, protocol: Protocol) -> Iterator[EmmieItem]:
    """Items on what effects may go with; models with several moderators say the same again."""
    studies = _extracted(tables)
    values = studies[[f"moderator_{name}" for name in protocol.moderators]]
    known = values.notna().to_numpy()
    question, things = "Is it known how the studies differ?", "features, study by study"
    yield EmmieItem("known", question, known.sum(), values.size, things, Studies.file)

    alone = [name for name, model in protocol.models.items() if len(model.moderators) == 1]
    files = [Models.file.format(outcome=name) for name in protocol.outcomes]
    fits = pd.concat([tables[file] for file in files])
    fits = fits[fits["model"].isin(alone)]
    fitted = fits["status"] == "fitted"
    question, things = (
        "Do the studies differ enough for an estimate?",
        "features, outcome by outcome",
    )
    yield EmmieItem("estimated", question, fitted.sum(), len(fits), things, " ".join(files))

    rows = tables[Moderators.file]
    rows = rows[rows["model"].isin(alone)]
    apart, learnable = rows["aliased_with"].isna(), rows["verdict"] != "not_learnable"
    for name, question, met in (
        ("told_apart", "Can each difference be told apart from others?", apart),
        ("learnable", "Can these studies teach it?", learnable),
        ("supported", "Is a difference supported?", rows["verdict"] == "supported"),
    ):
        yield EmmieItem(name, question, met.sum(), len(rows), "differences", Moderators.file)


def _implementation_items(tables: Tables, protocol: Protocol) -> Iterator[EmmieItem]:
    """Whether delivery could be judged, where the protocol has such a domain of bias."""
    if "implementation" in protocol.risk_of_bias_domains:
        judged = _extracted(tables)["risk_implementation"].isin(JUDGED)
        question = "Could it be judged whether it was delivered as planned?"
        things = "studies with an outcome"
        yield EmmieItem("as_planned", question, judged.sum(), len(judged), things, Studies.file)
