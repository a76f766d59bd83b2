"""What on record speaks of harm: every result against what is hoped, analysed or not.

A result is named with the people that it is about, as what holds for some need not for others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pandas as pd

from livingreview.protocol.outcomes import Outcome
from livingreview.protocol.review import Protocol
from livingreview.records.sections import Harms as UnknownHarms
from livingreview.report.claims import ClaimRow, Claims, Sentence, Sentences
from livingreview.report.row_selection import Condition
from livingreview.report.sentences.moderators import level_label
from livingreview.report.study_records import rows_of
from livingreview.tables.effects import Precision
from livingreview.tables.records import Effects, Ledger, Studies
from livingreview.tables.statuses import ANALYSED

# By what an outcome should be: the direction of a result against that, and a word for it.
AGAINST = {"lower": ("increase", "more"), "higher": ("decrease", "less")}
SIGNIFICANCE = {
    "significant": "significant",
    "not_significant": "not significant",
    "not_stated": "significance not stated",
}
# Moderator of a protocol that says whom a study is about.
POPULATION = "population"
# Most results of an outcome that are listed; more are only counted.
MOST_LISTED = 30
_DIRECTION = re.compile(r"effects\[\d+\]\.evidence\[\d+\]\.direction")


@dataclass(frozen=True)
class AdverseResult:
    """One result against what is hoped.

    Attributes
    ----------
    study_id, study
        Study that has it, for a link to its record; and its label.
    people
        Whom the study is about.
    significance
        By the study's own test, or by its numbers.
    what
        What was measured, and what was found.
    use
        Whether it is weighed; if not, why.
    """

    study_id: str
    study: Sentence
    people: str
    significance: str
    what: Sentence
    use: str


@dataclass(frozen=True)
class OutcomeHarms:
    """Results on one outcome that are against what is hoped.

    Attributes
    ----------
    overview
        How many there are; how many are not listed.
    caution
        Why more may be good or bad; None where it is one of them.
    """

    overview: Sentences
    caution: str | None
    results: list[AdverseResult]

    @property
    def significant(self) -> list[AdverseResult]:
        """Results that a test of the study, or its numbers, call significant."""
        return [r for r in self.results if r.significance.startswith(SIGNIFICANCE["significant"])]


@dataclass(frozen=True)
class Harms:
    """All that is to be said of harm.

    Attributes
    ----------
    adverse, two_edged
        By outcome: of those whose direction has one meaning, and of those where more may be good
        or bad.
    limits
        What could not be seen, and of what nothing is on record.
    """

    adverse: dict[str, OutcomeHarms] = field(default_factory=dict)
    two_edged: dict[str, OutcomeHarms] = field(default_factory=dict)
    limits: Sentences = field(default_factory=dict)


def harms(claims: Claims, protocol: Protocol, unknown: UnknownHarms | None) -> Harms:
    """Results against what is hoped; `unknown` has the harms that nothing on record tells of."""
    by_outcome = {
        name: results
        for name in protocol.by_importance()
        if (results := _outcome_harms(claims, protocol, name)) is not None
    }
    adverse = {n: r for n, r in by_outcome.items() if r.caution is None}
    return Harms(
        adverse=adverse,
        two_edged={n: r for n, r in by_outcome.items() if r.caution is not None},
        limits=claims.sentences(
            none=_none(claims, protocol, adverse),
            **_unseen(claims, protocol),
            unknown=f"Nothing on record tells of {_alternatives(unknown.not_on_record)}, which"
            " does not rule them out."
            if unknown
            else "",
        ),
    )


def _outcome_harms(claims: Claims, protocol: Protocol, name: str) -> OutcomeHarms | None:
    """Results on an outcome against what is hoped; None where there is none."""
    outcome = protocol.outcomes[name]
    against, side = AGAINST[outcome.better]
    word = outcome.sides_alone[side]
    effects = claims.tables[Effects.file]
    effects = effects[effects["outcome"] == name]
    accounts = _accounts(claims.tables[Ledger.file], against)
    adverse = (effects["direction"] == against) | effects["effect_id"].isin(accounts.keys())
    rows = rows_of(effects[adverse])
    if not rows:
        return None
    listed = rows[:MOST_LISTED]
    counted = claims.count(Effects.file, outcome=name, direction=against)
    of = claims.count(Effects.file, outcome=name)
    hoped, other = {"increase": ("decrease", "less"), "decrease": ("increase", "more")}[against]
    better = claims.count(Effects.file, outcome=name, direction=hoped)
    other = outcome.sides_alone[other]
    more = f"{word} with {protocol.treated} in {counted} of {of} results on record"
    overview = f"{outcome.heading}: {more}, {other} in {better}."
    if counted.text == "0":
        overview = f"{outcome.heading}: {word} only by accounts other than those weighed."
    rest = "" if len(listed) == len(rows) else "The table effects.csv has those not listed here."
    return OutcomeHarms(
        overview=claims.sentences(overview=overview, rest=rest),
        caution=None if outcome.one_meaning else outcome.caution,
        results=[_result(claims, protocol, row, accounts, against, word) for row in listed],
    )


class _Account(NamedTuple):
    """A statement of a direction: its significance, and the record's note on it."""

    significance: str
    note: str | None


