"""From what sort of documents the numbers come, who speaks, and as of which day."""

from __future__ import annotations

from typing import get_args

from livingreview.base.types import SourceKind
from livingreview.protocol.review import Protocol
from livingreview.records.narrative import Narrative
from livingreview.report.claims import Claims, Sentences
from livingreview.tables.records import Ledger

KINDS = get_args(SourceKind)
FULL_TEXT = KINDS[0]
NOT_STATED = "not stated"


def is_living(protocol: Protocol) -> bool:
    """Whether the review may be called living: it searched, and a rule says when it will again."""
    return protocol.search.last is not None and protocol.search.next is not None


def kind_of_review(protocol: Protocol) -> str:
    """What the page calls itself."""
    return "Living evidence review" if is_living(protocol) else "Evidence review"


def source_sentences(claims: Claims, narrative: Narrative) -> Sentences:
    """Sorts of documents that the values on record were read in, and what a rating is about."""
    return claims.sentences(
        full_texts=_full_texts(claims),
        kinds=_kinds(claims),
        rating=_rating(narrative),
    )


def _full_texts(claims: Claims) -> str:
    if claims.tables[Ledger.file].empty:
        return "No value is on record."
    values = claims.count(Ledger.file)
    if not claims.has_rows(Ledger.file, source_kind=FULL_TEXT):
        return f"None of the {values} values on record was read in the full text of a study."
    full = claims.count(Ledger.file, source_kind=FULL_TEXT)
    return f"Read in the full text of a study: {full} of {values} values on record."


def _kinds(claims: Claims) -> str:
    """How many values were read in each sort of document but full texts, the most first."""
    counts = {
        kind: claims.count(Ledger.file, source_kind=kind)
        for kind in KINDS
        if kind != FULL_TEXT and claims.has_rows(Ledger.file, source_kind=kind)
    }
    ranked = sorted(counts.items(), key=lambda item: -int(item[1].value))
    parts = [f"{kind} {count}" for kind, count in ranked]
    whole = claims.has_rows(Ledger.file, source_kind=FULL_TEXT)
    lead = "The others" if whole else "Where they were read"
    return f"{lead}: {', '.join(parts)}." if parts else ""


def _rating(narrative: Narrative) -> str:
    """What a published rating of the effect is about."""
    rated, rating = narrative.emmie.effect.rated, narrative.emmie.rating
    if rated is None or rating is None:
        return ""
    return (
        f"“{rated[0].upper()}{rated[1:]}” ({rating.citation}) rates the methods of that review, not"
        " the evidence."
    )


def provenance(protocol: Protocol) -> dict[str, str]:
    """Who makes the review, with what money and interests, and of which days it is."""
    conduct, search = protocol.conduct, protocol.search
    version = f"version of {conduct.version}" if conduct.version else NOT_STATED
    last = f"searched for on {search.last}" if search.last else "day not recorded"
    stated = {
        "Authors": conduct.authors,
        "Funding": conduct.funding,
        "Interests": conduct.interests,
        "Registration": conduct.registration,
        "Last search": f"{last}. {search.note}" if search.note else last,
        "Next search": search.next or "no rule is set, so this review is not called living",
        "Date": version,
    }
    return {name: text or NOT_STATED for name, text in stated.items()}
