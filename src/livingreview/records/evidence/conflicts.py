"""Routes to one effect that cannot both be right (docs/methods.md, "Routes compared")."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from livingreview.records.evidence.route import Route
from livingreview.records.evidence.sizes import Sizes


@dataclass(frozen=True)
class Conflict:
    """Two routes, what they disagree about, what each says, and the route analysed."""

    what: str
    first: str
    first_says: str
    second: str
    second_says: str
    analysed: str


def conflicts_among(ways: list[Route]) -> Iterator[Conflict]:
    """Pairs of routes that cannot both be right, rounding allowed for; the first is analysed."""
    seen = set()
    for a, b in combinations(sorted(ways, key=lambda w: (w.piece, w.alternative)), 2):
        for what, of_a, of_b in _disagreements(a, b):
            pair = (what, frozenset((of_a, of_b)))
            if pair in seen:
                continue
            seen.add(pair)
            first, second, analysed = (f"{w.kind} {w.alternative}" for w in (a, b, ways[0]))
            yield Conflict(what, first, of_a, second, of_b, analysed)


def _disagreements(a: Route, b: Route) -> Iterator[tuple[str, str, str]]:
    """What two routes disagree about, and what each says."""
    if a.sizes is not None and b.sizes is not None:
        reported = a.sizes.basis == b.sizes.basis == "reported"
        groups = {s.groups for s in (a.sizes, b.sizes) if s.groups is not None}
        if reported and (a.sizes.people != b.sizes.people or len(groups) > 1):
            yield "group_sizes", _size_text(a.sizes), _size_text(b.sizes)
    if a.piece == b.piece and a.sizes is not None:
        return  # the same statement or test at other sizes
    for what, of_a, of_b in (
        ("effect", a.possible, b.possible),
        ("standard_error", a.standard_error, b.standard_error),
        ("statement", a.z, b.z),
    ):
        if of_a is None or of_b is None or not _comparable(what, a, b):
            continue
        if what == "effect" and a.scale != b.scale:
            apart = of_a.side().apart_from(of_b.side())
        else:
            apart = of_a.apart_from(of_b)
        if apart:
            z = "z " if what == "statement" else ""
            yield what, f"{z}{of_a}", f"{z}{of_b}"


def _comparable(what: str, a: Route, b: Route) -> bool:
    """Whether a difference between two routes can only be the sources' own."""
    if None not in (a.adjusted, b.adjusted) and a.adjusted != b.adjusted:
        return False  # two quantities, not two accounts of one
    same_piece, same_scale = a.piece == b.piece, a.scale == b.scale or "" in (a.scale, b.scale)
    match what:
        case "standard_error":
            unconverted = same_piece or not (a.converted or b.converted)
            return unconverted and same_scale and a.clustering == b.clustering
        case "statement":
            return not same_piece and same_scale and a.clustering == b.clustering
        case _:
            return True


def _size_text(sizes: Sizes) -> str:
    if sizes.groups is None:
        return f"{sizes.people} in all"
    return "{} treated and {} control".format(*sizes.groups)
