"""The summary of findings, the steps behind each certainty, and what else judges the review."""

from __future__ import annotations

import re
from dataclasses import dataclass

from livingreview.base.rounding import FINER, OF_LIMITS
from livingreview.protocol.review import Protocol
from livingreview.report.claims import Claim, ClaimRow, Claims, Sentence, Sentences
from livingreview.report.sentences.assumed_sizes import assumed_sizes
from livingreview.tables.report import AdmissionItems, Certainties, SummaryOfFindings

STEPS = {1: "one step", 2: "two steps"}


@dataclass(frozen=True)
class Finding:
    """A row of the summary of findings.

    Attributes
    ----------
    evidence, answer, certainty : Sentences
        By name, in the order in which they are printed.
    change : Sentences
        Of 1,000 people, where the size is learnt and a source gives their share.
    """

    label: str
    evidence: Sentences
    answer: Sentences
    change: Sentences
    certainty: Sentences

    @property
    def levels(self) -> list[Sentence]:
        """The level by the rules, without its reasons, and the one that a person set."""
        return [words for name, words in self.certainty.items() if name != "reasons"]


@dataclass(frozen=True)
class DomainSteps:
    """A domain of the certainty of an outcome, with a sentence for each of its rules."""

    label: str
    lowered: Sentence
    rules: list[Sentence]


@dataclass(frozen=True)
class AskedItem:
    """An item that the toolkit asks for, with what was found."""

    question: str
    answer: Claim
    found: Sentence
    url: str | None


def findings(claims: Claims, protocol: Protocol) -> dict[str, Finding]:
    """Rows of the summary of findings, by outcome."""
    rows = {name: claims.row(SummaryOfFindings.file, outcome=name) for name in protocol.outcomes}
    return {
        name: Finding(
            protocol.outcomes[name].label,
            claims.sentences(**_evidence(row)),
            claims.sentences(**_answer(claims, row, protocol)),
            claims.sentences(**_change(row, protocol)),
            claims.sentences(**_certainty(row)),
        )
        for name, row in rows.items()
    }


def _evidence(row: ClaimRow) -> dict[str, str]:
    if not row["studies"]:
        return {"studies": "No study could be analysed."}
    studies = "study" if row["studies"] == 1 else "studies"
    assumed = row["people"] - row["people_known"] > 0.5
    people = f"{row.people} people."
    if assumed:
        people = f"{row.people_known} people by a source; of other groups the size is not known."
    return {
        "studies": f"{row.studies} {studies}, {row.randomised} of them randomised.",
        "people": people,
    }


def _answer(claims: Claims, row: ClaimRow, protocol: Protocol) -> dict[str, str]:
    if not row.has("direction"):
        return {"none": "Not pooled."}
    interval = f"{row.effect_low} to {row.effect_high}" if row["size_learnt"] else ""
    sides = protocol.outcomes[row["outcome"]].sides_alone
    return {
        "verdict": f"Direction: {row.verdict_words}"
        f" (probability of {sides[row['direction']]}: {row.p_direction}).",
        "size": f"{protocol.measure.heading} {row.effect} (95% interval {interval})."
        if interval
        else f"Size: {protocol.decisions.size.not_learnt}.",
        "assumed": assumed_sizes(claims, row["outcome"]) if interval else "",
    }


def _change(row: ClaimRow, protocol: Protocol) -> dict[str, str]:
    if not row.has("difference_per_1000"):
        return {"none": "Not stated."}
    return {
        "change": f"{row.baseline_per_1000} with {protocol.control}. With {protocol.treated}"
        f" {row.difference_per_1000} ({row.difference_per_1000_low} to"
        f" {row.difference_per_1000_high})."
    }


def _certainty(row: ClaimRow) -> dict[str, str]:
    if not row.has("proposed"):
        return {"none": "Not rated."}
    texts = {"proposed": f"By the rules: {row.proposed_words}."}
    if row.has("lowered_by"):
        texts["reasons"] = f"Lowered for {row.lowered_by}."
    if row.has("set_level"):
        texts["person"] = f"Set to {row.set_words} by {row.set_by}. Reason: {row.set_reason}"
    return texts


