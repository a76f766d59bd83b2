"""What each record brings to the analysis, in words, before anything is built."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from livingreview.records.evidence.conflicts import conflicts_among
from livingreview.records.evidence.preference import became_of, routes
from livingreview.records.evidence.route import Route
from livingreview.records.study import Effect, Study
from livingreview.tables.statuses import ANALYSED


def explanation(studies: list[Study], baselines: dict[str, float]) -> str:
    """Tell what becomes of every record and effect, and count them by status.

    Parameters
    ----------
    studies : list of Study
        Checked records.
    baselines : dict of float
        Control probability assumed for each outcome of the protocol, in its order.
    """
    fates: dict[str, Counter[str]] = {outcome: Counter() for outcome in baselines}
    lines: list[str] = []
    for study in studies:
        status = study.status if study.reason is None else f"{study.status}, {study.reason}"
        lines.append(f"{study.study_id}: {status}")
        for effect in study.effects:
            ways = routes(effect, baselines[effect.outcome], study.design.clustered)
            fate, reason = became_of(effect, ways)
            fates[effect.outcome][fate] += 1
            kinds = ", ".join(dict.fromkeys(piece.kind for piece in effect.evidence))
            told = _analysed(effect, ways[0]) if fate == ANALYSED else reason
            lines.append(f"  {_name(effect)}: reports {kinds}; {fate}: {told}")
            lines += [
                f"    conflict: {pair.what} is {pair.first_says} by {pair.first},"
                f" {pair.second_says} by {pair.second}"
                for pair in conflicts_among(ways)
            ]
    statuses = Counter[str](study.status for study in studies)
    return "\n".join([*lines, "", *_counted("records", statuses), *_by_outcome(fates)])


def _name(effect: Effect) -> str:
    return effect.id if effect.id == effect.outcome else f"{effect.id} ({effect.outcome})"


def _analysed(effect: Effect, way: Route) -> str:
    """Say which route is analysed, and what it says as printed."""
    piece = effect.evidence[way.piece]
    words = f"{way.kind} `{way.alternative}`"
    if piece.kind == "finding":
        words += f", direction {piece.direction}, {piece.significance}"
    elif way.value is not None and way.error is not None:
        words += f", log odds ratio {way.value:.2f} (standard error {way.error:.2f})"
    return f"{words}; assumes: {way.assumption}" if way.assumption else words


def _by_outcome(fates: dict[str, Counter[str]]) -> Iterator[str]:
    for outcome, counts in fates.items():
        yield from _counted(f"effects on {outcome}", counts)


def _counted(what: str, counts: Counter[str]) -> Iterator[str]:
    listed = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    yield f"{counts.total()} {what}" + (f": {listed}" if listed else "")
