"""What a figure shows of more effects than it can name: studies of most people, a row for each.

Nobody reads five hundred rows. The largest studies say most of what the pooled effect rests on, and
which they are hangs on no result. What is left out is counted in words, with the table that has it.
"""

from __future__ import annotations

import pandas as pd

from livingreview.figures import style
from livingreview.figures.wording import count_studies

ALL = "The table effects.csv among the results has all."


def is_large(effects: int) -> bool:
    """Whether effects are too many to have a row each."""
    return effects > style.MOST_ROWS


def largest_studies(effects: pd.DataFrame, most: int = style.MOST_STUDIES) -> set[str]:
    """Studies of most people; `effects` has a row for each effect, with its `people`."""
    people = effects.groupby("study_id", sort=False)["people"].max()
    return set(people.sort_values(ascending=False, kind="stable").index[:most])


def left_out(effects: pd.DataFrame, shown: set[str]) -> list[str]:
    """Sentences on the studies that are not among those shown; none where all are."""
    others = effects[~effects["study_id"].isin(shown)]
    if others.empty:
        return []
    studies, count = others["study_id"].nunique(), len(others)
    return [
        f"Drawn: the {count_studies(len(shown))} of most people. Not drawn:"
        f" {count_studies(studies)} with {count} {'effect' if count == 1 else 'effects'}. {ALL}"
    ]
