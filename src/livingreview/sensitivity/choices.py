"""Every choice of an analysis that could have been made otherwise, alone and together.

A *choice* is a prior set, an assumed frequency in the control arm, which designs, which
evidence, which risks of bias and which follow-ups count, which of several routes an effect is
analysed by, and which study is left out. Each analysis is a `Choice`;
`livingreview.sensitivity.integration` has its answer.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations, compress, product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from livingreview.base.labels import BEFORE_PHRASE
from livingreview.effects.data_set import Dataset
from livingreview.effects.specification import numeric_studies
from livingreview.models.quadrature.locations import Likelihoods, likelihoods_of
from livingreview.protocol.models import Priors
from livingreview.protocol.outcomes import AS_PLANNED, Better
from livingreview.sensitivity.arms import (
    FOLLOW_UPS,
    Reports,
    RouteName,
    at_follow_up,
    several_follow_ups,
    studies_of_stated_significance,
)
from livingreview.sensitivity.assumptions import Assumptions

ALL = "all"
NUMBERS = "numbers"
STATED = "significance_stated"
NOT_HIGH = "without_high_risk"
EXPERIMENTAL = "experimental"

# Most steps of the cumulative analysis: with ten thousand studies, one step each would take an
# hour. Most entries (study in subset) of the table of subsets: more would fill a gigabyte.
MOST_STEPS = 200
MOST_MEMBERS = 2_000_000
# Most readings of studies that are tabulated together where studies give several effects: each has
# a table for every standard deviation within studies.
MOST_READINGS = 500
# Most pairs of studies that are left out together; of 100 studies no two carry the answer.
MOST_PAIRS = 5000
# Largest integer that a table can store.
LARGEST = int(np.iinfo(np.int64).max)
# Name of the reading of a study in which all of its effects are adjusted otherwise than planned.
ADJUSTED_OTHERWISE = "all effects adjusted otherwise"


@dataclass(frozen=True)
class Choice:
    """One way to analyse an outcome.

    Attributes
    ----------
    priors, baseline : str
        Name of a prior set, and of an assumption on the control arm.
    design, evidence : str
        ``all`` or ``experimental``; ``all``, ``numbers``, or ``significance_stated``: without
        studies that bring nothing but statements which leave their significance open.
    risk_of_bias : str
        ``all`` or ``without_high_risk``.
    follow_up : str
        ``as_planned``; or ``shortest`` or ``longest``, of studies that give several.
    routes : tuple of (str, str)
        Study and route, for the effects not analysed as planned.
    without : frozenset of str
        Studies left out.
    """

    priors: str
    baseline: str = AS_PLANNED
    design: str = ALL
    evidence: str = ALL
    risk_of_bias: str = ALL
    follow_up: str = AS_PLANNED
    routes: tuple[tuple[str, str], ...] = ()
    without: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class OutcomeChoices:
    """All that an outcome's analyses may choose from.

    Attributes
    ----------
    terms, alternatives, studies : DataFrame
        Terms as planned, those of the other routes, and the studies (stage 1 and 2).
    assumptions : dict of Assumptions
        By name; the first is `AS_PLANNED`.
    priors : dict of Priors
        Prior sets by name; the first is the planned one.
    better : str
        Whether ``lower`` or ``higher`` is better.
    reports : Reports
        What stage 1 says of the effects beyond their terms.
    sides : dict of str
        The outcome's words for ``less`` and ``more`` of it.
    size_learnt : bool
        Whether the planned analysis learns the size of the pooled effect from these studies.
    """

    name: str
    terms: pd.DataFrame
    alternatives: pd.DataFrame
    studies: pd.DataFrame
    assumptions: dict[str, Assumptions]
    priors: dict[str, Priors]
    better: Better
    reports: Reports = field(default_factory=Reports)
    size_learnt: bool = False
    sides: Mapping[str, str] = field(default_factory=lambda: BEFORE_PHRASE["less"])

    @property
    def planned(self) -> Choice:
        """The analysis of the protocol."""
        return Choice(next(iter(self.priors)))

    @cached_property
    def planned_data(self) -> Dataset:
        """Arrays of the terms as planned; there must be any."""
        return self.assumptions[AS_PLANNED].data_set(self.terms)

    @cached_property
    def planned_likelihoods(self) -> Likelihoods:
        """Tables of these, made once for all that needs no other reading."""
        return likelihoods_of([self.planned_data])

    @cached_property
    def study_names(self) -> list[str]:
        """Studies with an analysed effect, oldest first, those without a known year last."""
        years = self.studies.set_index("study_id")["year"].astype(float).fillna(math.inf)
        return sorted(self.terms["study_id"].unique(), key=lambda s: (years[s], s))

    def other_routes(self) -> dict[str, dict[str, tuple[RouteName, ...]]]:
        """By study, names of its other readings, and the routes that stand in others' place.

        Where a study gives several effects that are adjusted, or not, all of them are read the
        other way at once as well.
        """
        by_study: dict[str, dict[str, tuple[RouteName, ...]]] = {}
        columns = ["study_id", "of_effect", "piece", "choice", "kind"]
        routes = self.alternatives[columns].drop_duplicates()
        for row in routes.itertuples(index=False):
            name = f"piece {int(row.piece) + 1}, {row.kind}: {row.choice}"
            route = (str(row.of_effect), int(row.piece), str(row.choice))
            by_study.setdefault(str(row.study_id), {})[name] = (route,)
        for study, of_effects in self.reports.other_adjustment.items():
            if len(of_effects) > 1:
                by_study[study][ADJUSTED_OTHERWISE] = of_effects
        return by_study

    def adjusted_otherwise(self) -> tuple[tuple[str, str], ...]:
        """Study and name of each reading with effects that allow for other things."""
        readings = self.other_routes()
        return tuple(
            (study, next(name for name, routes in readings[study].items() if routes == wanted))
            for study, wanted in self.reports.other_adjustment.items()
        )

    @cached_property
    def follow_ups(self) -> list[str]:
        """As planned, and the shortest and the longest where a study gives several."""
        several = several_follow_ups(self.terms, self.reports.months)
        return [AS_PLANNED, *(FOLLOW_UPS if several else ())]

    @cached_property
    def has_many_readings(self) -> bool:
        """Whether assumptions and follow-ups are too many to vary together with other choices."""
        effects = self.terms.dropna(subset="effect_id")
        several = effects.groupby("study_id")["effect_id"].nunique().gt(1).any()
        ways = len(self.assumptions) * len(self.follow_ups)
        return bool(several and ways > 1 and ways * len(self.study_names) > MOST_READINGS)

    def read_as(self, follow_up: str, baseline: str) -> OutcomeChoices:
        """The outcome as if one follow-up and one assumption were all that can be chosen."""
        of_studies = [terms for _, terms in self.terms.groupby("study_id", sort=False)]
        terms = pd.concat([at_follow_up(t, self.reports.months, follow_up) for t in of_studies])
        return replace(
            self,
            terms=terms,
            alternatives=self.alternatives[self.alternatives["of_effect"].isin(terms["effect_id"])],
            # All rows hang on the only assumption there is.
            assumptions={AS_PLANNED: replace(self.assumptions[baseline], about="planned")},
            reports=replace(self.reports, months={}),
        )

    @cached_property
    def places(self) -> dict[str, int]:
        """Place of each study among `study_names`."""
        return {study: i for i, study in enumerate(self.study_names)}

    @cached_property
    def _experimental(self) -> NDArray[np.bool_]:
        by_study = self.studies.set_index("study_id")
        # Empty where the protocol has no study design among its moderators.
        designs = by_study.get("moderator_design", pd.Series(dtype=str)).to_dict()
        return np.array([designs.get(study) == EXPERIMENTAL for study in self.study_names])

    @cached_property
    def _numeric(self) -> NDArray[np.bool_]:
        return np.isin(self.study_names, list(numeric_studies(self.terms)))

    @cached_property
    def _stated(self) -> NDArray[np.bool_]:
        return np.isin(self.study_names, list(studies_of_stated_significance(self.terms)))

    @cached_property
    def _not_high_risk(self) -> NDArray[np.bool_]:
        return ~np.isin(self.study_names, list(self.reports.high_risk))

    def included(self, choice: Choice) -> NDArray[np.bool_]:
        """Whether a choice analyses each of the outcome's studies, oldest first."""
        included = np.ones(len(self.study_names), dtype=bool)
        if choice.design == EXPERIMENTAL:
            included &= self._experimental
        if choice.evidence == NUMBERS:
            included &= self._numeric
        if choice.evidence == STATED:
            included &= self._stated
        if choice.risk_of_bias == NOT_HIGH:
            included &= self._not_high_risk
        included[[self.places[study] for study in choice.without]] = False
        return included

    def included_studies(self, choice: Choice) -> list[str]:
        """Studies that a choice analyses."""
        return list(compress(self.study_names, self.included(choice)))


