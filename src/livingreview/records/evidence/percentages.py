"""Percentages and group sizes by arm: the counts that the rounding leaves possible."""

from __future__ import annotations

import math
from itertools import product
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from livingreview.base.types import Identifier
from livingreview.base.validation import Strict, field_error, refuse
from livingreview.records.evidence.amounts import Size
from livingreview.records.evidence.baselines import ControlRisk, logit_error, observed_share
from livingreview.records.evidence.columns import DecimalsOf, InPercent
from livingreview.records.evidence.comparison import Comparison
from livingreview.records.evidence.counts import binomial_terms
from livingreview.records.evidence.groups import NOT_KNOWN, Groups
from livingreview.records.evidence.imprecise import Imprecise, routes_of_value
from livingreview.records.evidence.ranges import Range
from livingreview.records.evidence.reported import Reported
from livingreview.records.evidence.rounded_counts import (
    Decimals,
    Possible,
    alternatives,
    as_many_as_shown,
    chosen_in_words,
    possible_counts,
)
from livingreview.records.evidence.route import AS_REPORTED, Route, Term, join_assumptions
from livingreview.records.evidence.two_by_two import log_odds_ratio, z_of_usual_tests


class ArmPercent(Strict):
    """Rounded percentage of one arm with the outcome."""

    arm: Identifier
    percent: Annotated[float, Field(ge=0, le=100), InPercent()]
    decimals: Annotated[Decimals, DecimalsOf("percent")]
    total: Size | None = Field(default=None, description="Left out when it could not be read.")

    @field_validator("decimals")
    @classmethod
    def _as_many_as_shown(cls, decimals: int, info: ValidationInfo) -> int:
        return as_many_as_shown(decimals, "percent", info.data.get("percent", 0.0))

    @property
    def possible(self) -> Possible | None:
        """Counts that fit; None when the total is not known or none fits."""
        if self.total is None:
            return None
        return possible_counts(self.percent, self.decimals, self.total, 100, self.total)

    @property
    def bounds(self) -> Range | None:
        """Shares that rounding leaves; None when they reach nobody or everybody."""
        half = 0.5 * 10.0**-self.decimals
        if not half < self.percent < 100 - half:
            return None
        return Range((self.percent - half) / 100, (self.percent + half) / 100)


