"""Two that may be one: studies, labels, and effects of a study."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from livingreview.base.documents import Location
from livingreview.records.evidence.preference import flow_status, routes
from livingreview.records.evidence.route import OWN_NUMBERS, Term
from livingreview.records.plausibility.question import Oddity, Place, Record, Review
from livingreview.records.study import Study
from livingreview.tables.statuses import ANALYSED

# A text with fewer letters and digits names no publication.
SHORTEST_CITATION = 25
# Parts of a piece of evidence that are no result of its own.
_NO_RESULT = {"source", "note", "clusters", "sizes", "confirmed"}
_NO_RESULT_OF_ARM = {"total", "decimals", "interval_percent"}

# Two studies, and what both have: where the second has it, and in words.
type Alike = dict[tuple[int, int], list[tuple[Location, str]]]


def _alike(review: Review) -> Alike:
    """Pairs of studies with the same citation, or the same analysed evidence on an outcome."""
    holders: dict[tuple[str, ...], list[tuple[int, Location]]] = {}
    for i, (_, study) in enumerate(review.records):
        for sign, at in _signs(study, review):
            holders.setdefault(sign, []).append((i, at))
    pairs: Alike = {}
    for sign, known in holders.items():
        for (first, _), (second, at) in combinations(known, 2):
            pairs.setdefault((first, second), []).append((at, sign[0]))
    return pairs


def _signs(study: Study, review: Review) -> Iterator[tuple[tuple[str, ...], Location]]:
    """What no two studies should have in common, and where it stands."""
    text = _letters(study.citation.text)
    if len(text) >= SHORTEST_CITATION:
        yield ("the same citation", text), ("citation", "text")
    if study.citation.identifier is not None:
        identifier = _letters(study.citation.identifier)
        yield ("the same identifier", identifier), ("citation", "identifier")
    analysed: dict[str, list[str]] = {}
    for effect in study.effects:
        ways = routes(effect, review.assumed[effect.outcome], study.design.clustered)
        # Two statements without sizes are alike, and tell of nothing.
        if flow_status(effect, ways)[0] == ANALYSED and any(map(_has_numbers, ways[0].terms)):
            # As text, in which a missing number equals a missing number. Names of arms differ.
            terms = analysed.setdefault(effect.outcome, [])
            terms += [repr({**vars(term), "arm": None}) for term in ways[0].terms]
    for outcome, terms in analysed.items():
        yield (f"the same numbers on {outcome}", *sorted(terms)), ("study_id",)


def _has_numbers(term: Term) -> bool:
    return not all(math.isnan(getattr(term, name)) for name in OWN_NUMBERS)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def same_studies(review: Review) -> Iterator[Oddity]:
    """Find studies that may be one under two names."""
    for (first, second), signs in _alike(review).items():
        record, other = review.records[second], review.records[first][1].study_id
        (at, _), *_ = signs
        why = f"`{other}` has {' and '.join(words for _, words in signs)}"
        instead = "Delete one, if they are one study"
        found = f"`{record[1].study_id}`"
        yield Oddity(record, at, found, why, instead, about=other, twin=other)


def same_labels(review: Review) -> Iterator[Oddity]:
    """Find studies that no reader can tell apart by their labels."""
    alike = _alike(review)
    by_label: dict[str, list[int]] = {}
    for i, (_, study) in enumerate(review.records):
        by_label.setdefault(_letters(study.citation.label), []).append(i)
    for names in by_label.values():
        for first, second in combinations(names, 2):
            if (first, second) in alike:
                continue
            record, other = review.records[second], review.records[first][1]
            label = record[1].citation.label
            instead = f"Tell them apart, as by `{other.citation.label}a` and `{label}b`"
            why = f"`{other.study_id}` has the same label"
            at = ("citation", "label")
            yield Oddity(record, at, f"`{label}`", why, instead, about=other.study_id)


def copied_effects(review: Review) -> Iterator[Oddity]:
    """Find effects of a study with the same results as an earlier one."""
    known: dict[tuple[str, tuple[Any, ...]], Location] = {}
    of_effect: dict[tuple[str, Location], tuple[Record, list[Any]]] = {}
    for place in review.pieces():
        key = (place.record[1].study_id, place.at[:2])
        of_effect.setdefault(key, (place.record, []))[1].append(_results(place))
    for (study_id, at), (record, results) in of_effect.items():
        numbers = [number for _, of_piece in results for number in of_piece]
        if sum(map(_digits, numbers)) <= review.limits.copied_digits_at_most:
            continue
        first = known.setdefault((study_id, tuple(results)), at)
        if first != at:
            effects = record[1].effects
            other, own = effects[int(first[1])].id, effects[int(at[1])].id
            why = f"effect `{other}` has the same results"
            yield Oddity(record, (*at, "evidence"), f"effect `{own}`", why, about=other)


def _results(place: Place) -> tuple[str, tuple[float, ...]]:
    """Kind of a piece, and the numbers that it reports of the two arms compared."""
    dumped = place.piece.model_dump(exclude=_NO_RESULT | {"arms"})
    numbers = [*_numbers(dumped)]
    for arm in place.arms:
        numbers += _numbers(arm.model_dump(exclude=_NO_RESULT_OF_ARM))
    return place.piece.kind, tuple(numbers)


def _numbers(node: Any) -> Iterator[float]:
    if isinstance(node, dict | list):
        for child in node.values() if isinstance(node, dict) else node:
            yield from _numbers(child)
    elif isinstance(node, int | float) and not isinstance(node, bool):
        yield node


def _digits(number: float) -> int:
    """Digits of a number that count, trailing zeros not."""
    return len(f"{abs(number):.15g}".partition("e")[0].replace(".", "").strip("0")) or 1
