"""The first screen: what the evidence shows for a decision, what it does not, and how sure that is.

Each sentence must mislead nobody who reads it alone. So none has a probability without the words
for it, and none calls a direction good or bad where more of the outcome may be either.
"""

from __future__ import annotations

from collections.abc import Iterable

from livingreview.protocol.outcomes import Outcome
from livingreview.protocol.review import Protocol
from livingreview.records.narrative import Narrative
from livingreview.report.claims import Claims, Sentences
from livingreview.report.row_selection import Condition
from livingreview.report.sentences.effects import is_fitted, overall_row
from livingreview.report.sentences.moderators import level_label
from livingreview.synthesis.verdicts import FEW_STUDIES, PRACTICALLY_NONE
from livingreview.tables.records import Studies
from livingreview.tables.report import SummaryOfFindings
from livingreview.tables.synthesis import Moderators

# Verb of what an outcome is hoped to do, and the direction of a verdict that says so.
HOPED = {"lower": ("reduces", "less"), "higher": ("increases", "more")}
EXTRACTED = "extracted"
COUNTRY = "country"


def first_screen(claims: Claims, protocol: Protocol, narrative: Narrative) -> Sentences:
    """What a reader must know who reads nothing else, in the order of a decision."""
    steps = narrative.next_steps
    return claims.sentences(
        answer=_answer(claims, protocol),
        **_outcomes(claims, protocol),
        size=_size(claims, protocol),
        certainty=_certainty(claims, protocol),
        places=_places(claims, protocol),
        moderators=_where_better(claims, protocol),
        cost=(narrative.economics and narrative.economics.headline) or "",
        advice=steps.headline if steps else "",
    )


def _answer(claims: Claims, protocol: Protocol) -> str:
    """Whether the critical outcomes change as is hoped, and whether harm is ruled out."""
    critical = {n: o for n, o in protocol.by_importance().items() if o.is_critical}
    asked = critical or protocol.outcomes
    fitted = {name: outcome for name, outcome in asked.items() if is_fitted(claims, name)}
    if not fitted:
        return "No study on record lets anything be said of whether it works."
    clear, none = protocol.decisions.verdicts[0].id, PRACTICALLY_NONE
    of_verdict: dict[str, list[Outcome]] = {"hoped": [], "other": [], "none": [], "open": []}
    for name, outcome in fitted.items():
        row = overall_row(claims, name)
        hoped = HOPED[outcome.better][1]
        if row["verdict"] == clear:
            more = "more" if row["p_more"] > row["p_less"] else "less"
            of_verdict["hoped" if more == hoped else "other"].append(outcome)
        else:
            of_verdict["none" if row["verdict"] == none else "open"].append(outcome)
    texts = [_shown(of_verdict[name], protocol, name == "hoped") for name in ("hoped", "other")]
    if of_verdict["none"]:
        texts.append(f"Practically no difference in {_phrases(of_verdict['none'])}.")
    if of_verdict["open"] and any(texts):
        texts.append(f"For {_phrases(of_verdict['open'])} they do not settle it.")
    elif of_verdict["open"]:
        what = protocol.problem or _phrases(of_verdict["open"])
        verb = HOPED[of_verdict["open"][0].better][0]
        texts.append(
            f"Taken together, these studies do not show that {protocol.treated} {verb} {what}, and"
            " harm is not ruled out."
        )
    return " ".join(filter(None, texts))


def _shown(outcomes: list[Outcome], protocol: Protocol, hoped: bool) -> str:
    """Clear directions, in words that judge none of them."""
    parts = []
    for outcome in outcomes:
        towards = HOPED[outcome.better][1]
        other = {"more": "less", "less": "more"}[towards]
        parts.append(f"{outcome.sides[towards if hoped else other]} {outcome.phrase}")
    if not parts:
        return ""
    return f"These studies show {_joined(parts)} with {protocol.treated}."


