"""What differs between two states of a review: studies, their fields, methods, likelihood terms."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from livingreview.audit.updates.differences import Difference, differences, only_words
from livingreview.audit.updates.states import Cell, State
from livingreview.records.study import Study

# Columns of a term that name its source and do not enter the likelihood.
_OF_TERM = {"kind", "alternative", "assumption", "formula", "outcome", "study_id"}
Row = tuple[tuple[str, Cell], ...]


@dataclass(frozen=True)
class Comparison:
    """Two states of one review, the first of them a release of this date."""

    date: str
    before: State
    after: State

    @cached_property
    def _ids(self) -> tuple[list[str], list[str]]:
        old, new = ([str(r["study_id"]) for r in s.records] for s in (self.before, self.after))
        return old, new

    @property
    def added(self) -> list[str]:
        """Studies on record only now."""
        old, new = self._ids
        return [study for study in new if study not in old]

    @property
    def removed(self) -> list[str]:
        """Studies on record only in the release."""
        old, new = self._ids
        return [study for study in old if study not in new]

    @cached_property
    def changed(self) -> dict[str, list[Difference]]:
        """Fields that differ, by study on record in both."""
        old, new = self._ids
        return {
            study: fields
            for study in old
            if study in new
            and (fields := differences(self.before.record(study), self.after.record(study)))
        }

    @cached_property
    def changed_in_substance(self) -> set[str]:
        """Studies of which more than words differ."""
        return {
            study
            for study, fields in self.changed.items()
            if not all(only_words(field, Study) for field in fields)
        }

    @cached_property
    def methods(self) -> list[Difference]:
        """Fields of the protocol that differ."""
        return differences(self.before.protocol, self.after.protocol)

    def label(self, study: str) -> str:
        """Name of a study for readers, as it is now or was last."""
        state = self.before if study in self.removed else self.after
        return str(state.record(study)["citation"]["label"])

    def year(self, study: str) -> float:
        """Year of a study, as it is now or was last; after all others where it is not known."""
        state = self.before if study in self.removed else self.after
        year = state.record(study)["citation"].get("year")
        return math.inf if year is None else float(year)

    def differing_terms(self, outcome: str) -> list[str]:
        """Studies whose likelihood terms on an outcome differ, oldest first."""
        old, new = (terms_by_study(state, outcome) for state in (self.before, self.after))
        differing = [study for study in {*old, *new} if old.get(study) != new.get(study)]
        return sorted(differing, key=lambda study: (self.year(study), study))


def terms_by_study(state: State, outcome: str) -> dict[str, set[Row]]:
    """Likelihood terms of each study on an outcome, without words."""
    terms: dict[str, set[Row]] = {}
    if outcome in state.analyses:
        for term in state.analyses[outcome].terms:
            row = tuple(sorted((k, v) for k, v in term.items() if k not in _OF_TERM))
            terms.setdefault(str(term["study_id"]), set()).add(row)
    return terms
