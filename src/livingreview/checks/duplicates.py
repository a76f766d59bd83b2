"""Two studies that are one: the same numbers on the same outcome."""

from __future__ import annotations

from itertools import combinations

import pandas as pd

# What a study reported; names, assumptions and sources may well differ.
NUMBERS = [
    "likelihood",
    "treated",
    "events",
    "total",
    "log_odds_ratio",
    "standard_error",
    "z_low",
    "z_high",
    "n_treated",
    "n_control",
]


def duplicate_pairs(terms: pd.DataFrame) -> list[tuple[str, str]]:
    """Pairs of studies whose analysed terms on an outcome are number for number the same.

    Parameters
    ----------
    terms : DataFrame
        Rows of `livingreview.tables.Terms` of one outcome.
    """
    of_study: dict[str, list[str]] = {}
    # As text, in which a missing number equals a missing number.
    for study, *numbers in terms[["study_id", *NUMBERS]].itertuples(index=False):
        of_study.setdefault(str(study), []).append(repr(numbers))
    by_numbers: dict[tuple[str, ...], list[str]] = {}
    for study in sorted(of_study):
        by_numbers.setdefault(tuple(sorted(of_study[study])), []).append(study)
    return [pair for studies in by_numbers.values() for pair in combinations(studies, 2)]
