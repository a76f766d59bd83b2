"""Every choice of an analysis that could have been made otherwise, alone and together.

A *choice* is a prior set, an assumed frequency in the control arm, which designs and which
evidence count, which of several routes an effect is analysed by, and which study is left
out. Each analysis is a `Choice`; `livingreview.sensitivity.integration` has its answer.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import compress, product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from livingreview.effects.specification import numeric_studies
from livingreview.protocol.models import Priors
from livingreview.protocol.outcomes import AS_PLANNED, Better
from livingreview.sensitivity.assumptions import Assumptions

ALL = "all"
NUMBERS = "numbers"
EXPERIMENTAL = "experimental"

# Most steps of the cumulative analysis: with ten thousand studies, one step each would take an
# hour. Most entries (study in subset) of the table of subsets: more would fill a gigabyte.
MOST_STEPS = 200
MOST_MEMBERS = 2_000_000
# Largest integer that a table can store.
LARGEST = int(np.iinfo(np.int64).max)


@dataclass(frozen=True)
class Choice:
    """One way to analyse an outcome.

    Attributes
    ----------
    priors, baseline : str
        Name of a prior set, and of an assumption on the control arm.
    design, evidence : str
        ``all`` or ``experimental``; ``all`` or ``numbers``.
    routes : tuple of (str, str)
        Study and route, for the effects not analysed as planned.
    without : frozenset of str
        Studies left out.
    """

    priors: str
    baseline: str = AS_PLANNED
    design: str = ALL
    evidence: str = ALL
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
    """

    name: str
    terms: pd.DataFrame
    alternatives: pd.DataFrame
    studies: pd.DataFrame
    assumptions: dict[str, Assumptions]
    priors: dict[str, Priors]
    better: Better

    @property
    def planned(self) -> Choice:
        """The analysis of the protocol."""
        return Choice(next(iter(self.priors)))

    @cached_property
    def study_names(self) -> list[str]:
        """Studies with an analysed effect, oldest first."""
        years = self.studies.set_index("study_id")["year"]
        return sorted(self.terms["study_id"].unique(), key=lambda s: (years[s], s))

    def other_routes(self) -> dict[str, dict[str, tuple[str, int, str]]]:
        """By study, names of the other routes of its effect, and what `with_route` needs."""
        by_study: dict[str, dict[str, tuple[str, int, str]]] = {}
        columns = ["study_id", "of_effect", "piece", "choice", "kind"]
        routes = self.alternatives[columns].drop_duplicates()
        for row in routes.itertuples(index=False):
            name = f"piece {int(row.piece) + 1}, {row.kind}: {row.choice}"
            route = (str(row.of_effect), int(row.piece), str(row.choice))
            by_study.setdefault(str(row.study_id), {})[name] = route
        return by_study

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

    def included(self, choice: Choice) -> NDArray[np.bool_]:
        """Whether a choice analyses each of the outcome's studies, oldest first."""
        included = np.ones(len(self.study_names), dtype=bool)
        if choice.design == EXPERIMENTAL:
            included &= self._experimental
        if choice.evidence == NUMBERS:
            included &= self._numeric
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
        *routes,
        *(("cumulative", names[i], {"without": frozenset(names[i + 1 :])}) for i in steps),
    ]
    return [(kind, name, replace(planned, **change)) for kind, name, change in changes]


def multiverse(outcome: OutcomeChoices, most: int, seed: int) -> tuple[list[Choice], int]:
    """Return the product of all choices, or a random part of it where it is too large.

    Returns `possible`: size of the whole product, or `LARGEST` where it is larger still.
    """
    by_study = [
        [(study, name) for name in (AS_PLANNED, *routes)]
        for study, routes in outcome.other_routes().items()
    ]
    left_out: list[frozenset[str]] = [frozenset()]
    if len(outcome.study_names) > 1:
        left_out += [frozenset({study}) for study in outcome.study_names]
    factors: list[list[Any]] = [
        list(outcome.priors),
        list(outcome.assumptions),
        _designs(outcome),
        _kinds_of_evidence(outcome),
        left_out,
        *by_study,
    ]
    sizes = [len(factor) for factor in factors]
    possible = math.prod(sizes)
    choices = []
    for at in _places(sizes, most, seed):
        values = [factor[i] for factor, i in zip(factors, at, strict=True)]
        routes = tuple(route for route in values[5:] if route[1] != AS_PLANNED)
        choice = Choice(values[0], values[1], values[2], values[3], routes, values[4])
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
    """All evidence, and numbers alone where that is another set of studies."""
    alone = replace(outcome.planned, evidence=NUMBERS)
    return [ALL, NUMBERS] if _narrows(outcome, alone) else [ALL]


def _narrows(outcome: OutcomeChoices, choice: Choice) -> bool:
    """Whether a choice leaves some of the studies, but not all."""
    included = outcome.included(choice)
    return bool(included.any() and not included.all())
