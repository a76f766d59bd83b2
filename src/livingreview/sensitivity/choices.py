"""Stage 6: the pooled effect under every choice that could have been made otherwise.

A *choice* is a prior set, an assumed frequency in the control arm, which designs and which
evidence count, which of several routes an effect is analysed by, and which study is left
out. Each analysis is a `Choice`; all of an outcome's analyses are integrated in one go on
shared study tables (`livingreview.models.quadrature.pooled_effect`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import compress, product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from livingreview.effects.data_set import Dataset, dataset
from livingreview.effects.specification import numeric_studies
from livingreview.effects.terms import with_route
from livingreview.models.quadrature.engine import STATISTICS
from livingreview.models.quadrature.marginals import MEDIAN
from livingreview.models.quadrature.normal import TOLERANCE
from livingreview.models.quadrature.pooled_effect import (
    PooledEffects,
    common_effects,
    pooled_effects,
)
from livingreview.models.quadrature.study_tables import StudyLikelihoods
from livingreview.protocol.models import Priors
from livingreview.protocol.outcomes import AS_PLANNED, BaselinePriors
from livingreview.protocol.priors import Prior

ALL = "all"
NUMBERS = "numbers"
EXPERIMENTAL = "experimental"

# At most so many steps of the cumulative analysis, and memberships of a study in a subset: with ten
# thousand studies a step for each would take an hour, and all subsets a table of a gigabyte.
MOST_STEPS = 200
MOST_MEMBERS = 2_000_000
# Analyses whose standard errors are within this factor of one another share a grid.
ALIKE = 4.0
# The largest number that a table holds.
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
class Outcome:
    """All that an outcome's analyses may choose from.

    Attributes
    ----------
    terms, alternatives, studies : DataFrame
        Terms as planned, those of the other routes, and the studies (stage 1 and 2).
    baselines : dict of BaselinePriors
        By name; the first is `AS_PLANNED`.
    priors : dict of Priors
        Prior sets by name; the first is the planned one.
    """

    name: str
    terms: pd.DataFrame
    alternatives: pd.DataFrame
    studies: pd.DataFrame
    baselines: dict[str, BaselinePriors]
    priors: dict[str, Priors]

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
        found: dict[str, dict[str, tuple[str, int, str]]] = {}
        columns = ["study_id", "of_effect", "piece", "choice", "kind"]
        routes = self.alternatives[columns].drop_duplicates()
        for row in routes.itertuples(index=False):
            name = f"piece {int(row.piece) + 1}, {row.kind}: {row.choice}"
            route = (str(row.of_effect), int(row.piece), str(row.choice))
            found.setdefault(str(row.study_id), {})[name] = route
        return found


class Analyses:
    """Study tables of an outcome in every reading, ready for any list of choices."""

    def __init__(self, outcome: Outcome) -> None:
        """Lay out one row per study, route and assumption on the control arm that matters to it.

        Raises
        ------
        Refusal
            If a study gives several effects on the outcome.
        """
        self.outcome = outcome
        of_study = outcome.studies.set_index("study_id")
        # Empty where the protocol has no study design among its moderators.
        designs = of_study.get("moderator_design", pd.Series(dtype=str)).to_dict()
        names = outcome.study_names
        self._place = {study: i for i, study in enumerate(names)}
        self._experimental = np.array([designs.get(study) == EXPERIMENTAL for study in names])
        self._numeric = np.isin(names, list(numeric_studies(outcome.terms)))
        readings: list[Dataset] = []
        self._row: dict[tuple[str, str, str], int] = {}
        planned = outcome.baselines[AS_PLANNED]
        for study, route, terms in self._readings():
            data = dataset(terms, planned)
            for baseline, priors in outcome.baselines.items():
                # Only a finding depends on the assumption; other rows are shared.
                if baseline == AS_PLANNED or data.interval_effect.size:
                    readings.append(_with_findings_prior(data, priors.findings))
                self._row[study, route, baseline] = len(readings) - 1
        self._likelihoods = StudyLikelihoods.of(readings)

    def _readings(self) -> Iterator[tuple[str, str, pd.DataFrame]]:
        """Terms of each study alone, as planned and by its other routes."""
        outcome = self.outcome
        routes = outcome.other_routes()
        of_study = dict(iter(outcome.terms.groupby("study_id")))
        for study in outcome.study_names:
            terms = of_study[study]
            yield study, AS_PLANNED, terms
            for name, route in routes.get(study, {}).items():
                yield study, name, with_route(terms, outcome.alternatives, *route)

    def included(self, choice: Choice) -> NDArray[np.bool_]:
        """Whether a choice analyses each of the outcome's studies, oldest first."""
        kept = np.ones(len(self._place), dtype=bool)
        if choice.design == EXPERIMENTAL:
            kept &= self._experimental
        if choice.evidence == NUMBERS:
            kept &= self._numeric
        kept[[self._place[study] for study in choice.without]] = False
        return kept

    def studies(self, choice: Choice) -> list[str]:
        """Studies that a choice analyses."""
        return list(compress(self.outcome.study_names, self.included(choice)))

    def _membership(self, choices: list[Choice]) -> NDArray[np.bool_]:
        """Rows that each choice analyses."""
        names = self.outcome.study_names
        planned = {
            baseline: np.array([self._row[study, AS_PLANNED, baseline] for study in names])
            for baseline in self.outcome.baselines
        }
        membership = np.zeros((len(choices), len(self._likelihoods.names)), dtype=bool)
        for of_rows, choice in zip(membership, choices, strict=True):
            included, rows = self.included(choice), planned[choice.baseline]
            of_rows[rows[included]] = True
            for study, route in choice.routes:
                place = self._place[study]
                if included[place]:
                    of_rows[rows[place]] = False
                    of_rows[self._row[study, route, choice.baseline]] = True
        return membership

    def common_effects(self, choices: list[Choice]) -> NDArray[np.float64]:
        """Pooled effect (median) under each choice as if all studies had one effect.

        All choices are taken with the planned priors.
        """
        priors = self.outcome.priors[self.outcome.planned.priors]
        return common_effects(self._likelihoods, self._membership(choices), priors)

    def pooled(self, choices: list[Choice], limit: float) -> pd.DataFrame:
        """Posterior of the pooled effect under each choice.

        Returns
        -------
        DataFrame
            Columns studies, the quantiles of `pooled.csv`, p_above_zero, p_below_zero, tau
            (its median) and movement; one row per choice, in their order.
        """
        membership = self._membership(choices)
        # Apart, as each needs a grid of its own reach and step: prior sets, and how much is known.
        precision = np.einsum("ij,j->i", membership, 1 / self._likelihoods.width**2)
        alike = pd.DataFrame(
            {
                "priors": [choice.priors for choice in choices],
                "scale": np.floor(np.log(precision + TOLERANCE) / (2 * np.log(ALIKE))),
            }
        )
        parts, order = [], []
        for (name, _), at in alike.groupby(["priors", "scale"], sort=False).indices.items():
            priors = self.outcome.priors[name]
            rows = membership[at].any(axis=0)
            likelihoods = self._likelihoods.only(rows)
            parts.append(pooled_effects(likelihoods, membership[at][:, rows], priors, limit))
            order.append(at)
        found = PooledEffects.joined(parts).taken(np.argsort(np.concatenate(order)))
        table = pd.DataFrame(found.mu.quantiles, columns=list(STATISTICS))
        table.insert(0, "studies", membership.sum(axis=1))
        return table.assign(
            p_above_zero=np.clip(found.mu.above, 0, 1),
            p_below_zero=np.clip(1 - found.mu.above, 0, 1),
            tau=found.tau.quantiles[:, MEDIAN],
            movement=found.movement,
            stands_still=found.movement < TOLERANCE,
        )


