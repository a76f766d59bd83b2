"""Names that records may use: the outcomes, moderators and risk-of-bias domains of a protocol."""

from __future__ import annotations

from typing import Any

from livingreview.base.documents import Document
from livingreview.base.errors import Problem, one_of
from livingreview.protocol.vocabulary import Vocabulary
from livingreview.records.contradictions import LARGEST_AMOUNT


def foreign_names(document: Document, vocabulary: Vocabulary) -> list[Problem]:
    """Values that the protocol does not know, looked for even where the record is broken."""
    problems = []
    effects = document.data.get("effects")
    for i, effect in enumerate(effects if isinstance(effects, list) else []):
        outcome = effect.get("outcome") if isinstance(effect, dict) else None
        if isinstance(outcome, str) and outcome not in vocabulary.outcomes:
            at = ("effects", i, "outcome")
            problems.append(document.problem(at, outcome, one_of(outcome, vocabulary.outcomes)))
    given = document.data.get("moderators")
    if isinstance(given, dict):
        problems += _moderator_problems(document, given, vocabulary.moderators)
    judged = document.data.get("risk_of_bias")
    for domain in judged if isinstance(judged, dict) else ():
        if domain not in vocabulary.domains:
            allowed = one_of(domain, vocabulary.domains)
            problems.append(document.problem(("risk_of_bias", domain), domain, allowed))
    return problems


def _moderator_problems(
    document: Document, given: dict[str, Any], moderators: dict[str, tuple[str, ...] | None]
) -> list[Problem]:
    """Check the moderators of one record against the protocol."""
    problems = []
    for name, value in given.items():
        at = ("moderators", name)
        if name not in moderators:
            problems.append(document.problem(at, name, one_of(name, moderators)))
            continue
        levels = moderators[name]
        if value is None:
            continue
        if levels is None and (isinstance(value, bool) or not isinstance(value, int | float)):
            problems.append(document.problem(at, value, "a number, or null when not known"))
        elif levels is None and abs(value) > LARGEST_AMOUNT:
            allowed = f"a number up to {LARGEST_AMOUNT:g} in size, or null when not known"
            problems.append(document.problem(at, value, allowed))
        elif levels is not None and value not in levels:
            allowed = f"{one_of(value, levels)}, or null when not known"
            problems.append(document.problem(at, value, allowed))
    for name in moderators:
        if name not in given:
            allowed = "a value, or null when not known"
            problems.append(document.problem(("moderators", name), "nothing", allowed))
    return problems
