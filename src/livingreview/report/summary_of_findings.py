"""Summary of findings in the columns of GRADE: outcome, evidence, answer, certainty.

Sizes stand here only where the studies teach them; what each prior would make of them is told
elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from livingreview.base.labels import in_sentence
from livingreview.protocol.review import Protocol
from livingreview.records.narrative import SetCertainty
from livingreview.synthesis.certainty.body import Body, Tables, body_of
from livingreview.synthesis.certainty.proposal import proposed_level
from livingreview.synthesis.verdicts import FEW_STUDIES
from livingreview.tables.effects import Precision
from livingreview.tables.report import SummaryOfFindings

SIZES = ("effect", "effect_low", "effect_high")
PER_1000 = (
    "baseline_per_1000",
    "difference_per_1000",
    "difference_per_1000_low",
    "difference_per_1000_high",
)


def findings_table(
    protocol: Protocol,
    tables: Tables,
    certainties: pd.DataFrame,
    set_by_person: Mapping[str, SetCertainty],
) -> pd.DataFrame:
    """Table `SummaryOfFindings`.

    Parameters
    ----------
    tables : dict of DataFrame
        By their files below the results folder, as for `certainty_table`.
    certainties : DataFrame
        Rows of `Certainties`.
    set_by_person : mapping of SetCertainty
        By outcome, from the narrative.
    """
    rows = []
    for name, outcome in protocol.outcomes.items():
        body = body_of(name, protocol, tables)
        precision = tables[Precision.file.format(outcome=name)]
        known = precision[precision["people_known"]].groupby("study_id")["people"].max().sum()
        row: dict[str, object] = {"outcome": name, "label": outcome.label, "people_known": known}
        row |= {"studies": len(body.studies), "people": body.people}
        row |= {"randomised": int(body.randomised(protocol).sum())}
        row |= {"events": body.studies["events"].sum(skipna=False)}
        row |= _answer(body) | _certainty(name, body, certainties)
        if (of_person := set_by_person.get(name)) is not None:
            row |= {"set_level": of_person.level, "set_words": _words(of_person.level)}
            row |= {"set_by": of_person.by, "set_reason": of_person.reason}
        rows.append(row)
    return SummaryOfFindings.frame(rows)


def _answer(body: Body) -> dict[str, object]:
    """Direction; size where it is learnt; counts of people where there is a verdict as well."""
    if body.pooled is None:
        return {"size_learnt": False}
    learnt = bool(body.pooled["size_learnt"])
    counted = learnt and body.pooled["verdict"] != FEW_STUDIES
    return {
        "verdict_words": body.pooled["verdict_words"],
        "direction": body.direction,
        "p_direction": body.pooled[f"p_{body.direction}"],
        "size_learnt": learnt,
        **{name: body.pooled[name] if learnt else np.nan for name in SIZES},
        **{name: body.pooled[name] if counted else np.nan for name in PER_1000},
    }


def _certainty(outcome: str, body: Body, certainties: pd.DataFrame) -> dict[str, object]:
    """Level that is proposed, and the domains that lower it."""
    if body.studies.empty:
        return {}
    level = proposed_level(certainties, outcome)
    domains = certainties[certainties["outcome"] == outcome].drop_duplicates("domain")
    lowering = domains[domains["lowered"] > 0]
    lowered_by = [
        # The word of GRADE, in brackets, stands with the steps.
        f"{in_sentence(words.partition(' (')[0])} (-{steps})"
        for words, steps in zip(lowering["domain_words"], lowering["lowered"], strict=True)
    ]
    return {
        "proposed": level,
        "proposed_words": _words(level),
        "lowered_by": ", ".join(lowered_by) or None,
    }


def _words(level: str) -> str:
    return level.replace("_", " ")
