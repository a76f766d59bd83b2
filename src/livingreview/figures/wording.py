"""How figures speak of outcomes and statements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from livingreview.base.labels import BEFORE_PHRASE
from livingreview.base.measures import Measure
from livingreview.figures import letters

# Statements by direction and significance, as words.
STATEMENTS = {
    ("increase", "significant"): "significant increase",
    ("increase", "not_significant"): "increase, not significant",
    ("increase", "not_stated"): "increase, significance not stated",
    ("decrease", "significant"): "significant decrease",
    ("decrease", "not_significant"): "decrease, not significant",
    ("decrease", "not_stated"): "decrease, significance not stated",
    ("none", "significant"): "no difference",
    ("none", "not_significant"): "no significant difference",
    ("none", "not_stated"): "no difference, significance not stated",
    ("unclear", "significant"): "significant, direction unclear",
    ("unclear", "not_significant"): "not significant, direction unclear",
    ("unclear", "not_stated"): "direction and significance unclear",
}


@dataclass(frozen=True)
class OutcomeWords:
    """An outcome as the protocol words it.

    Attributes
    ----------
    label : str
        Heading.
    phrase : str
        As it stands inside a sentence.
    better : {"lower", "higher"}
    one_meaning : bool
        Whether a direction may be called better or worse.
    less : str
        Word for the lower side, before the phrase.
    """

    label: str
    phrase: str
    better: str
    one_meaning: bool = True
    less: str = "less"

    @property
    def sides(self) -> dict[str, str]:
        """Words for ``less`` and ``more`` of it before its phrase."""
        return BEFORE_PHRASE[self.less]

    @property
    def lower_is_better(self) -> bool | None:
        """None where more of the outcome may be good or bad."""
        return self.better == "lower" if self.one_meaning else None

    def judged(self, direction: str) -> str:
        """Whether ``less`` or ``more`` is better or worse; empty where neither can be called so."""
        if not self.one_meaning:
            return ""
        return "better" if (direction == "less") == (self.better == "lower") else "worse"

    def side(self, direction: str) -> str:
        """``less`` or ``more``, with how it is judged."""
        judged = self.judged(direction)
        word = self.sides[direction]
        return f"{word} ({judged})" if judged else word


def outcome_words(wording: dict[str, dict[str, Any]]) -> dict[str, OutcomeWords]:
    """Outcomes in the order of the figures, from what the protocol says of each."""
    return {outcome: OutcomeWords(**words) for outcome, words in wording.items()}


@dataclass(frozen=True)
class Wording:
    """How the protocol speaks of what all figures show.

    Attributes
    ----------
    outcomes : dict of OutcomeWords
        In the order of the figures.
    measure : Measure
        Of the effects, with what is practically no difference.
    treated : str
        What the treated arm got, inside a sentence.
    """

    outcomes: dict[str, OutcomeWords]
    measure: Measure
    treated: str


def dated(label: str, year: Any, study_id: str) -> str:
    """Label of a study, with its year where that is known and the label does not say it."""
    name = label if pd.isna(year) or str(year) in label else f"{label} ({year})"
    return name + id_beside(label, study_id)


def id_beside(label: str, study_id: str) -> str:
    """Id of a study whose label has letters that no font here has: a picture still names it."""
    return f" [{study_id}]" if letters.undrawn(label) else ""


def study_name(row: pd.Series) -> str:
    """Label of a study, with its year."""
    return dated(row["label"], row["year"], row["study_id"])


def effect_name(effect: pd.Series) -> str:
    """Label of an effect's study, with its year, and which of the study's effects it is."""
    study = study_name(effect)
    return study if pd.isna(effect["effect_label"]) else f"{study}: {effect['effect_label']}"


def study_names(studies: pd.DataFrame) -> dict[str, str]:
    """Label and year of each study, by ``study_id``."""
    rows = studies[["study_id", "label", "year"]].itertuples(index=False)
    return {str(row.study_id): dated(str(row.label), row.year, str(row.study_id)) for row in rows}


def count_studies(count: int) -> str:
    """Number of studies in words: ``1 study``, ``8 studies``."""
    return f"{count} {'study' if count == 1 else 'studies'}"