def _accounts(ledger: pd.DataFrame, against: str) -> dict[str, _Account]:
    """By effect, a statement in that direction, whether or not it is used."""
    directions = ledger[ledger["field"].str.fullmatch(_DIRECTION) & (ledger["value"] == against)]
    stated = ledger.set_index(["effect_id", "field"])["value"]
    return {
        row["effect_id"]: _Account(
            stated.get(
                (row["effect_id"], row["field"].replace(".direction", ".significance")),
                "not_stated",
            ),
            row["note"],
        )
        for row in rows_of(directions)
    }


def _result(
    claims: Claims,
    protocol: Protocol,
    effect: dict[str, Any],
    accounts: dict[str, _Account],
    against: str,
    word: str,
) -> AdverseResult:
    row = claims.row(Effects.file, effect_id=effect["effect_id"])
    study = claims.row(Studies.file, study_id=effect["study_id"])
    found, significance = word.capitalize(), _significance(effect)
    if effect["direction"] != against:
        found = f"{found} by one account, which is not the one weighed"
        significance = SIGNIFICANCE[accounts[effect["effect_id"]].significance]
    account = accounts.get(effect["effect_id"])
    note = f" {account.note}" if account and account.note else ""
    months = f", at {row.follow_up_months} months" if row.has("follow_up_months") else ""
    named = row.has("effect_label") and effect["effect_label"] != effect["measure"]
    is_used = effect["status"] == ANALYSED
    return AdverseResult(
        study_id=effect["study_id"],
        study=claims.sentence(study["label"] + (f", {row.effect_label}" if named else "")),
        people=_people(study, protocol),
        significance=significance,
        what=claims.sentence(
            f"{effect['measure'].rstrip('.')}{months}. {found}, {significance}.{note}"
        ),
        use="Weighed." if is_used else f"Not weighed. {effect['reason']}",
    )


def _significance(effect: dict[str, Any]) -> str:
    """Significance of a result: as the study states it, else by its numbers."""
    stated = SIGNIFICANCE[effect["significance"]]
    is_stated = effect["kind"] == "finding" or effect["significance"] == "not_stated"
    return stated if is_stated else f"{stated} by its numbers"


def _people(study: ClaimRow, protocol: Protocol) -> str:
    """Whom a study is about: in its record's words, or by the moderator that says so."""
    if study.has("about"):
        return str(study["about"])
    moderator = protocol.moderators.get(POPULATION)
    column = f"moderator_{POPULATION}"
    if moderator is None or moderator.levels is None:
        return ""
    return level_label(moderator, study[column]) if study.has(column) else "people not stated"


def _none(claims: Claims, protocol: Protocol, adverse: dict[str, OutcomeHarms]) -> str:
    """That nothing on record is against what is hoped, and what that does not mean."""
    clear = [outcome for outcome in protocol.outcomes.values() if outcome.one_meaning]
    if adverse or not clear or claims.tables[Effects.file].empty:
        return ""
    return (
        f"No result on record found {_alternatives([_unwanted(outcome) for outcome in clear])}."
        " That is not to say that there is no harm."
    )


def _unwanted(outcome: Outcome) -> str:
    return f"{outcome.sides[AGAINST[outcome.better][1]]} {outcome.phrase}"


def _unseen(claims: Claims, protocol: Protocol) -> dict[str, str]:
    """By outcome, the results that name no direction, and what they could not have seen."""
    texts = {}
    for name, outcome in protocol.by_importance().items():
        where: dict[str, Any] = {
            "outcome": name,
            "status": ANALYSED,
            "significance": "not_significant",
            "direction": Condition.any_of("none", "unclear"),
        }
        file = Precision.file.format(outcome=name)
        if not (outcome.one_meaning and file in claims.tables):
            continue
        if not claims.has_rows(Effects.file, **where):
            continue
        silent = Condition.any_of(
            *(row["effect_id"] for row in claims.rows(Effects.file, ("effect_id",), **where))
        )
        least, most = (
            claims.aggregate(how, file, "smallest_significant", effect_id=silent)
            for how in ("min", "max")
        )
        span = f"{least}" if least.text == most.text else f"{least} to {most}"
        # The limit is that of more; one of less lies as far on the other side.
        side = ", turned round," if outcome.better == "higher" else ""
        texts[f"unseen_{name}"] = (
            f"{outcome.heading}: {claims.count(Effects.file, **where)} of"
            f" {claims.count(Effects.file, outcome=name, status=ANALYSED)} results weighed say only"
            " that no difference was significant. A harm smaller than"
            f" {protocol.measure.one} of about {span}{side} would mostly go unseen"
            f" (one of {protocol.measure.null_text} is no difference)."
        )
    return texts


def _alternatives(parts: list[str]) -> str:
    """Parts of an enumeration of which none holds."""
    return " or ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