def certainty_steps(claims: Claims, protocol: Protocol, name: str) -> list[DomainSteps]:
    """Domains of the certainty of an outcome; none where it has no study."""
    rows = claims.rows(Certainties.file, ("outcome", "domain", "rule"), outcome=name)
    domains: dict[str, list[ClaimRow]] = {}
    for row in rows:
        domains.setdefault(row["domain"], []).append(row)
    return [
        DomainSteps(
            of_domain[0]["domain_words"],
            claims.sentence(_lowered(of_domain[0])),
            [claims.sentence(_rule(row, protocol)) for row in of_domain],
        )
        for of_domain in domains.values()
    ]


def _lowered(row: ClaimRow) -> str:
    return f"lowered by {row.lowered}" if row["lowered"] else "not lowered"


def _rule(row: ClaimRow, protocol: Protocol) -> str:
    """A rule as a sentence: its number, its limit, the decision, and how far that stands."""
    looked_at = row["looked_at"]
    looked_at = looked_at[0].upper() + looked_at[1:]
    if not row.has("number"):
        return f"{looked_at}: not judged, as {row.note}."
    style = row["style"]
    side = "above" if row["worse"] == "above" else "below"
    of_limits = [column for column in ("one_step", "two_steps") if row.has(column)]
    number = _beside_limits(row, style, of_limits)
    exact = OF_LIMITS.get(style, style)
    limits = f"a step {side} {row.claim('one_step', exact)}"
    if row.has("two_steps"):
        at = f"{side} {row.claim('two_steps', exact)}"
        # Of how groups were formed both steps are one.
        both = row["one_step"] == row["two_steps"]
        limits = f"two steps {at}" if both else f"{limits}, by two {at}"
    decision = f"Lowers by {STEPS[row['steps']]}" if row["steps"] else "Does not lower it"
    to = STEPS.get(row["flips_to"], "none")
    distance = row.claim("distance", row["distance_style"])
    factor = "a factor of " if protocol.measure.is_ratio else ""
    moved = f"an end of the interval moved by {factor}{distance}"
    if row["distance_style"] == style:
        moved = f"it moved by {distance}"
    note = f" ({row.note})" if row.has("note") else ""
    return (
        f"{looked_at}: {number}{note}. Lowers by {limits}. {decision}; it would be {to} if {moved}."
    )


def _beside_limits(row: ClaimRow, style: str, limits: list[str]) -> Claim:
    """The number of a rule, with as many digits as tell it apart from each limit."""
    exact = OF_LIMITS.get(style, style)
    printed = {row[column]: _figure(row.claim(column, exact).text) for column in limits}
    for finer in (style, *FINER.get(style, [])):
        number = row.claim("number", finer)
        figure = _figure(number.text)
        if all(figure != limit or row["number"] == at for at, limit in printed.items()):
            return number
    return number


def _figure(text: str) -> float | str:
    """A printed number, so that 75% is 75.0%; a text without one as it is."""
    found = re.search(r"[0-9][0-9,.]*", text)
    return float(found[0].replace(",", "")) if found else text


def last_search(protocol: Protocol) -> str:
    """When studies were last searched for, and when that will be done again."""
    search = protocol.search
    last = "The day of the last search for studies is not recorded."
    if search.last is not None:
        last = f"Studies were last searched for on {search.last}."
    following = f" Next search: {search.next}." if search.next else ""
    return f"{last}{following}"


def admission(claims: Claims) -> tuple[Sentences, list[AskedItem]]:
    """Whether the toolkit would admit the review, and its items; none where it is not asked."""
    rows = claims.rows(AdmissionItems.file, ("item",))
    if not rows:
        return {}, []
    met, of = claims.count(AdmissionItems.file, met=True), claims.count(AdmissionItems.file)
    admitted = all(row["met"] for row in rows)
    words = "would be admitted" if admitted else "would not be admitted as it stands"
    items = [
        AskedItem(
            row["question"],
            row.answer_words,
            claims.sentence(f"{row['words']}: {row.found}." if row.has("found") else row["words"]),
            row["file"] if row["basis"] == "read" else None,
        )
        for row in rows
    ]
    return claims.sentences(verdict=f"This review {words}: {met} of {of} items are met."), items
