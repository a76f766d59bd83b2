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
    by_numbers: dict[tuple, list[str]] = {}
    for study, rows in terms.groupby("study_id", sort=True):
        numbers = rows[NUMBERS].astype(object).where(rows[NUMBERS].notna(), None)
        key = tuple(sorted(map(tuple, numbers.to_numpy().tolist()), key=repr))
        by_numbers.setdefault(key, []).append(str(study))
    return [pair for studies in by_numbers.values() for pair in combinations(studies, 2)]