def variations(outcome: OutcomeChoices) -> list[tuple[str, str, Choice]]:
    """Analyses that differ from the planned one in one choice, and studies added by year."""
    planned, names = outcome.planned, outcome.study_names
    without = [("leave_one_out", name, {"without": frozenset({name})}) for name in names]
    routes = [
        ("route", f"{study}: {name}", {"routes": ((study, name),)})
        for study, names_of_routes in outcome.other_routes().items()
        for name in names_of_routes
    ]
    otherwise = outcome.adjusted_otherwise()
    steps = np.unique(np.linspace(0, len(names) - 1, MOST_STEPS).round().astype(int))
    changes: list[tuple[str, str, dict[str, Any]]] = [
        ("planned", "as planned", {}),
        *(without if len(names) > 1 else []),
        *(("priors", name, {"priors": name}) for name in list(outcome.priors)[1:]),
        *(
            (assumptions.about, name, {"baseline": name})
            for name, assumptions in list(outcome.assumptions.items())[1:]
        ),
        *(("design", design, {"design": design}) for design in _designs(outcome)[1:]),
        *(("evidence", kind, {"evidence": kind}) for kind in _kinds_of_evidence(outcome)[1:]),
        *(("risk_of_bias", risk, {"risk_of_bias": risk}) for risk in _risks(outcome)[1:]),
        *(("follow_up", which, {"follow_up": which}) for which in outcome.follow_ups[1:]),
        *([("adjustment", "adjusted_otherwise", {"routes": otherwise})] if otherwise else []),
        *routes,
        *(("cumulative", names[i], {"without": frozenset(names[i + 1 :])}) for i in steps),
    ]
    return [(kind, name, replace(planned, **change)) for kind, name, change in changes]


