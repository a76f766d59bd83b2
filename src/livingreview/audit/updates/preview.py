"""What an edit does to the answers, before a build: by integration of the models of all studies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from textwrap import fill
from typing import Any

import pandas as pd

from livingreview.audit.updates.differences import differences, only_words
from livingreview.base.errors import MOST_NAMES
from livingreview.base.rounding import STYLES
from livingreview.effects.precision import precision_table
from livingreview.effects.refusal import Refusal
from livingreview.effects.terms import build_terms, of_outcome
from livingreview.protocol.models import OVERALL
from livingreview.protocol.review import Protocol
from livingreview.records.contributions import effect_lines, study_lines
from livingreview.records.plausibility.asking import questions
from livingreview.records.plausibility.question import Question, Record
from livingreview.records.record_tables import extract
from livingreview.records.study import Study
from livingreview.synthesis.overall_answer import overall_answer
from livingreview.tables.synthesis import Summary

WIDTH = 100
# A change beside those of records, which are known by names without a space.
PROTOCOL = "the protocol"
Answer = dict[str, Any] | str


@dataclass(frozen=True, eq=False)
class OnRecord:
    """Protocol and checked records at one moment, and what they answer."""

    protocol: Protocol
    records: list[Record]
    _answers: dict[str, Answer] = field(default_factory=dict)

    @cached_property
    def studies(self) -> dict[str, Study]:
        """By their ids."""
        return {study.study_id: study for _, study in self.records}

    @cached_property
    def _analysed(self) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
        """Likelihood terms of each outcome, and moderators of its studies."""
        protocol, assumed = self.protocol, self.protocol.assumed()
        domains = [*protocol.risk_of_bias_domains]
        tables = extract(self.records, assumed, [*protocol.moderators], domains)
        terms = build_terms(self.records, tables.effects, assumed)
        of_stage_1 = tables.effects, tables.studies, tables.moderator_values
        return {name: of_outcome(name, terms, *of_stage_1) for name in protocol.outcomes}

    def terms(self, outcome: str) -> pd.DataFrame:
        """Likelihood terms of an outcome (columns of `Terms`)."""
        return self._analysed[outcome][0]

    def hangs_on(self, outcome: str) -> object:
        """All that the answer of an outcome is made from, to be compared."""
        if outcome not in self.protocol.outcomes:
            return None
        protocol, (terms, moderators) = self.protocol, self._analysed[outcome]
        model = protocol.specifications()[OVERALL]
        at_risk = moderators["at_high_risk"].to_list() if model.kind == "bias_adjusted" else None
        rules = protocol.decisions, protocol.measure, protocol.sampling_correlation.value
        priors = protocol.outcomes[outcome].priors, protocol.size_priors()
        return pd.util.hash_pandas_object(terms).to_list(), at_risk, model, priors, rules

    def answer(self, outcome: str) -> Answer:
        """Row of `Summary` on the overall model; or, as text, why there is none."""
        if outcome not in self._answers:
            try:
                answer = overall_answer(self.protocol, outcome, *self._analysed[outcome])
                self._answers[outcome] = answer
            except Refusal as refusal:
                self._answers[outcome] = f"nothing can be said: {refusal}"
        return self._answers[outcome]

    def contribution(self, study_id: str) -> list[str]:
        """What a record brings, a text for the study and one for each effect."""
        if (study := self.studies.get(study_id)) is None:
            return []
        assumed = self.protocol.assumed()
        of_effects = (effect_lines(study, e, assumed[e.outcome])[1] for e in study.effects)
        return ["\n".join(lines) for lines in (study_lines(study), *of_effects)]

    @cached_property
    def questions(self) -> dict[object, Question]:
        """Questions that nothing on record answers."""
        protocol = self.protocol
        asked = questions(
            self.records, protocol.plausibility, protocol.assumed(), protocol.codings()
        )
        return {(q.study_id, q.rule, q.field, q.found): q for q in asked if not q.confirmed}


@dataclass(frozen=True)
class Preview:
    """What differs between two moments of a review."""

    before: OnRecord
    after: OnRecord

    @cached_property
    def changes(self) -> list[str]:
        """Records that differ, by their ids, and the protocol."""
        old, new = self.before.studies, self.after.studies
        studies = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
        return [PROTOCOL] * (self.before.protocol != self.after.protocol) + studies

    def _alone(self, change: str) -> OnRecord:
        """As before, with one change."""
        before, after = self.before, self.after
        if self.changes == [change]:
            return after
        if change == PROTOCOL:
            return OnRecord(after.protocol, before.records)
        others = [record for record in before.records if record[1].study_id != change]
        own = [record for record in after.records if record[1].study_id == change]
        records = sorted([*others, *own], key=lambda record: record[1].study_id)
        return OnRecord(before.protocol, records)

    @cached_property
    def _states(self) -> dict[str, OnRecord]:
        """With each change alone; none where records are read with other names than before."""
        old, new = ({*s.protocol.outcomes, *s.protocol.moderators} for s in self._both)
        if old != new and len(self.changes) > 1:
            return {}
        return {change: self._alone(change) for change in self.changes}

    def words(self) -> str:
        """All of it, as text; empty if nothing differs."""
        if not self.changes:
            return ""
        lines = ["Changed:"]
        for change in self.changes:
            lines += self._protocol() if change == PROTOCOL else self._record(change)
        moved, same = [], []
        for name, outcome in self.after.protocol.by_importance().items():
            if self._is_same(name):
                same.append(outcome.heading)
            else:
                moved += ["", *self._outcome(name)]
        lines += moved
        if same:
            lines += ["", _wrapped(f"As before: {'; '.join(same)}.", "")]
        asked = [q for key, q in self.after.questions.items() if key not in self.before.questions]
        if asked:
            lines += ["", "New questions, to correct or to confirm:"]
            lines += [_wrapped(str(question), "  ") for question in asked]
        return "\n".join(lines)

    def _is_same(self, outcome: str) -> bool:
        """Whether an answer is as it was."""
        if self.before.hangs_on(outcome) == self.after.hangs_on(outcome):
            return True
        known = outcome in self.before.protocol.outcomes
        return known and self.before.answer(outcome) == self.after.answer(outcome)

    def _protocol(self) -> Iterator[str]:
        """Fields of the protocol that differ."""
        old, new = (state.protocol.model_dump(mode="json") for state in (self.before, self.after))
        fields = differences(old, new)
        for one in fields[:MOST_NAMES]:
            if only_words(one, Protocol):
                yield _wrapped(f"{PROTOCOL}: {one.field}, in words alone", "  ")
            else:
                values = f"was {one.before or 'not there'}, is {one.after or 'not there'}"
                yield _wrapped(f"{PROTOCOL}: {one.field} {values}", "  ")
        if len(fields) > MOST_NAMES:
            yield f"  and {len(fields) - MOST_NAMES:,} more fields"

    def _record(self, study: str) -> Iterator[str]:
        """What a record contributed, and contributes."""
        old, new = (state.contribution(study) for state in (self.before, self.after))
        if old == new:
            fields = differences(*(s.studies[study].model_dump(mode="json") for s in self._both))
            names = ", ".join(one.field for one in fields[:MOST_NAMES])
            yield _wrapped(f"{study}: contributes the same; other fields changed: {names}", "  ")
            return
        yield f"  {study}: {'changed' if old and new else 'new' if new else 'deleted'}"
        for lead, lines, others in (("was", old, new), ("now", new, old)):
            for line in lines:
                if line not in others:
                    first, *more = line.split("\n")
                    yield _wrapped(f"{lead} {first.strip()}", "    ")
                    yield from (_wrapped(text.strip(), "        ") for text in more)

    @property
    def _both(self) -> tuple[OnRecord, OnRecord]:
        return self.before, self.after

    def _outcome(self, name: str) -> Iterator[str]:
        """An answer before and now, and what moved it."""
        outcome = self.after.protocol.outcomes[name]
        yield f"{outcome.heading}:"
        if name in self.before.protocol.outcomes:
            yield _wrapped(f"was {_answer(self.before, name)}", "    ")
            yield _wrapped(f"now {_answer(self.after, name)}", "    ")
            yield from (_wrapped(text, "    ") for text in self._moved(name))
        else:
            yield _wrapped(f"new {_answer(self.after, name)}", "    ")
        yield _wrapped(outcome.caution, "    ")

    def _moved(self, name: str) -> Iterator[str]:
        """What each change does alone, and their interplay."""
        if not self._states:
            yield "The protocol has other names: what each change does alone is not told apart."
            return
        start, end = self.before.answer(name), self.after.answer(name)
        reaching = {
            change: state.answer(name)
            for change, state in self._states.items()
            if state.hangs_on(name) != self.before.hangs_on(name)
        }
        if isinstance(start, str) or isinstance(end, str):
            yield f"By {', '.join(reaching)}."
            return
        rest = end["p_more"] - start["p_more"]
        for change, answer in reaching.items():
            if isinstance(answer, str):
                yield f"By {change} alone {answer}."
                continue
            rest -= answer["p_more"] - start["p_more"]
            alone = " alone" if len(reaching) > 1 else ""
            yield f"By {change}{alone}: {_move(start, answer, self.after.protocol)}."
        if len(reaching) > 1 and not any(isinstance(answer, str) for answer in reaching.values()):
            yield (
                "Their interplay is the rest of the probability of more:"
                f" {STYLES['signed'](100 * rest)} percentage points."
            )


def _wrapped(text: str, indent: str) -> str:
    return fill(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _number(answer: dict[str, Any], column: str, protocol: Protocol) -> str:
    """A cell of `Summary` as the page rounds it."""
    return STYLES[protocol.measure.rounding(Summary.style_of(column)) or "words"](answer[column])


def _size(answer: dict[str, Any], protocol: Protocol) -> str:
    """The pooled effect with its interval, or that it is not learnt."""
    if not answer["size_learnt"]:
        return protocol.decisions.size.not_learnt
    middle, low, high = (_number(answer, f"effect{end}", protocol) for end in ("", "_low", "_high"))
    return f"{middle} (95% interval {low} to {high})"


def _answer(state: OnRecord, outcome: str) -> str:
    """An answer in the words of the page."""
    answer, protocol = state.answer(outcome), state.protocol
    if isinstance(answer, str):
        return answer
    more, less, tau = (_number(answer, name, protocol) for name in ("p_more", "p_less", "tau"))
    return (
        f"{answer['verdict_words']} ({STYLES['studies'](answer['studies'])}). The probability of"
        f" more is {more}, of less {less}. {protocol.measure.heading}: {_size(answer, protocol)}"
        f"{_assumed_sizes(state, outcome) if answer['size_learnt'] else ''}."
        f" Spread between studies (tau): {tau}."
    )


def _assumed_sizes(state: OnRecord, outcome: str) -> str:
    """That a size owes something to groups whose size no source gives, where it does."""
    effects = precision_table(state.terms(outcome), state.protocol.outcomes[outcome].priors)
    if effects["has_number"].all() or effects["people_known"].all():
        return ""
    return ", in part from groups whose size no source gives"


def _move(start: dict[str, Any], end: dict[str, Any], protocol: Protocol) -> str:
    """From where to where an answer goes."""
    pairs = {"the probability of more": [_number(a, "p_more", protocol) for a in (start, end)]}
    if start["size_learnt"] and end["size_learnt"]:
        effects = [_number(answer, "effect", protocol) for answer in (start, end)]
        pairs[f"the {protocol.measure.phrase}"] = effects
    return ", ".join(
        f"{what} stays at {new}" if old == new else f"{what} goes from {old} to {new}"
        for what, (old, new) in pairs.items()
    )
