"""A study that is on no file, from a line of words: `counts 12/100 9/98`."""

from __future__ import annotations

from typing import Any

from livingreview.base.documents import Document
from livingreview.base.errors import Problem, ReviewError, one_of, value_text
from livingreview.protocol.review import Protocol
from livingreview.records.evidence.measures import REPORTED
from livingreview.records.evidence.preference import flow_status, routes
from livingreview.records.reading import checked_study
from livingreview.records.study import Names, Study
from livingreview.tables.statuses import ANALYSED

OPTION = "--what-if"
# Forms of a line; of two groups, the treated one comes first.
FORMS = (
    "counts EVENTS/PEOPLE EVENTS/PEOPLE",
    "MEASURE VALUE LOW HIGH",
    "finding DIRECTION SIGNIFICANCE [PEOPLE PEOPLE]",
)
ALLOWED = (
    f"`{FORMS[0]}`, `{FORMS[1]}` (95% interval; MEASURE one of {', '.join(REPORTED)}) or"
    f" `{FORMS[2]}` (such as `finding decrease not_significant 120 118`), treated first"
)
SOURCE = {"url": "https://example.org/what-if", "locator": "no place", "kind": "identifier only"}


def supposed_study(
    text: str, outcome: str, number: int, protocol: Protocol
) -> tuple[Document, Study]:
    """Record of a study that reports this alone, checked as one that was read from a file.

    Parameters
    ----------
    number : int
        Tells several apart; it stands in messages where other documents have a line.

    Raises
    ------
    ReviewError
        If the text has no such form or says what no record may say, if the outcome is not known,
        or cannot be told from such evidence.
    """
    if outcome not in protocol.outcomes:
        allowed = one_of(outcome, protocol.outcomes)
        raise ReviewError([Problem("--outcome", 0, "", value_text(outcome), allowed)])
    name = f"what_if_{number}"
    data = _record(name, outcome, _evidence(text), protocol)
    document = Document(OPTION, data, {(): number})
    study = checked_study(document, Names(protocol.vocabulary(), name))
    [effect] = study.effects
    status, reason = flow_status(effect, routes(effect, protocol.outcomes[outcome].assumed))
    if status != ANALYSED:
        allowed = f"evidence that can be weighed on {outcome} ({reason})"
        raise ReviewError([Problem(OPTION, 0, "", value_text(text), allowed)])
    return document, study


def _evidence(text: str) -> dict[str, Any]:
    """Data of the piece of evidence; what is no number stays text, and is refused as such."""
    match text.split():
        case ["counts", *groups] if len(groups) == 2 and all("/" in group for group in groups):
            pairs = (group.split("/", 1) for group in groups)
            arms = [
                {"arm": arm, "events": _number(events), "total": _number(total)}
                for arm, (events, total) in zip(("treated", "control"), pairs, strict=True)
            ]
            return {"kind": "counts", "arms": arms}
        case ["finding", direction, significance]:
            return {"kind": "finding", "direction": direction, "significance": significance}
        case ["finding", direction, significance, treated, control]:
            people = {"treated": _number(treated), "control": _number(control)}
            sizes = {"name": "supposed", "basis": "reported", **people, "source": SOURCE}
            return _evidence(f"finding {direction} {significance}") | {"sizes": [sizes]}
        case [measure, value, low, high] if measure in REPORTED:
            interval = [_number(low), _number(high)]
            return {
                "kind": "estimate",
                "measure": measure,
                "value": _number(value),
                "interval": interval,
            }
    raise ReviewError([Problem(OPTION, 0, "", value_text(text), ALLOWED)])


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def _record(
    name: str, outcome: str, evidence: dict[str, Any], protocol: Protocol
) -> dict[str, Any]:
    """Data of a record of which nothing is known but its evidence."""
    words = "A study that is on no file"
    effect: dict[str, Any] = {
        "id": outcome,
        "outcome": outcome,
        "measure": words,
        "follow_up_months": None,
    }
    effect |= {"treated": "treated", "control": "control", "evidence": [evidence]}
    evidence["source"] = SOURCE
    return {
        "study_id": name,
        "citation": {"label": name, "text": name, "year": None},
        "status": "extracted",
        "eligibility": words,
        "design": {"kind": "not_known", "detail": words},
        "moderators": dict.fromkeys(protocol.moderator_levels()),
        "arms": [{"id": arm, "label": arm} for arm in ("treated", "control")],
        "sources": [SOURCE],
        "effects": [effect],
    }
