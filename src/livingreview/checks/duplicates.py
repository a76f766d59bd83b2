"""Two studies that are one: the same numbers on the same outcome."""

from __future__ import annotations

from itertools import combinations

import pandas as pd

from livingreview.records.evidence.route import OWN_NUMBERS
from livingreview.tables.effects import Terms
from livingreview.tables.statuses import CONFIRMED

# Columns with what a study reported; in duplicates, names, assumptions and sources may differ.
_COLUMNS = list(Terms.to_schema().columns)
NUMBERS = ["likelihood", *_COLUMNS[_COLUMNS.index("treated") : _COLUMNS.index("assumption")]]


def confirmed_pairs(questions: pd.DataFrame) -> frozenset[tuple[str, str]]:
    """Pairs of studies that their records confirm to be two, each in the order of their names.

    `questions`: rows of `livingreview.tables.records.Questions`.
    """
    pairs = questions[(questions["status"] == CONFIRMED) & questions["twin"].notna()]
    names = zip(pairs["study_id"].astype(str), pairs["twin"].astype(str), strict=True)
    return frozenset((min(pair), max(pair)) for pair in names)


def duplicate_pairs(terms: pd.DataFrame) -> list[tuple[str, str]]:
    """Pairs of studies whose analysed terms on an outcome are number for number the same.

    `terms`: rows of `livingreview.tables.effects.Terms` of one outcome.
    """
    # Two statements without group sizes are alike, and tell of nothing.
    telling = terms.loc[terms[[*OWN_NUMBERS]].notna().any(axis=1), "study_id"]
    terms = terms[terms["study_id"].isin(telling)]
    of_study: dict[str, list[str]] = {}
    # As text, in which a missing number equals a missing number.
    for study, *numbers in terms[["study_id", *NUMBERS]].itertuples(index=False):
        of_study.setdefault(str(study), []).append(repr(numbers))
    by_numbers: dict[tuple[str, ...], list[str]] = {}
    for study in sorted(of_study):
        by_numbers.setdefault(tuple(sorted(of_study[study])), []).append(study)
    return [pair for studies in by_numbers.values() for pair in combinations(studies, 2)]
