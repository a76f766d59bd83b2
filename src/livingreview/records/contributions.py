"""What each record brings to the analysis, in words, before anything is built."""

from __future__ import annotations

from collections import Counter

from livingreview.protocol.outcomes import Assumed
from livingreview.records.evidence.conflicts import conflicts_among
from livingreview.records.evidence.preference import flow_status, routes
from livingreview.records.evidence.route import Route
from livingreview.records.moderators import DisputedValue, ModeratorValue
from livingreview.records.study import Effect, Study
from livingreview.tables.statuses import ANALYSED

_SCALES = {"rate": "log rate ratio", "difference": "difference of means"} | dict.fromkeys(
    ("odds", "smd", ""), "log odds ratio"
)


def explanation(studies: list[Study], assumed: dict[str, Assumed]) -> str:
    """What becomes of every record and effect, and counts by status.

    `assumed` is what the protocol assumes of each outcome's studies.
    """
    statuses: dict[str, Counter[str]] = {outcome: Counter() for outcome in assumed}
    lines: list[str] = []
    for study in studies:
        lines += study_lines(study)
        for effect in study.effects:
            status, words = effect_lines(study, effect, assumed[effect.outcome])
            statuses[effect.outcome][status] += 1
            lines += words
    counts = [_count("records", Counter(study.status for study in studies))]
    counts += [_count(f"effects on {outcome}", count) for outcome, count in statuses.items()]
    return "\n".join([*lines, "", *counts])


def study_lines(study: Study) -> list[str]:
    """What becomes of a record, and moderators of the study that sources contradict."""
    status = ", ".join(filter(None, (study.status, study.reason)))
    return [f"{study.study_id}: {status}", *_disputes(study.moderators, "  ")]


def effect_lines(study: Study, effect: Effect, assumed: Assumed) -> tuple[str, list[str]]:
    """Status of an effect in the flow; and how it is analysed, or why not, with its conflicts."""
    ways = routes(effect, assumed, study.design.clustered)
    status, reason = flow_status(effect, ways)
    name = effect.id if effect.id == effect.outcome else f"{effect.id} ({effect.outcome})"
    kinds = ", ".join(dict.fromkeys(piece.kind for piece in effect.evidence))
    detail = _analysed(effect, ways[0]) if status == ANALYSED else reason
    conflicts = [
        f"    conflict: {pair.what} is {pair.first_says} by {pair.first},"
        f" {pair.second_says} by {pair.second}"
        for pair in conflicts_among(ways)
    ]
    lines = [f"  {name}: reports {kinds}; {status}: {detail}", *conflicts]
    return status, lines + _disputes(effect.moderators, "    ")


def _disputes(moderators: dict[str, ModeratorValue], indent: str) -> list[str]:
    """A line for each moderator that sources contradict."""
    return [
        f"{indent}conflict: {name} is {value.value}, analysed;"
        f" {', '.join(str(other.value) for other in value.alternatives)} by other sources"
        for name, value in moderators.items()
        if isinstance(value, DisputedValue)
    ]


def _analysed(effect: Effect, way: Route) -> str:
    """Which route is analysed, and what it says as printed."""
    piece = effect.evidence[way.piece]
    words = f"{way.kind} `{way.alternative}`"
    if piece.kind == "finding":
        words += f", direction {piece.direction}, {piece.significance}"
    elif way.value is not None:
        error = "unknown" if way.error is None else f"{way.error:.2f}"
        words += f", {_SCALES[way.scale]} {way.value:.2f} (standard error {error})"
    return f"{words}; assumes: {way.assumption}" if way.assumption else words


def _count(what: str, statuses: Counter[str]) -> str:
    listed = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
    return f"{statuses.total()} {what}" + (f": {listed}" if listed else "")
