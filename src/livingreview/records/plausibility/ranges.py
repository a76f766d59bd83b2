"""Years, follow-ups and values of moderators out of the range that is thought possible."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from livingreview.base.documents import Location
from livingreview.records.moderator_values import values_given
from livingreview.records.moderators import ModeratorValue
from livingreview.records.plausibility.question import Oddity, Review

DAYS_IN_A_MONTH = 365.25 / 12


def years_out_of_range(review: Review) -> Iterator[Oddity]:
    """Find citations from the future, or older than the protocol thinks possible."""
    latest = date.today().year + 1
    for record in review.records:
        year = record[1].citation.year
        if year is not None and not review.limits.year_at_least <= year <= latest:
            early = f"before {review.limits.year_at_least}"
            why = "it lies in the future" if year > latest else early
            yield Oddity(record, ("citation", "year"), f"{year}", why)


def follow_ups_out_of_range(review: Review) -> Iterator[Oddity]:
    """Find follow-ups so long that they look like days."""
    limit = review.limits.follow_up_months_at_most
    for record, effect, at in review.effects():
        months = effect.follow_up_months
        if months is not None and months > limit:
            why = (
                f"more than {limit:g} months are {limit / 12:g} years or more; of days, the months"
                f" would be {months / DAYS_IN_A_MONTH:.2g}"
            )
            yield Oddity(record, (*at, "follow_up_months"), f"{months:g} months", why)


def moderators_out_of_range(review: Review) -> Iterator[Oddity]:
    """Find values of numeric moderators far from their centre, or out of their own range."""
    for record in review.records:
        holders: list[tuple[Location, dict[str, ModeratorValue]]] = [
            (("moderators",), record[1].moderators)
        ]
        holders += [
            (("effects", i, "moderators"), effect.moderators)
            for i, effect in enumerate(record[1].effects)
        ]
        for below, values in holders:
            for name, value in values.items():
                for at, number, *_ in values_given((*below, name), value):
                    bounds = _bounds(review, name)
                    if not isinstance(number, int | float) or bounds is None:
                        continue
                    if not bounds[0] <= number <= bounds[1]:
                        why = f"the protocol thinks {bounds[0]:.4g} to {bounds[1]:.4g} possible"
                        about = ".".join(map(str, at[len(below) :]))
                        yield Oddity(record, at, f"{name} {number:g}", why, about=about)


def _bounds(review: Review, name: str) -> tuple[float, float] | None:
    """Least and greatest value of a moderator; none of a categorical one."""
    if name in review.limits.moderators:
        low, high = review.limits.moderators[name]
        return low, high
    coding = review.codings[name]
    if coding.centre is None or coding.per is None:
        return None
    reach = review.limits.moderator_units_at_most * coding.per
    return coding.centre - reach, coding.centre + reach