def _outcomes(claims: Claims, protocol: Protocol) -> dict[str, str]:
    """The verdict on each outcome; with its caution where more may be good or bad."""
    texts = {}
    for name, outcome in protocol.by_importance().items():
        words = "nothing can be said"
        if is_fitted(claims, name):
            words = f"{overall_row(claims, name).verdict_words}"
        caution = "" if outcome.one_meaning else f" {outcome.caution}"
        texts[name] = f"{outcome.heading}: {words}.{caution}"
    return texts


def _size(claims: Claims, protocol: Protocol) -> str:
    """How large the changes are that have a verdict; where none is learnt, that this is unknown."""
    stated, unknown, learnt = [], [], 0
    for name, outcome in protocol.by_importance().items():
        if not is_fitted(claims, name):
            continue
        row = overall_row(claims, name)
        learnt += row["size_learnt"]
        if not row["size_learnt"]:
            unknown.append(outcome)
        elif row["verdict"] != FEW_STUDIES:
            stated.append(
                f"{protocol.measure.heading} of {outcome.phrase}: {row.effect}"
                f" (95% interval {row.effect_low} to {row.effect_high})."
            )
    if unknown:
        all_critical = all(outcome.is_critical for outcome in unknown)
        what = protocol.problem if all_critical and protocol.problem else _phrases(unknown)
        in_what = f" in {what}" if learnt else ""
        stated.append(f"How large any change{in_what} is, is not known.")
    return " ".join(stated)


def _certainty(claims: Claims, protocol: Protocol) -> str:
    """The level of each answer; once, where all have the same."""
    levels = {}
    for name, outcome in protocol.by_importance().items():
        row = claims.row(SummaryOfFindings.file, outcome=name)
        column = "set_words" if row.has("set_level") else "proposed_words"
        if row.has("proposed"):
            levels[outcome.heading] = (row[column], row.claim(column))
    if len({word for word, _ in levels.values()}) == 1:
        return f"Certainty of each answer: {next(iter(levels.values()))[1]}."
    parts = [f"{heading[0].lower()}{heading[1:]} {claim}" for heading, (_, claim) in levels.items()]
    return f"Certainty: {'; '.join(parts)}." if parts else ""


def _places(claims: Claims, protocol: Protocol) -> str:
    """Countries and years of the studies that report an outcome."""
    if not claims.has_rows(Studies.file, status=EXTRACTED):
        return ""
    span = years_of_studies(claims)
    moderator = protocol.moderators.get(COUNTRY)
    if moderator is None or moderator.levels is None:
        return f"Studies: {claims.count(Studies.file, status=EXTRACTED)}{span and ', '}{span}."
    column = f"moderator_{COUNTRY}"
    places = [
        f"{level_label(moderator, level)} {claims.count(Studies.file, **where)}"
        for level in moderator.levels
        if claims.has_rows(Studies.file, **(where := {"status": EXTRACTED, column: level}))
    ]
    return f"Studies: {', '.join(places)}{span and '; '}{span}."


def years_of_studies(claims: Claims) -> str:
    """From when to when they were published; empty where no year is known."""
    if not claims.has_rows(Studies.file, status=EXTRACTED, year=Condition.at_least(0)):
        return ""
    first, last = (
        claims.aggregate(how, Studies.file, "year", status=EXTRACTED) for how in ("min", "max")
    )
    span = f"published {first}" + ("" if first.text == last.text else f" to {last}")
    extracted = claims.rows(Studies.file, ["study_id"], status=EXTRACTED)
    return span if all(row.has("year") for row in extracted) else f"{span} where the year is known"


def _where_better(claims: Claims, protocol: Protocol) -> str:
    """Whether any difference between studies is supported."""
    alone = [name for name, model in protocol.models.items() if len(model.moderators) == 1]
    if not claims.has_rows(Moderators.file, model=Condition.any_of(*alone)):
        return ""
    if claims.has_rows(Moderators.file, model=Condition.any_of(*alone), verdict="supported"):
        return "Some differences between studies are supported: see what it may depend on."
    return "Where, when or for whom it works better is not known."


def _phrases(outcomes: Iterable[Outcome]) -> str:
    return _joined([outcome.phrase for outcome in outcomes])


def _joined(parts: list[str]) -> str:
    """Parts of an enumeration."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