def pairs_left_out(outcome: OutcomeChoices) -> list[Choice]:
    """The planned analysis without each pair of studies, where two others at least remain.

    None where the pairs are more than `MOST_PAIRS`.
    """
    names, planned = outcome.study_names, outcome.planned
    if len(names) < 4 or math.comb(len(names), 2) > MOST_PAIRS:
        return []
    return [replace(planned, without=frozenset(pair)) for pair in combinations(names, 2)]


def multiverse(outcome: OutcomeChoices, most: int, seed: int) -> tuple[list[Choice], int]:
    """Return the product of all choices, or a random part of it where it is too large.

    Where the outcome has many readings, assumptions and follow-ups stay as planned: `variations`
    has them one at a time.

    Returns `possible`: size of the whole product, or `LARGEST` where it is larger still.
    """
    by_study = [
        [(study, name) for name in (AS_PLANNED, *routes)]
        for study, routes in outcome.other_routes().items()
    ]
    left_out: list[frozenset[str]] = [frozenset()]
    if len(outcome.study_names) > 1:
        left_out += [frozenset({study}) for study in outcome.study_names]
    only_planned = outcome.has_many_readings
    factors: list[list[Any]] = [
        list(outcome.priors),
        [AS_PLANNED] if only_planned else list(outcome.assumptions),
        _designs(outcome),
        _kinds_of_evidence(outcome),
        _risks(outcome),
        [AS_PLANNED] if only_planned else outcome.follow_ups,
        left_out,
        *by_study,
    ]
    sizes = [len(factor) for factor in factors]
    possible = math.prod(sizes)
    choices = []
    for at in _places(sizes, most, seed):
        values = [factor[i] for factor, i in zip(factors, at, strict=True)]
        priors, baseline, design, evidence, risk, follow_up, without, *readings = values
        routes = tuple(route for route in readings if route[1] != AS_PLANNED)
        choice = Choice(priors, baseline, design, evidence, risk, follow_up, routes, without)
        if outcome.included(choice).any():
            choices.append(choice)
    return choices, min(possible, LARGEST)


