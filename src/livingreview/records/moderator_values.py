"""Rows of values of moderators: an effect's own ones, and those that sources contradict."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from livingreview.base.documents import Document, Location
from livingreview.base.types import Source
from livingreview.protocol.moderators import FOLLOW_UP
from livingreview.records.moderators import DisputedValue, ModeratorValue
from livingreview.records.study import Study, effect_id
from livingreview.tables.statuses import ALTERNATIVE, ANALYSED

UNKNOWN = "not known"


def moderator_values(
    document: Document, study: Study, moderators: Collection[str]
) -> Iterator[dict[str, Any]]:
    """Rows of `ModeratorValues` of one record; none for a plain value of the whole study.

    `moderators`: of the protocol. Follow-ups are values of a moderator where it is one of them, and
    each effect's own where they differ.
    """
    disputed: dict[str, ModeratorValue] = {
        name: value for name, value in study.moderators.items() if isinstance(value, DisputedValue)
    }
    holders: list[tuple[str | None, Location, dict[str, ModeratorValue]]] = [
        (None, ("moderators",), disputed)
    ]
    holders += [
        (effect_id(study, effect), ("effects", i, "moderators"), effect.moderators)
        for i, effect in enumerate(study.effects)
    ]
    if FOLLOW_UP in moderators and study.follow_up_months is None:
        holders += [
            (
                effect_id(study, effect),
                ("effects", i),
                {"follow_up_months": effect.follow_up_months},
            )
            for i, effect in enumerate(study.effects)
        ]
    for effect, below, values in holders:
        for name, value in values.items():
            for at, given, status, source, note in values_given((*below, name), value):
                yield {
                    "study_id": study.study_id,
                    "effect_id": effect,
                    "moderator": FOLLOW_UP if name == "follow_up_months" else name,
                    "value": _text(given),
                    "status": status,
                    "note": note,
                    "source_url": source and source.url,
                    "source_locator": source and source.locator,
                    "source_kind": source and source.kind,
                    "record_file": document.file,
                    "record_line": document.line(at),
                }


def values_given(
    at: Location, value: ModeratorValue
) -> Iterator[tuple[Location, str | float | None, str, Source | None, str | None]]:
    """Each value given for a moderator: its place, itself, status, source and note."""
    if not isinstance(value, DisputedValue):
        yield at, value, ANALYSED, None, None
        return
    yield (*at, "value"), value.value, ANALYSED, value.source, value.note
    for i, other in enumerate(value.alternatives):
        place = (*at, "alternatives", i, "value")
        yield place, other.value, ALTERNATIVE, other.source, other.note


def _text(value: str | float | None) -> str | None:
    return f"{value:.10g}" if isinstance(value, int | float) else value


def disputes(values: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rows of `Conflicts`: each alternative value of a moderator against the one analysed.

    `values`: rows of `moderator_values`, the value analysed before its alternatives.
    """
    analysed = UNKNOWN
    for row in values:
        if row["status"] == ANALYSED:
            analysed = row["value"] or UNKNOWN
            continue
        yield {
            "effect_id": row["effect_id"] or row["study_id"],
            "what": "moderator",
            "first": row["moderator"],
            "first_says": analysed,
            "second": row["moderator"],
            "second_says": row["value"],
            "analysed": analysed,
        }
