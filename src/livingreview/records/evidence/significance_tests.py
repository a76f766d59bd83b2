"""Routes from the statistic or the p value of a significance test."""

from __future__ import annotations

import math
from itertools import product
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from livingreview.base.validation import field_error
from livingreview.records.evidence.amounts import LARGEST_AMOUNT, LEAST_P
from livingreview.records.evidence.baselines import ControlRisk
from livingreview.records.evidence.clusters import Clustering
from livingreview.records.evidence.comparison import Comparison
from livingreview.records.evidence.groups import Groups, groups_of_split
from livingreview.records.evidence.p_values import z_from_p
from livingreview.records.evidence.ranges import Range, rounding
from livingreview.records.evidence.reported import Tested
from livingreview.records.evidence.route import Route, Term, join_assumptions
from livingreview.records.evidence.sizes import Alternatives, Sizes
from livingreview.records.evidence.smd import LOGISTIC, SMD_TO_LOG_ODDS, hedges_g, z_from_t
from livingreview.records.evidence.splits import Split, splits
from livingreview.records.evidence.two_by_two import (
    log_odds_ratio_at,
    log_odds_ratio_at_pooled_z,
    standard_error_at,
)

# Shortest interval of z: the likelihood is flat over it, and its probability still has digits.
NARROWEST = 1e-6


class Test(Tested):
    """A test statistic with group sizes and a direction."""

    decisive: ClassVar[tuple[str, ...]] = ("value",)
    dependent: ClassVar[tuple[str, ...]] = ("direction",)
    weighs_sizes: ClassVar[bool] = True
    quantity: ClassVar[str] = "a significance test"
    example: ClassVar[str] = """\
# One of chi_squared, z, t, f, p.
statistic: chi_squared
# Absolute value, or the exact p. A number from 0.
value: 0.43
# One of increase, decrease.
direction: decrease
# A list of 1 or more.
sizes:
  # Name of this alternative, used in stage 6. A name (a to z, 0 to 9 and _, a letter
  # first, at most 60).
  - name: reported
    # Whether the source states the sizes, plans them, or they were worked out. One of
    # reported, planned, derived.
    basis: reported
    # A whole number from 1, may be left out.
    treated: 120
    # A whole number from 1, may be left out.
    control: 118
    # A whole number from 1, may be left out.
    # total: 238
    source:
      url: https://example.org/to-fill-in
      locator: table 2, page 7
      kind: full text
    # Text, may be left out.
    # note: What is special about these sizes.
"""

    kind: Literal["test"]
    statistic: Literal["chi_squared", "z", "t", "f", "p"]
    value: Annotated[float, Field(ge=0, le=LARGEST_AMOUNT)] = Field(
        description="Absolute value, or the exact p."
    )
    direction: Literal["increase", "decrease"]
    sizes: Annotated[Alternatives, Field(min_length=1)]

    @field_validator("value")
    @classmethod
    def _p_is_a_probability(cls, value: float, info: ValidationInfo) -> float:
        if info.data.get("statistic") == "p" and not LEAST_P <= value < 1:
            allowed = f"{LEAST_P:g} or more" if 0 < value < 1 else "a p value between 0 and 1"
            raise field_error((), None, allowed)
        return value

    @field_validator("sizes")
    @classmethod
    def _chi_squared_is_possible(cls, sizes: list[Sizes], info: ValidationInfo) -> list[Sizes]:
        unexplained = "note" in info.data and info.data["note"] is None
        people = max(alternative.people for alternative in sizes)
        # Of a table of two proportions it is the number of people times a squared correlation.
        chi_squared = info.data.get("statistic") == "chi_squared"
        if unexplained and chi_squared and info.data.get("value", 0) > people:
            allowed = f"at most {people}, the number of people, or a `note` on why chi-squared is"
            raise field_error(
                ("value",), f"{info.data['value']:g}", f"{allowed} larger", beside=True
            )
        return sizes

    @property
    def is_adjusted(self) -> None:
        """Not said of a test."""
        return None

    def routes(self, i: int, comparison: Comparison) -> list[Route]:
        """One route for each reported pair of sizes and each split of an unknown one."""
        risk, clusters = comparison.risk, comparison.clusters
        every = splits(self.sizes)
        if self.statistic in ("t", "f"):
            return [_route_of_means(i, self, split, clusters) for split in every]
        routes = []
        for split in every:
            groups = groups_of_split(split, comparison.assumed.sizes, clusters)
            if groups is not None and groups.known:
                routes.append(_route_of_proportions(i, self, split, risk, clusters))
            elif groups is not None:
                routes.append(_route_of_unknown_sizes(i, self, groups, risk, clusters))
        return routes


def _signed(piece: Test) -> tuple[float, Range]:
    """Signed z or t as printed, and what rounding leaves for it."""
    if piece.statistic == "p":
        possible = z_from_p(piece.value)
        size = z_from_p(piece.value, exactly=True).low
    else:
        rounded = rounding(piece.value)
        squared = piece.statistic in ("chi_squared", "f")
        low, high = max(rounded.low, 0.0), rounded.high
        possible = Range(math.sqrt(low), math.sqrt(high)) if squared else Range(low, high)
        size = math.sqrt(piece.value) if squared else piece.value
    sign = 1 if piece.direction == "increase" else -1
    return sign * size, possible.times(sign)