def variations(analyses: Analyses) -> list[tuple[str, str, Choice]]:
    """Analyses that differ from the planned one in one choice, and studies added by year."""
    outcome, planned = analyses.outcome, analyses.outcome.planned
    names = outcome.study_names
    found = [("planned", "as planned", planned)]
    if len(names) > 1:
        found += [
            ("leave_one_out", study, replace(planned, without=frozenset({study})))
            for study in names
        ]
    found += [("priors", name, replace(planned, priors=name)) for name in list(outcome.priors)[1:]]
    found += [
        ("baseline", name, replace(planned, baseline=name)) for name in list(outcome.baselines)[1:]
    ]
    for design in _designs(analyses)[1:]:
        found.append(("design", design, replace(planned, design=design)))
    for evidence in _kinds_of_evidence(analyses)[1:]:
        found.append(("evidence", evidence, replace(planned, evidence=evidence)))
    for study, routes in outcome.other_routes().items():
        found += [
            ("route", f"{study}: {name}", replace(planned, routes=((study, name),)))
            for name in routes
        ]
    steps = np.unique(np.linspace(0, len(names) - 1, MOST_STEPS).round().astype(int))
    found += [
        ("cumulative", names[i], replace(planned, without=frozenset(names[i + 1 :]))) for i in steps
    ]
    return found


