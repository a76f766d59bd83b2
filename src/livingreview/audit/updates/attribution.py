r"""How much of the move of a pooled effect each change explains, by numerical integration.

For one outcome a state is which priors, which assumption on the control arm, and which
terms of each study are analysed. Each change turns one of these from the release's to
today's: *alone*, from the release with nothing else changed, and *in order*, on top of all
changes before it, methods first, then studies removed, changed and added. The medians
along the path telescope, so

.. math:: \sum_k (m_k - m_{k-1}) = m_K - m_0

exactly; the changes taken alone leave out their interplay, which is a row of its own.
Releases whose figures were sampled only differ from the path, which is integrated: the difference
is a row as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from livingreview.audit.updates.comparison import Comparison
from livingreview.audit.updates.states import Analysis, State
from livingreview.effects.data_set import Dataset, dataset
from livingreview.effects.refusal import Refusal
from livingreview.effects.specification import numeric_studies
from livingreview.models.quadrature.locations import likelihoods_of
from livingreview.models.quadrature.normal import TOLERANCE
from livingreview.models.quadrature.pooled_effect import pooled_effects
from livingreview.protocol.models import OVERALL, Priors
from livingreview.tables.updates import STUDY_CHANGES, Attribution

# Medians are kept to this many decimals, so that moves add up without a rest.
DECIMALS = 6
_MEDIAN = 2  # position among the quantiles of a marginal


@dataclass(frozen=True, order=True)
class Change:
    """One change that reaches the pooled effect of an outcome.

    The kind is `priors`, `baseline`, `evidence_used`, `conversion`, `study_removed`,
    `study_changed` or `study_added`; the subject is the study, or the kind again.
    """

    kind: str
    subject: str

    @property
    def of_study(self) -> bool:
        """Whether it is a change of one study."""
        return self.kind in STUDY_CHANGES


def method(kind: str) -> Change:
    """Change of a method."""
    return Change(kind, kind)


def changes_that_reach(comparison: Comparison, outcome: str) -> list[Change]:
    """Changes that reach the pooled effect of an outcome, in the order they are applied.

    A study whose record is the same but whose terms are not was converted otherwise: by
    another assumed frequency in the control arm where the protocol changed it, else by
    other software.
    """
    old, new = (state.analyses.get(outcome) for state in (comparison.before, comparison.after))
    if old is None or new is None:
        return []
    differing = comparison.differing_terms(outcome)
    on_record = {*comparison.removed, *comparison.added, *comparison.changed_in_substance}
    methods = []
    if _priors(old) != _priors(new):
        methods.append("priors")
    if old.baseline != new.baseline:
        methods.append("baseline")
    if old.model.only_numeric != new.model.only_numeric:
        methods.append("evidence_used")
    if _converter(old, new) == "conversion" and set(differing) - on_record:
        methods.append("conversion")
    changes = [method(kind) for kind in methods]
    for kind, studies in (
        ("study_removed", set(comparison.removed)),
        ("study_changed", comparison.changed_in_substance),
        ("study_added", set(comparison.added)),
    ):
        changes += [Change(kind, study) for study in differing if study in studies]
    return changes


def attribution(comparison: Comparison) -> tuple[pd.DataFrame, dict[str, str | None]]:
    """Explain the move of the pooled effect of every outcome that both states have.

    The second result has a reason for each outcome that is not explained, and None for others.
    """
    rows: list[dict[str, Any]] = []
    reasons: dict[str, str | None] = {}
    for outcome in comparison.after.analyses:
        try:
            rows += _outcome_rows(comparison, outcome)
            reasons[outcome] = None
        except Refusal as refusal:
            reasons[outcome] = str(refusal)
    return Attribution.frame(rows), reasons


def _outcome_rows(comparison: Comparison, outcome: str) -> list[dict[str, Any]]:
    """Rows of one outcome."""
    states = (comparison.before, comparison.after)
    published = [_published(state, outcome) for state in states]
    if published[0] is None:
        raise Refusal("the release has no estimate of it")
    if published[1] is None:
        raise Refusal("there is no estimate of it now")
    changes = changes_that_reach(comparison, outcome)
    paths = Paths(comparison, outcome)
    alone = [frozenset({change}) for change in changes]
    in_order = [frozenset(changes[:i]) for i in range(len(changes) + 1)]
    medians = paths.medians([*in_order, *alone])
    path, single = medians[: len(in_order)], medians[len(in_order) :]
    rows = [_row(outcome, 0, "release", "release", np.zeros((2, 2)), path[0])]
    for i, change in enumerate(changes):
        moves = single[i] - path[0], path[i + 1] - path[i]
        rows.append(_row(outcome, i + 1, change.kind, change.subject, moves, path[i + 1]))
    along = path[-1] - path[0]
    interplay = along - (single - path[0]).sum(axis=0)
    move = np.round(np.subtract(published[1], published[0]), DECIMALS)
    rest = [
        ("interplay", interplay, np.zeros(2)),
        ("sampling", move - along, move - along),
        ("total", move, move),
    ]
    for kind, *pair in rest:
        rows.append(_row(outcome, len(rows), kind, kind, pair, None))
    return rows


def _row(
    outcome: str, position: int, kind: str, subject: str, moves: Any, after: Any
) -> dict[str, Any]:
    """One row; `moves` of mu and tau: by this change alone, and in the order of the changes."""
    alone, in_order = moves
    row: dict[str, Any] = {"outcome": outcome, "position": position}
    row |= {"kind": kind, "subject": subject}
    for i, quantity in enumerate(("mu", "tau")):
        # Adding 0 turns a negative zero into zero.
        row[f"{quantity}_alone"] = round(float(alone[i]), DECIMALS) + 0.0
        row[f"{quantity}_in_order"] = round(float(in_order[i]), DECIMALS) + 0.0
        row[f"{quantity}_after"] = None if after is None else float(after[i])
    return row


def _published(state: State, outcome: str) -> tuple[float, float] | None:
    """Published medians of mu and tau, integrated ones where there are."""
    of_fit = [row for row in state.headline if row.fit == f"{outcome}/{OVERALL}"]
    in_order = sorted(of_fit, key=lambda row: row.engine == "quadrature")
    medians = {row.quantity: row.q50 for row in in_order}
    return (medians["mu"], medians["tau"]) if medians else None


def _priors(analysis: Analysis) -> Priors:
    """Priors that the overall fit uses: it has no coefficients."""
    priors = analysis.model.priors
    return priors.model_copy(update={"beta": priors.mu})


def _converter(old: Analysis, new: Analysis) -> str:
    """What converts a study's evidence otherwise when its record is the same."""
    return "conversion" if old.baseline.findings == new.baseline.findings else "baseline"


