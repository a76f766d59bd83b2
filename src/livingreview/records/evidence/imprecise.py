"""A value without a standard error, alone or with a statement of significance about it.

The value says how large an effect is, the statement whether that is large beside its standard
error; together they tell of the size of the study. Neither repeats the other, so that both enter
one likelihood. Where no possible size allows both, the value alone is taken.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from livingreview.records.evidence.comparison import Comparison
from livingreview.records.evidence.groups import Groups
from livingreview.records.evidence.ranges import Range
from livingreview.records.evidence.route import Route, Term, join_assumptions


@dataclass(frozen=True)
class Imprecise:
    """A log odds ratio of unknown precision.

    Attributes
    ----------
    centre : float
        As printed.
    possible : Range
        What rounding leaves.
    term : callable
        Its term in groups of some sizes, without their numbers and without a statement.
    error : callable
        Least standard error of the value, of a term and two effective sizes.
    exact : bool
        Whether that is its only standard error.
    """

    centre: float
    possible: Range
    term: Callable[[Groups], Term]
    error: Callable[[Term, float, float], float]
    exact: bool

    def possible_z(self, groups: Groups, comparison: Comparison) -> Range:
        """Values of z that the sizes leave possible."""
        term = self.term(groups)
        errors = [self.error(term, *n) for n in groups.possible(comparison.assumed.sizes)]
        ends = [y / e for y in (self.possible.low, self.possible.high) for e in errors]
        # Any larger standard error is possible too.
        return Range.spanning(ends if self.exact else [*ends, 0.0])


def routes_of_value(
    i: int,
    kind: str,
    value: Imprecise,
    every: Sequence[Groups],
    comparison: Comparison,
    formula: str,
    assumption: str = "",
) -> list[Route]:
    """Routes of a value by the sizes of its groups, with the statement where one fits.

    Parameters
    ----------
    every : list of Groups
        Sizes of the value's own source, or one of sizes not known.
    """
    clusters = comparison.clusters
    return [
        Route(
            piece=i,
            kind=kind,
            alternative=groups.alternative,
            terms=(term,),
            assumption=join_assumptions(groups.assumption, assumption, clusters.assumption),
            formula=f"{formula} and statement" if stated else formula,
            value=value.centre,
            possible=value.possible,
            z=z,
            clustering=clusters.state,
            sizes=groups.sizes,
            groups=groups,
        )
        for own in every
        for groups in _groups(own, comparison)
        for term, z, stated in [_with_statement(value, groups, comparison)]
    ]


def _groups(own: Groups, comparison: Comparison) -> Iterator[Groups]:
    """The value's own sizes; where it has none, those that the statement is weighed with."""
    stated = [way.groups for way in comparison.statements if way.groups is not None]
    yield from [own] if own.sizes is not None or not own.unbounded or not stated else stated


def _with_statement(
    value: Imprecise, groups: Groups, comparison: Comparison
) -> tuple[Term, Range, bool]:
    """Term of a value, the z possible for it, and whether a statement is in it."""
    term = replace(value.term(groups), **groups.numbers)
    possible = value.possible_z(groups, comparison)
    # ASSUME: of several statements about one effect the first speaks of its value.
    for statement in comparison.statements[:1]:
        z = statement.z
        if z is None or z.apart_from(possible) or statement.clustering != comparison.clusters.state:
            break
        both = Range(max(z.low, possible.low), min(z.high, possible.high))
        return replace(term, z_low=z.low, z_high=z.high), both, True
    return replace(term, z_low=-math.inf, z_high=math.inf), possible, False
