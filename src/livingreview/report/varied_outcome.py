"""The analyses of an outcome that change one choice, beside the planned one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from livingreview.protocol.review import Protocol
from livingreview.report.claims import Claim, Claims
from livingreview.report.selection import Condition

VARIATIONS = "6_sensitivity/variations.csv"

# Analyses that differ from the planned one in one choice; `cumulative` leaves several out.
SINGLE = ("leave_one_out", "priors", "baseline", "design", "evidence", "route")


@dataclass(frozen=True)
class Varied:
    """All that the sentences on one outcome are chosen from.

    Attributes
    ----------
    claims : Claims
    name : str
        Of the outcome.
    protocol : Protocol
    variations, moderators : DataFrame
        Rows of this outcome of the tables of those names.
    studies : dict of str
        Label of each study.
    """

    claims: Claims
    name: str
    protocol: Protocol
    variations: pd.DataFrame
    moderators: pd.DataFrame
    studies: dict[str, str]

    @property
    def planned(self) -> pd.Series:
        """The analysis of the protocol."""
        return self.variations[self.variations["analysis"] == "planned"].iloc[0]

    @property
    def singles(self) -> pd.DataFrame:
        """Analyses that change one choice."""
        return self.variations[self.variations["analysis"].isin(SINGLE)]

    def rows(self, analysis: str) -> pd.DataFrame:
        """Analyses of one kind."""
        return self.variations[self.variations["analysis"] == analysis]

    def step(self, row: pd.Series) -> int:
        """Rung of the protocol's verdicts that a probability of a direction reaches, 0 for none."""
        verdicts = self.protocol.decisions.verdicts
        most = max(row["p_above_zero"], row["p_below_zero"])
        reached = [i for i, verdict in enumerate(verdicts) if most >= verdict.probability]
        return len(verdicts) - reached[0] if reached else 0

    def same_direction(self, row: pd.Series) -> bool:
        """Whether an analysis puts the pooled effect on the planned one's side."""
        return bool(row["q50"] * self.planned["q50"] > 0)

    def other_side(self) -> Condition:
        """Condition on the pooled effect of an analysis that turns the direction."""
        return Condition.at_most(0) if self.planned["q50"] > 0 else Condition.at_least(0)

    def other_step(self) -> dict[str, Condition]:
        """Condition on the probability of the planned side of an analysis on another rung.

        It holds for analyses on the planned side, where that probability is the larger one.
        """
        rungs = sorted(verdict.probability for verdict in self.protocol.decisions.verdicts)
        bounds = [0.0, *rungs, math.inf]
        at = self.step(self.planned)
        side = "p_above_zero" if self.planned["q50"] > 0 else "p_below_zero"
        return {side: Condition.outside(bounds[at], bounds[at + 1])}

    def cell(self, column: str, style: str, analysis: str, variant: str) -> Claim:
        """Claim a cell of one analysis."""
        where = {"outcome": self.name, "analysis": analysis, "variant": variant}
        return self.claims.cell(VARIATIONS, column, style, **where)

    def range(self, analysis: str) -> tuple[str, dict[str, str | Claim]]:
        """Lowest and highest odds ratio, and probability of more, over analyses of one kind.

        Returns
        -------
        template : str
            A predicate of `the pooled odds ratio`.
        values : dict of Claim
            Its fields low, high, least and most.
        """
        where = {"outcome": self.name, "analysis": analysis}
        found: dict[str, str | Claim] = {
            "low": self.claims.total(VARIATIONS, "q50", "min", "exponential", **where),
            "high": self.claims.total(VARIATIONS, "q50", "max", "exponential", **where),
            "least": self.claims.total(VARIATIONS, "p_above_zero", "min", "percent", **where),
            "most": self.claims.total(VARIATIONS, "p_above_zero", "max", "percent", **where),
        }
        same_ratio = str(found["low"]) == str(found["high"])
        same_probability = str(found["least"]) == str(found["most"])
        ratios = "stays at {low}" if same_ratio else "runs from {low} to {high}"
        probabilities = "stays at {least}" if same_probability else "runs from {least} to {most}"
        return f"{ratios} and the probability of more {probabilities}", found