def _places(sizes: list[int], most: int, seed: int) -> Iterable[Sequence[int]]:
    """Places of a product, in order: all of them, or so many at random, each once."""
    possible, rng = math.prod(sizes), np.random.default_rng(seed)
    if possible <= most:
        return product(*map(range, sizes))
    if possible <= LARGEST:
        chosen = np.sort(rng.choice(possible, most, replace=False))
        return np.stack(np.unravel_index(chosen, sizes), axis=1)
    # There are more combinations than a machine integer can count, so that drawing the same one
    # twice is practically impossible.
    return np.unique(rng.integers(sizes, size=(most, len(sizes))), axis=0)


def choice_columns(choices: list[Choice]) -> pd.DataFrame:
    """Choices as columns, one row each."""
    return pd.DataFrame(
        {
            "priors": [c.priors for c in choices],
            "baseline": [c.baseline for c in choices],
            "design": [c.design for c in choices],
            "evidence": [c.evidence for c in choices],
            "risk_of_bias": [c.risk_of_bias for c in choices],
            "follow_up": [c.follow_up for c in choices],
            "left_out": [" ".join(sorted(c.without)) or "none" for c in choices],
            "routes": ["; ".join(f"{s}: {r}" for s, r in c.routes) or AS_PLANNED for c in choices],
        }
    )


def subsets(outcome: OutcomeChoices, most: int, seed: int) -> list[Choice]:
    """All subsets of the studies, or a random part of them where they are too many (GOSH).

    Of many studies fewer subsets are taken, with `MOST_MEMBERS` studies in all.

    Olkin, Dahabreh and Trikalinos 2012, Research Synthesis Methods 3, 214-223.
    """
    names, planned = outcome.study_names, outcome.planned
    rng = np.random.default_rng(seed)
    most = min(most, max(1, MOST_MEMBERS // len(names)))
    if 2 ** len(names) - 1 <= most:
        members = np.array(list(product([False, True], repeat=len(names))))[1:]
    else:
        # Each subset is equally likely, and none is taken twice.
        members = np.zeros((0, len(names)), dtype=bool)
        while len(members) < most:
            drawn = rng.random((most, len(names))) < 0.5
            members = np.concatenate([members, drawn[drawn.any(axis=1)]])
            members = members[np.sort(np.unique(members, axis=0, return_index=True)[1])]
        members = members[:most]
    return [
        replace(planned, without=frozenset(np.array(names)[~member].tolist())) for member in members
    ]


def _designs(outcome: OutcomeChoices) -> list[str]:
    """All designs, and experimental ones alone where that is another set of studies."""
    alone = replace(outcome.planned, design=EXPERIMENTAL)
    return [ALL, EXPERIMENTAL] if _narrows(outcome, alone) else [ALL]


def _kinds_of_evidence(outcome: OutcomeChoices) -> list[str]:
    """All evidence, and what counts alone where that is another set of studies."""
    alone = {kind: replace(outcome.planned, evidence=kind) for kind in (NUMBERS, STATED)}
    return [ALL, *(kind for kind, choice in alone.items() if _narrows(outcome, choice))]


def _risks(outcome: OutcomeChoices) -> list[str]:
    """All risks of bias, and not the high ones where that is another set of studies."""
    alone = replace(outcome.planned, risk_of_bias=NOT_HIGH)
    return [ALL, NOT_HIGH] if _narrows(outcome, alone) else [ALL]


def _narrows(outcome: OutcomeChoices, choice: Choice) -> bool:
    """Whether a choice leaves some of the studies, but not all."""
    included = outcome.included(choice)
    return bool(included.any() and not included.all())