def _route_of_means(i: int, piece: Test, split: Split, clusters: Clustering) -> Route:
    """T or F(1, df) of a difference of means: Hedges' g."""
    n = (split.n_treated, split.n_control)
    degrees = sum(n) - 2
    if degrees <= 1:
        reason = f"{sum(n):g} people are too few for a standardised mean difference"
        return Route(i, "test", split.alternative, reason=reason, sizes=split.sizes)
    t, possible = _signed(piece)
    # √(1/n₁ + 1/n₀) at the effective sizes, times t as if people had been independent there.
    root = math.sqrt((1 / n[0] + 1 / n[1]) * clusters.design_effect) / clusters.inflation
    spread = math.sqrt(clusters.design_effect) * SMD_TO_LOG_ODDS
    g, error = hedges_g(t * root, *n)
    bounds = [hedges_g(x * root, *n) for x in (possible.low, possible.high)]
    values = Range.spanning(y * SMD_TO_LOG_ODDS for y, _ in bounds)
    z_printed, *z = (
        z_from_t(x / clusters.inflation, degrees) for x in (t, possible.low, possible.high)
    )
    name = "t" if piece.statistic == "t" else "F(1, df)"
    return Route(
        piece=i,
        kind="test",
        alternative=split.alternative,
        terms=(Term("normal", value=g * SMD_TO_LOG_ODDS, standard_error=error * spread),),
        assumption=join_assumptions(LOGISTIC, split.assumption, clusters.assumption),
        formula=f"Hedges g from {name}",
        value=g * SMD_TO_LOG_ODDS,
        error=error * spread,
        possible=values.side() if split.assumed else values,
        standard_error=None if split.assumed else Range.spanning(e * spread for _, e in bounds),
        z=Range.spanning(z),
        z_printed=z_printed,
        scale="smd",
        clustering=clusters.state,
        sizes=split.sizes,
    )


def _route_of_proportions(
    i: int, piece: Test, split: Split, control: ControlRisk, clusters: Clustering
) -> Route:
    """Z, chi-squared or p of two proportions.

    At the effect's own control probability, the θ at which θ / SE(θ) is z. Without one, z
    itself: an interval as narrow as its rounding, whose control probability is uncertain.
    """
    n = (split.n_treated / clusters.design_effect, split.n_control / clusters.design_effect)
    printed, rounded = _signed(piece)
    z, possible = printed / clusters.inflation, rounded.times(1 / clusters.inflation)
    # ASSUME: a test of two proportions tested the log odds ratio.
    value = log_odds_ratio_at(z, *n, control.probability)
    reached = math.isfinite(value)
    error = standard_error_at(value, *n, control.probability) if reached else math.nan
    values = _possible_log_odds(possible, n, control)
    name = {"z": "z", "chi_squared": "chi-squared", "p": "p"}[piece.statistic]
    at_own = bool(control.own) and reached
    if at_own:
        term = Term("normal", value=value, standard_error=error)
        formula = f"log odds ratio from {name} of two proportions{control.formula}"
    else:
        term = _interval_term(possible, Groups("", "", *n))
        formula = f"interval of z from {name} of two proportions"
    return Route(
        piece=i,
        kind="test",
        alternative=split.alternative,
        terms=(term,),
        assumption=join_assumptions(
            "" if at_own else _control_assumed(control, z), split.assumption, clusters.assumption
        ),
        formula=formula,
        value=value if reached else None,
        error=error if reached else None,
        possible=values if at_own and not split.assumed else values.side(),
        z=possible,
        z_printed=z,
        converted=True,
        clustering=clusters.state,
        sizes=split.sizes,
    )


def _route_of_unknown_sizes(
    i: int, piece: Test, groups: Groups, control: ControlRisk, clusters: Clustering
) -> Route:
    """Z of two proportions in groups of which only the planned sizes are known."""
    printed, rounded = _signed(piece)
    z, possible = printed / clusters.inflation, rounded.times(1 / clusters.inflation)
    return Route(
        piece=i,
        kind=piece.kind,
        alternative=groups.alternative,
        terms=(_interval_term(possible, groups),),
        assumption=join_assumptions(
            f"a control probability around {control.probability:.3g}",
            groups.assumption,
            clusters.assumption,
        ),
        formula=f"interval of z from {piece.statistic} of two proportions",
        possible=possible.side(),
        z=possible,
        z_printed=z,
        converted=True,
        clustering=clusters.state,
        sizes=groups.sizes,
        groups=groups,
    )


def _possible_log_odds(possible: Range, n: tuple[float, float], control: ControlRisk) -> Range:
    """Log odds ratios that give a possible z by any usual test; sources seldom name theirs."""
    bounds = (possible.low, possible.high), (control.possible.low, control.possible.high)
    return Range.spanning(
        value
        for z, p in product(*bounds)
        for value in (
            log_odds_ratio_at(z, *n, p),
            log_odds_ratio_at_pooled_z(z, *n, p),
            log_odds_ratio_at_pooled_z(z, *n, p, yates=True),
        )
    )


def _control_assumed(control: ControlRisk, z: float) -> str:
    """What an interval of z assumes of the control probability, in words."""
    if not control.own:
        return f"a control probability around {control.probability:.3g}"
    # ASSUME: where no odds ratio gives z at the reported control probability, the test was made
    # at another control probability.
    return (
        f"a control probability unlike the reported {control.probability:.3g},"
        f" at which no odds ratio gives z {z:.3g}"
    )


def _interval_term(possible: Range, groups: Groups) -> Term:
    """Z somewhere in what its rounding leaves."""
    middle = (possible.low + possible.high) / 2
    half = max(possible.high - possible.low, NARROWEST) / 2
    return Term("interval", z_low=middle - half, z_high=middle + half, **groups.numbers)