class Percentages(Reported):
    """Percentages and group sizes by arm."""

    decisive: ClassVar[tuple[str, ...]] = ("percent",)
    quantity: ClassVar[str] = "percentages of people with the outcome"
    example: ClassVar[str] = """\
# A list of 2 or more.
arms:
  # A name (a to z, 0 to 9 and _, a letter first, at most 60).
  - arm: treated
    # A number from 0 to 100.
    percent: 10.0
    # Decimals as printed. A whole number from 0 to 6.
    decimals: 1
    # Left out when it could not be read. A whole number from 1, may be left out.
    total: 120
  - arm: control
    percent: 12.7
    decimals: 1
    total: 118
"""

    kind: Literal["percentages"]
    arms: Annotated[list[ArmPercent], Field(min_length=2)]

    @field_validator("arms")
    @classmethod
    def _totals_fit(cls, arms: list[ArmPercent], info: ValidationInfo) -> list[ArmPercent]:
        unexplained = "note" in info.data and info.data["note"] is None
        refuse(
            field_error(
                (k, "total"),
                arm.total,
                f"a total of which some whole number is {_printed(arm)}, or a `note` beside"
                " `arms` on why none is",
            )
            for k, arm in enumerate(arms)
            if unexplained and arm.total is not None and arm.possible is None
        )
        return arms

    def control_risk(self, control: str) -> ControlRisk | None:
        """Percentage of the control arm, or the share of the count that fits best."""
        arm = next(arm for arm in self.arms if arm.arm == control)
        if (possible := arm.possible) is not None:
            nearest, *ends = (
                observed_share(events, possible.total)
                for events in (possible.nearest, possible.lowest, possible.highest)
            )
            error = logit_error(possible.nearest, possible.total) * self.inflation
            return ControlRisk(nearest, Range.spanning(ends), self.kind, error)
        # A rounded 0% or 100% of an unknown number of people leaves the odds unbounded.
        if arm.total is not None or (bounds := arm.bounds) is None:
            return None
        # Of an unknown number of people only the rounding is known: uniform over its range.
        width = logit(bounds.high) - logit(bounds.low)
        return ControlRisk(arm.percent / 100, bounds, self.kind, width / math.sqrt(12))

    def routes(self, i: int, comparison: Comparison) -> list[Route]:
        """Exact counts where one fits in each arm; else the nearest, the lowest, the highest."""
        arms, clusters = comparison.pair(self.arms), comparison.clusters
        if comparison.assumed.sizes is not None and any(arm.total is None for arm in arms):
            return self._of_unknown_sizes(i, comparison)
        possible: list[Possible] = []
        for arm in arms:
            if arm.possible is None:
                return [Route(i, self.kind, AS_REPORTED, reason=_why_none(arm))]
            possible.append(arm.possible)
        treated, control = possible
        tables = [
            (a, treated.total, c, control.total)
            for a, c in product(treated.turning, control.turning)
        ]
        values, errors = zip(*(log_odds_ratio(*table) for table in tables), strict=True)
        z = Range.spanning(x for table in tables for x in z_of_usual_tests(*table))
        routes = []
        for name, (a, c) in alternatives(treated, control).items():
            table = (a, treated.total, c, control.total)
            value, error = log_odds_ratio(*table)
            error *= clusters.inflation
            names = [arm.arm for arm in arms]
            rounded = chosen_in_words(names, possible, (a, c), "events", "percentage")
            routes.append(
                Route(
                    piece=i,
                    kind=self.kind,
                    alternative=name,
                    terms=binomial_terms(comparison, table),
                    assumption=join_assumptions(*rounded, clusters.assumption),
                    formula="binomial, events from percentages",
                    value=value,
                    error=error,
                    possible=Range.spanning(values),
                    standard_error=Range.spanning(errors).times(clusters.inflation),
                    z=z.times(1 / clusters.inflation),
                    z_printed=value / error,
                    clustering=clusters.state,
                )
            )
        return routes

    def _of_unknown_sizes(self, i: int, comparison: Comparison) -> list[Route]:
        """The log odds ratio of the percentages, whose precision is unknown."""
        arms = comparison.pair(self.arms)
        shares = []
        for arm in arms:
            if arm.total is not None and arm.possible is None:
                return [Route(i, self.kind, AS_REPORTED, reason=_why_none(arm))]
            if arm.bounds is None:
                reason = f"{_printed(arm)} of an unknown number of people ({arm.arm}) has no odds"
                return [Route(i, self.kind, AS_REPORTED, reason=reason)]
            shares.append(arm.bounds)
        treated, control = (arm.percent / 100 for arm in arms)
        possible = Range(
            logit(shares[0].low) - logit(shares[1].high),
            logit(shares[0].high) - logit(shares[1].low),
        )
        variances = [1 / (p * (1 - p)) for p in (treated, control)]
        factor = comparison.clusters.design_effect

        def term(groups: Groups) -> Term:
            unit = math.sqrt(sum(variances))
            if groups.known:  # effective people, and unequal groups
                n = (groups.n_treated, groups.n_control)
                unit = math.sqrt(variances[0] / n[0] + variances[1] / n[1]) / mean_root(*n)
            return Term(
                "rounded", value_low=possible.low, value_high=possible.high, unit_error=unit
            )

        totals = [math.nan if arm.total is None else arm.total / factor for arm in arms]
        known = [arm.arm for arm in arms if arm.total is not None]
        not_known = f"{NOT_KNOWN} but that of {known[0]}" if known else NOT_KNOWN
        value = Imprecise(
            logit(treated) - logit(control),
            possible,
            term,
            lambda term, *n: term.unit_error * mean_root(*n),
            exact=True,
        )
        own = Groups(AS_REPORTED, not_known, totals[0], totals[1], design_effect=factor)
        formula = "log odds ratio of percentages"
        return routes_of_value(i, self.kind, value, [own], comparison, formula)


def mean_root(n_treated: float, n_control: float) -> float:
    """Factor from the standard error in arms of one person to that in arms of these sizes."""
    return math.sqrt((1 / n_treated + 1 / n_control) / 2)


def logit(share: float) -> float:
    """Log odds of a share."""
    return math.log(share / (1 - share))


def _why_none(arm: ArmPercent) -> str:
    if arm.total is None:
        return f"a percentage without its total ({_printed(arm)} in {arm.arm})"
    return f"no whole number of {arm.total} people is {_printed(arm)} ({arm.arm})"


def _printed(arm: ArmPercent) -> str:
    return f"{arm.percent:.{arm.decimals}f}%"
