"""What fields of a record may not say together.

The checks read plain data and pass over what is missing or of the wrong type,
which the models of `livingreview.records.study` tell. So one broken field hides no
contradiction elsewhere, and a record's mistakes are all told in one run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from livingreview.base.documents import Document, Location, repeats, spelled
from livingreview.base.errors import Problem, one_of, shortened, shown

# What a new record holds where a person has to write something.
TO_FILL_IN = "TO FILL IN"
# Reported numbers lie between these; so do ratios, above the second.
LARGEST_AMOUNT = 1e9
LEAST_AMOUNT = 1e-9
LEAST_P = 1e-300

Mapping = dict[str, Any]
# A location in the record, what stands there, and what may.
Found = Iterator[tuple[Location, str, str]]


def contradictions(document: Document) -> list[Problem]:
    """All contradictions between the fields of one record."""
    return [
        # An empty text is told in quotes, as nobody would see it.
        Problem(
            document.file, document.line(at), spelled(at), shortened(found) or shown(found), allowed
        )
        for at, found, allowed in _study(document.data)
    ]


def _study(study: Mapping) -> Found:
    yield from _status(study)
    arms = _texts(study, "arms", "id")
    yield from _repeated(("arms",), arms, "id")
    yield from _repeated(("effects",), _texts(study, "effects", "id"), "id")
    known = dict.fromkeys(filter(None, arms))
    for i, effect in _mappings(study, "effects"):
        yield from _effect(effect, ("effects", i), known)


def _status(study: Mapping) -> Found:
    status, effects = _text(study, "status"), study.get("effects", [])
    if not status or not isinstance(effects, list):
        return
    if status == "extracted":
        if not effects:
            yield ("effects",), "no effect", "at least one, or another status"
        yield from _not_filled_in(study, ())
        return
    if study.get("reason") is None:
        yield ("reason",), "nothing", f"why it is `{shortened(status)}`"
    if effects:
        yield ("status",), status, "`extracted`, as effects are given"


def _not_filled_in(node: Any, at: Location) -> Found:
    """Places of a new record that still wait for a person."""
    if node == TO_FILL_IN:
        yield at, shown(node), "what the source says, before the record is `extracted`"
    children = node.items() if isinstance(node, dict) else []
    for key, child in enumerate(node) if isinstance(node, list) else children:
        yield from _not_filled_in(child, (*at, key))


def _effect(effect: Mapping, at: Location, known: Mapping) -> Found:
    treated, control = _text(effect, "treated"), _text(effect, "control")
    for role, arm in (("treated", treated), ("control", control)):
        if arm and arm not in known:
            yield (*at, role), arm, one_of(arm, known) if known else "no arms"
    if control and treated == control:
        yield (*at, "control"), control, "an arm other than `treated`"
    named = treated and control and treated != control
    for i, piece in _mappings(effect, "evidence"):
        here = (*at, "evidence", i)
        yield from _clusters(piece, here)
        if named and isinstance(piece.get("arms"), list):
            yield from _arms(piece, here, treated, control, known)
        if (kind := _text(piece, "kind")) in _OF_KIND:
            yield from _OF_KIND[kind](piece, here)


def _clusters(piece: Mapping, at: Location) -> Found:
    clusters = piece.get("clusters")
    if isinstance(clusters, dict) and not clusters.get("source") and not clusters.get("note"):
        allowed = "a note on why `icc` is assumed, or its source"
        yield (*at, "clusters", "note"), "nothing", allowed


def _arms(piece: Mapping, at: Location, treated: str, control: str, known: Mapping) -> Found:
    """An arm beyond the two compared may be there: one table of counts serves several effects."""
    arms = _texts(piece, "arms", "arm")
    if arms.count(treated) != 1 or arms.count(control) != 1:
        allowed = f"one entry for {shortened(treated)} and one for {shortened(control)}"
        yield (*at, "arms"), ", ".join(filter(None, arms)) or "none", allowed
        return
    yield from _repeated((*at, "arms"), arms, "arm")
    for i, arm in enumerate(arms):
        if arm and arm not in known and arm not in (treated, control):
            yield (*at, "arms", i, "arm"), arm, one_of(arm, known) if known else "no arms"


def _counts(piece: Mapping, at: Location) -> Found:
    for i, arm in _mappings(piece, "arms"):
        events, total = _number(arm, "events"), _number(arm, "total")
        if events is not None and total is not None and events > total > 0:
            yield (*at, "arms", i, "events"), str(events), f"at most the total, {total}"


def _percentages(piece: Mapping, at: Location) -> Found:
    for i, arm in _mappings(piece, "arms"):
        percent, decimals = _number(arm, "percent"), _number(arm, "decimals")
        if percent is None or decimals is None:
            continue
        shown_decimals = -int(Decimal(repr(percent)).normalize().as_tuple().exponent)
        if shown_decimals > decimals >= 0:
            allowed = f"at least {shown_decimals}, the decimals of {percent}"
            yield (*at, "arms", i, "decimals"), str(decimals), allowed


def _estimate(piece: Mapping, at: Location) -> Found:
    value, interval = _number(piece, "value"), piece.get("interval")
    ratio = _text(piece, "measure") != "smd"
    if ratio and value is not None and value < LEAST_AMOUNT:
        allowed = "a ratio above 0" if value <= 0 else f"{LEAST_AMOUNT:g} or more"
        yield (*at, "value"), str(value), allowed
        value = None
    p_value = _number(piece, "p_value")
    if p_value is not None and 0 < p_value < LEAST_P:
        yield (*at, "p_value"), str(p_value), f"{LEAST_P:g} or more"
    if not isinstance(interval, list) or [_is_number(x) for x in interval] != [True, True]:
        return
    low, high = interval
    allowed = ""
    if low >= high:
        allowed = "[low, high] with low below high"
    elif ratio and low < LEAST_AMOUNT:
        allowed = "bounds above 0" if low <= 0 else f"bounds of {LEAST_AMOUNT:g} or more"
    elif high - low < LEAST_AMOUNT * max(abs(low), abs(high)):
        allowed = "[low, high] further apart"
    elif value is not None and not low <= value <= high:
        allowed = f"an interval around the value {value}"
    if allowed:
        yield (*at, "interval"), str(interval), allowed


def _test(piece: Mapping, at: Location) -> Found:
    value = _number(piece, "value")
    if piece.get("statistic") == "p" and value is not None and not LEAST_P <= value < 1:
        allowed = f"{LEAST_P:g} or more" if 0 < value < 1 else "a p value between 0 and 1"
        yield (*at, "value"), str(value), allowed
    yield from _sizes(piece, at)


def _finding(piece: Mapping, at: Location) -> Found:
    if piece.get("significance") == "significant" and piece.get("direction") == "none":
        allowed = "increase, decrease or unclear when the statement is `significant`"
        yield (*at, "direction"), "none", allowed
    yield from _sizes(piece, at)


def _sizes(piece: Mapping, at: Location) -> Found:
    """Sizes name both groups or their total, and agree with themselves."""
    yield from _repeated((*at, "sizes"), _texts(piece, "sizes", "name"), "name")
    for i, sizes in _mappings(piece, "sizes"):
        here = (*at, "sizes", i)
        absent = {key for key in ("treated", "control", "total") if sizes.get(key) is None}
        treated, control, total = (_number(sizes, key) for key in ("treated", "control", "total"))
        if "total" in absent and absent != {"total"}:
            yield here, "neither", "`treated` and `control`, or `total`"
        if total is None:
            continue
        if treated is not None and control is not None:
            if total != treated + control:
                allowed = f"{treated + control}, the sum of the two groups"
                yield (*here, "total"), str(total), allowed
            continue
        for field, size in (("treated", treated), ("control", control)):
            if size is not None and size >= total:
                yield (*here, field), str(size), f"below the total, {total}"


_OF_KIND: dict[str, Callable[[Mapping, Location], Found]] = {
    "counts": _counts,
    "percentages": _percentages,
    "estimate": _estimate,
    "test": _test,
    "finding": _finding,
}


def _repeated(at: Location, names: list[str], field: str) -> Found:
    allowed = "an id not used before" if field == "id" else f"a {field} not used before"
    for i in repeats(names):
        if names[i]:
            yield (*at, i, field), names[i], allowed


def _mappings(node: Mapping, key: str) -> list[tuple[int, Mapping]]:
    """Items below a key with their positions; what is no mapping is passed over."""
    items = node.get(key)
    found = enumerate(items if isinstance(items, list) else [])
    return [(i, item) for i, item in found if isinstance(item, dict)]


def _texts(node: Mapping, key: str, field: str) -> list[str]:
    """One field of every item below a key; empty where there is none."""
    items = node.get(key)
    return [
        _text(item, field) if isinstance(item, dict) else ""
        for item in (items if isinstance(items, list) else [])
    ]


def _text(node: Mapping, key: str) -> str:
    value = node.get(key)
    return value if isinstance(value, str) else ""


def _is_number(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _number(node: Mapping, key: str) -> Any:
    value = node.get(key)
    return value if _is_number(value) else None