def _sampling_correlation(comparison: Comparison, analyses: Sequence[Analysis]) -> float:
    """Correlation of the errors of several effects of one study, the same before and after.

    Raises
    ------
    Refusal
        If one state has an SD within studies that the other has not, or another correlation.
    """
    several = {_gives_several_effects(analysis) for analysis in analyses}
    states = (comparison.before, comparison.after)
    correlations = {state.sampling_correlation for state in states}
    if several == {False, True}:
        raise Refusal("studies give several effects in one of the two states only")
    if several == {True} and len(correlations) > 1:
        raise Refusal("the correlation of the errors of one study's effects was changed")
    return max(correlations)


def _gives_several_effects(analysis: Analysis) -> bool:
    """Whether a study gives several effects on the outcome."""
    effects = analysis.frame().dropna(subset="effect_id")[["study_id", "effect_id"]]
    return bool(effects.drop_duplicates()["study_id"].duplicated().any())


class Paths:
    """Every state of an outcome between the release and now, ready to be integrated.

    Both states must analyse the outcome.

    Raises
    ------
    Refusal
        If the overall model is not one that integration can serve.
    """

    def __init__(self, comparison: Comparison, outcome: str) -> None:
        states = (comparison.before, comparison.after)
        self._analyses = tuple(state.analyses[outcome] for state in states)
        for analysis in self._analyses:
            if analysis.model.kind != "hierarchical" or analysis.model.moderators:
                raise Refusal("its overall model is sampled only")
        # What turns a study's terms from old to new: its own change, or a method's.
        own = {c.subject: c for c in changes_that_reach(comparison, outcome) if c.of_study}
        self._turned_by = {
            study: own.get(study, method(_converter(*self._analyses)))
            for study in comparison.differing_terms(outcome)
        }
        correlation = _sampling_correlation(comparison, self._analyses)
        old, new = self._analyses
        baselines = [old.baseline]
        if old.baseline != new.baseline:
            # A prior of sizes that one state lacks changes nothing of what it analysed.
            sizes = [a.baseline.sizes or b.baseline.sizes for a, b in ((old, new), (new, old))]
            baselines = [
                analysis.baseline.model_copy(update={"sizes": prior})
                for analysis, prior in zip(self._analyses, sizes, strict=True)
            ]
        self._numeric: list[set[str]] = []
        self._row: dict[tuple[str, int, int], int] = {}
        readings: list[Dataset] = []
        for version, analysis in enumerate(self._analyses):
            terms = analysis.frame()
            numeric = numeric_studies(terms)
            self._numeric.append(numeric)
            if version == 1:
                # Terms of the other studies are the same before and after, so their rows of the
                # first version are used again.
                terms = terms[terms["study_id"].isin(list(self._turned_by))]
            for assumed, baseline in enumerate(baselines if not terms.empty else ()):
                data = dataset(terms, baseline, correlation)
                for study in data.studies:
                    self._row[study, version, assumed] = len(self._row)
                readings.append(data)
        self._likelihoods = likelihoods_of(readings)

    def medians(self, states: list[frozenset[Change]]) -> np.ndarray:
        """Posterior medians of mu and tau, for states that have some of the changes.

        Returns
        -------
        ndarray, shape (state, 2)
            Rounded to `DECIMALS`.

        Raises
        ------
        Refusal
            If refining the grid still moves an answer.
        """
        membership = np.zeros((len(states), len(self._likelihoods.names)), dtype=bool)
        of_priors = np.zeros(len(states), dtype=int)
        for i, changes in enumerate(states):
            of_priors[i] = method("priors") in changes
            membership[i, self._rows(changes)] = True
        medians = np.zeros((len(states), 2))
        for version in np.unique(of_priors):
            at = np.flatnonzero(of_priors == version)
            priors = self._analyses[version].model.priors
            result = pooled_effects(self._likelihoods, membership[at], priors, limit=0.0)
            if result.movement.max() >= TOLERANCE:
                raise Refusal("integration does not settle on an answer")
            medians[at, 0] = result.mu.quantiles[:, _MEDIAN]
            medians[at, 1] = result.tau.quantiles[:, _MEDIAN]
        return np.round(medians, DECIMALS)

    def _rows(self, changes: frozenset[Change]) -> list[int]:
        """Rows of the likelihood tables that a state uses."""
        assumed = int(method("baseline") in changes)
        only_numeric = self._analyses[method("evidence_used") in changes].model.only_numeric
        rows = []
        for study in dict.fromkeys(study for study, _, _ in self._row):
            version = int(self._turned_by.get(study) in changes)
            if only_numeric and study not in self._numeric[version]:
                continue
            if (study, version, assumed) in self._row:
                rows.append(self._row[study, version, assumed])
        return rows
