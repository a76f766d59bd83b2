"""Analyses of every outcome as planned and varied: what the figures of stage 6 share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from livingreview.figures.wording import Wording, study_names

NOTHING = "no effect on this outcome can be analysed"


@dataclass(frozen=True)
class Variants:
    """Varied analyses, why an outcome has none, and how studies and outcomes are named.

    Attributes
    ----------
    table, statuses, studies : DataFrame
        Columns of `livingreview.tables.sensitivity.Variations` and `VariedOutcomes`, and
        of `livingreview.tables.records.Studies`.
    wording : Wording
    """

    table: pd.DataFrame
    statuses: pd.DataFrame
    studies: pd.DataFrame
    wording: Wording

    @cached_property
    def names(self) -> dict[str, str]:
        """Label and year of each study."""
        return study_names(self.studies)

    def select(self, outcome: str, analysis: str) -> pd.DataFrame:
        """Rows of one analysis of an outcome, such as ``planned``."""
        chosen = (self.table["outcome"] == outcome) & (self.table["analysis"] == analysis)
        return self.table[chosen]

    def why_none(self, outcome: str) -> str:
        """Sentence on an outcome whose analyses could not be varied, with the reason."""
        reasons = self.statuses.loc[self.statuses["outcome"] == outcome, "reason"].dropna()
        return f"Nothing to draw: {reasons.iloc[0] if len(reasons) else NOTHING}."
