"""Estimates that are odd beside their own uncertainty, or beside the size of their study."""

from __future__ import annotations

import math
from collections.abc import Iterator

from livingreview.records.evidence.amounts import LEAST_AMOUNT
from livingreview.records.evidence.estimate_routes import standard_errors
from livingreview.records.evidence.estimates import Estimate
from livingreview.records.evidence.measures import is_ratio, natural, to_line
from livingreview.records.evidence.ranges import Range, rounding
from livingreview.records.plausibility.groups import group_sizes
from livingreview.records.plausibility.question import Oddity, Place, Review

# Distance from a ratio to an end of its 95% interval, in standard errors of its log.
REACH = 1.96


def _estimates(review: Review) -> Iterator[tuple[Place, Estimate]]:
    for place in review.pieces():
        if isinstance(place.piece, Estimate):
            yield place, place.piece


def _lopsided(piece: Estimate, measure: str) -> float:
    """Least distance of the value from the middle, for half a width, as values of a measure.

    Rounding is allowed for. A source prints the three numbers with as many decimals, though
    trailing zeros are not seen here.
    """
    assert piece.interval is not None
    numbers = (piece.value, *piece.interval)
    half = min((ends.high - ends.low) / 2 for ends in map(rounding, numbers))
    least = LEAST_AMOUNT if is_ratio(measure) else -math.inf
    value, low, high = (
        Range(to_line(measure, max(number - half, least)), to_line(measure, number + half))
        for number in numbers
    )
    middle = Range((low.low + high.low) / 2, (low.high + high.high) / 2)
    apart = max(value.low - middle.high, middle.low - value.high, 0.0)
    return 2 * apart / (high.high - low.low)


def _in_words(piece: Estimate) -> str:
    assert piece.interval is not None
    low, high = piece.interval
    return f"{piece.measure} {piece.value:g} in [{low:g}, {high:g}]"


def _is_logarithm(piece: Estimate, review: Review) -> bool:
    """Whether a ratio lies in its interval as only a logarithm does."""
    if piece.interval is None or not is_ratio(piece.measure):
        return False
    as_it_is = _lopsided(piece, piece.measure)
    as_logarithm = _lopsided(piece, f"log_{piece.measure}")
    return as_it_is > review.limits.lopsided_logarithm_at_most and as_logarithm == 0


def lopsided_intervals(review: Review) -> Iterator[Oddity]:
    """Find estimates far from the middle of their intervals."""
    for place, piece in _estimates(review):
        if piece.interval is None or _is_logarithm(piece, review):
            continue
        ends = [to_line(piece.measure, end) for end in piece.interval]
        if _lopsided(piece, piece.measure) > review.limits.lopsided_at_most:
            middle = sum(ends) / 2
            ratio = is_ratio(piece.measure)
            printed = math.exp(middle) if ratio else middle
            on_log = " on the log scale" if ratio else ""
            why = f"the middle of that interval{on_log} is {printed:.3g}, not {piece.value:g}"
            yield Oddity(place.record, (*place.at, "interval"), _in_words(piece), why)


def logarithms_as_ratios(review: Review) -> Iterator[Oddity]:
    """Find ratios whose intervals are even on both sides, as those of logarithms are."""
    for place, piece in _estimates(review):
        if _is_logarithm(piece, review):
            value, low, high = map(math.exp, (piece.value, *(piece.interval or ())))
            why = (
                "the interval is even on both sides, as of a logarithm; the ratio would be"
                f" {value:.2g}, from {low:.2g} to {high:.2g}"
            )
            instead = f"Correct it, as by `measure: log_{piece.measure}`"
            yield Oddity(place.record, (*place.at, "value"), _in_words(piece), why, instead)


def percentages_as_ratios(review: Review) -> Iterator[Oddity]:
    """Find ratios so surely large that they look like percentages."""
    limit = review.limits.lower_end_at_most
    for place, piece in _estimates(review):
        if not is_ratio(piece.measure):
            continue
        errors = [error for error, _ in standard_errors(piece).values()]
        low = piece.value * math.exp(-REACH * errors[0]) if errors else piece.value
        if piece.interval is not None:
            low = piece.interval[0]
        if low > limit:
            why = (
                f"it is surely above {limit:g}; of a percentage, the ratio would be"
                f" {piece.value / 100:.3g}"
            )
            found = f"{piece.measure} {piece.value:g}"
            yield Oddity(place.record, (*place.at, "value"), found, why)


def standard_errors_of_no_study(review: Review) -> Iterator[Oddity]:
    """Find standard errors that are too large for any study, or too small for this one."""
    for place, piece in _estimates(review):
        measure = natural(piece.measure)
        if measure == "mean_difference":  # in units of its own
            continue
        line = f"{'log ' if measure != 'smd' else ''}{measure}".replace("_", " ")
        least = _least_error(place, measure) * review.limits.standard_error_at_least
        for name, (error, possible) in standard_errors(piece).items():
            field = name if name != "as_reported" else "value"
            at = (*place.at, field)
            found = f"{error:.3g}, by `{name}`"
            instead = ""
            # Rounding leaves too much of what a large p value says.
            if possible.low > review.limits.standard_error_at_most and name != "p_value":
                why = f"no study has a {line} with a standard error above"
                why += f" {review.limits.standard_error_at_most:g}"
                if is_ratio(piece.measure) and name == "standard_error" and error < piece.value:
                    of_log = error / piece.value
                    why += f"; if it is that of the ratio, that of its log is {of_log:.2g}"
                    instead = f"Correct it, as by `standard_error: {of_log:.2g}`"
            elif possible.high < least:
                why = f"groups of this size cannot have a {line} with less than {least:.2g}"
            else:
                continue
            yield Oddity(place.record, at, found, why, instead, about=name)


def _least_error(place: Place, measure: str) -> float:
    """Least standard error without adjustment; 0 where nothing tells the sizes of the groups."""
    sizes = group_sizes(place)
    if sizes is None or measure not in ("odds_ratio", "smd"):
        return 0.0
    root = math.sqrt(1 / sizes[0] + 1 / sizes[1])
    # Woolf's is least where half of each group has the event.
    return 2 * root if measure == "odds_ratio" else root