def multiverse(analyses: Analyses, most: int, seed: int) -> tuple[list[Choice], int]:
    """Return the product of all choices, or a random part of it where it is too large.

    Parameters
    ----------
    most : int
        Specifications at most.

    Returns
    -------
    possible : int
        Size of the whole product, or `LARGEST` where it is larger still.
    """
    outcome = analyses.outcome
    by_study = [
        [(study, name) for name in (AS_PLANNED, *routes)]
        for study, routes in outcome.other_routes().items()
    ]
    left_out: list[frozenset[str]] = [frozenset()]
    if len(outcome.study_names) > 1:
        left_out += [frozenset({study}) for study in outcome.study_names]
    factors: list[list[Any]] = [
        list(outcome.priors),
        list(outcome.baselines),
        _designs(analyses),
        _kinds_of_evidence(analyses),
        left_out,
        *by_study,
    ]
    sizes = [len(factor) for factor in factors]
    possible = math.prod(sizes)
    found = []
    for at in _places(sizes, most, seed):
        values = [factor[i] for factor, i in zip(factors, at, strict=True)]
        routes = tuple(route for route in values[5:] if route[1] != AS_PLANNED)
        choice = Choice(values[0], values[1], values[2], values[3], routes, values[4])
        if analyses.included(choice).any():
            found.append(choice)
    return found, min(possible, LARGEST)


def _places(sizes: list[int], most: int, seed: int) -> Iterable[Sequence[int]]:
    """Places of a product, in order: all of them, or so many at random, each once."""
    possible, rng = math.prod(sizes), np.random.default_rng(seed)
    if possible <= most:
        return product(*map(range, sizes))
    if possible <= LARGEST:
        chosen = np.sort(rng.choice(possible, most, replace=False))
        return np.stack(np.unravel_index(chosen, sizes), axis=1)
    # Beyond the numbers of a machine; that two are the same is as good as impossible.
    return np.unique(rng.integers(sizes, size=(most, len(sizes))), axis=0)


def described(choices: list[Choice]) -> pd.DataFrame:
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


def subsets(analyses: Analyses, most: int, seed: int) -> list[Choice]:
    """All subsets of the studies, or a random part of them where they are too many (GOSH).

    Of many studies fewer subsets are taken, with `MOST_MEMBERS` studies in all.

    Olkin, Dahabreh and Trikalinos 2012, Research Synthesis Methods 3, 214-223.
    """
    names, planned = analyses.outcome.study_names, analyses.outcome.planned
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


def alternative_baselines(
    planned: BaselinePriors, settings: dict[str, Prior]
) -> dict[str, BaselinePriors]:
    """Assumptions on the control arm by name, the planned one first."""
    found = {AS_PLANNED: planned}
    for name, prior in settings.items():
        found[name] = BaselinePriors(findings=prior, counts=planned.counts)
    return found


def _with_findings_prior(data: Dataset, prior: Prior) -> Dataset:
    """Data of one reading with another prior of the control logit behind a finding."""
    if not data.interval_effect.size:
        return data
    location, scale = data.baseline_location.copy(), data.baseline_scale.copy()
    location[data.interval_baseline], scale[data.interval_baseline] = prior.arguments
    return replace(data, baseline_location=location, baseline_scale=scale)


def _designs(analyses: Analyses) -> list[str]:
    """All designs, and experimental ones alone where that is another set of studies."""
    alone = replace(analyses.outcome.planned, design=EXPERIMENTAL)
    return [ALL, EXPERIMENTAL] if _narrows(analyses, alone) else [ALL]


def _kinds_of_evidence(analyses: Analyses) -> list[str]:
    """All evidence, and numbers alone where that is another set of studies."""
    alone = replace(analyses.outcome.planned, evidence=NUMBERS)
    return [ALL, NUMBERS] if _narrows(analyses, alone) else [ALL]


def _narrows(analyses: Analyses, choice: Choice) -> bool:
    """Whether a choice leaves some of the studies, but not all."""
    included = analyses.included(choice)
    return bool(included.any() and not included.all())
