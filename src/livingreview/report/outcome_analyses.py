"""The planned analysis of an outcome, and those that change one choice of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from livingreview.protocol.review import Protocol
from livingreview.report.claims import Claim, ClaimRow, Claims
from livingreview.report.row_selection import Condition
from livingreview.synthesis.verdicts import rung, step_of
from livingreview.tables.sensitivity import Variations

# Analyses that differ from the planned one in one choice; `cumulative` leaves several out.
SINGLE = (
    "leave_one_out",
    "priors",
    "baseline",
    "sizes",
    "correlation",
    "shares",
    "design",
    "evidence",
    "risk_of_bias",
    "follow_up",
    "adjustment",
    "route",
)
KEYS = ("outcome", "analysis", "variant")


@dataclass(frozen=True)
class OutcomeAnalyses:
    """Rows of `variations.csv` on one outcome."""

    claims: Claims
    protocol: Protocol
    outcome: str

    @cached_property
    def planned(self) -> ClaimRow:
        """The analysis of the protocol."""
        return self.of_kind("planned")[0]

    @cached_property
    def size_learnt(self) -> bool:
        """Whether the size of the outcome's pooled effect is learnt from its studies."""
        return bool(self.planned["size_learnt"])

    @property
    def sides(self) -> dict[str, str]:
        """The outcome's words for ``less`` and ``more`` of it."""
        return self.protocol.outcomes[self.outcome].sides_alone

    @cached_property
    def singles(self) -> list[ClaimRow]:
        """Analyses that change one choice."""
        return self.of_kind(*SINGLE)

    def of_kind(self, *kinds: str) -> list[ClaimRow]:
        """Analyses that change choices of these kinds."""
        analysis = Condition.any_of(*kinds)
        return self.claims.rows(Variations.file, KEYS, outcome=self.outcome, analysis=analysis)

    def answer(self, row: ClaimRow) -> str:
        """Effect where one is learnt, and probability of more, of one analysis."""
        probability = f"the probability of {self.sides['more']} is {row.p_above_zero}"
        if not row["size_learnt"]:
            return probability
        effect = row.interval("q50", "q2_5", "q97_5")
        return f"the {self.protocol.measure.phrase} is {effect}, and {probability}"

    def step(self, row: ClaimRow) -> int:
        """Rung of the protocol's verdicts that a probability of a direction reaches, 0 for none."""
        most = max(row["p_above_zero"], row["p_below_zero"])
        decisions = self.protocol.decisions
        return rung(step_of(most, decisions), decisions)

    def same_direction(self, row: ClaimRow) -> bool:
        """Whether an analysis puts the pooled effect on the planned one's side."""
        return bool(row["q50"] * self.planned["q50"] > 0)

    def count_singles(self, rows: list[ClaimRow], **where: Condition) -> Claim:
        """Claim how many analyses change one choice and meet conditions, which are these rows."""
        analysis = Condition.any_of(*SINGLE)
        return self.claims.count_of(
            rows, Variations.file, outcome=self.outcome, analysis=analysis, **where
        )

    def other_side(self) -> dict[str, Condition]:
        """Condition on the pooled effect of an analysis that turns the direction."""
        planned_above = self.planned["q50"] > 0
        return {"q50": Condition.at_most(0) if planned_above else Condition.at_least(0)}

    def other_step(self) -> dict[str, Condition]:
        """Condition on the probability of the planned side of an analysis on another rung.

        It holds for analyses on the planned side, where that probability is the larger one.
        """
        rungs = sorted(verdict.probability for verdict in self.protocol.decisions.verdicts)
        bounds = [0.0, *rungs, math.inf]
        at = self.step(self.planned)
        side = "p_above_zero" if self.planned["q50"] > 0 else "p_below_zero"
        return {side: Condition.outside(bounds[at], bounds[at + 1])}

    def range(self, kind: str) -> str:
        """Lowest and highest effect where all are learnt, and probability of more, of one kind."""
        probabilities = (
            f"the probability of {self.sides['more']} {self._extent(kind, 'p_above_zero')}"
        )
        if not all(row["size_learnt"] for row in self.of_kind(kind)):
            return probabilities
        pooled = f"the pooled {self.protocol.measure.phrase}"
        return f"{pooled} {self._extent(kind, 'q50')}, and {probabilities}"

    def _extent(self, kind: str, column: str) -> str:
        """From where to where a number runs; where that prints alike, beside the planned one."""
        low, high = (
            self.claims.aggregate(how, Variations.file, column, outcome=self.outcome, analysis=kind)
            for how in ("min", "max")
        )
        planned = self.planned.claim(column)
        if low.text != high.text:
            return f"runs from {low} to {high}"
        # What differs by less than is printed does not differ.
        if low.text == planned.text:
            return f"stays at {planned}"
        return f"is {low}, against {planned} as planned"
