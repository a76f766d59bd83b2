"""The pooled effect under any list of choices, integrated in one go on shared study tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import compress
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from livingreview.effects.data_set import Dataset
from livingreview.effects.terms import with_route
from livingreview.models.quadrature.engine import STATISTICS
from livingreview.models.quadrature.locations import likelihoods_of
from livingreview.models.quadrature.marginals import MEDIAN
from livingreview.models.quadrature.normal import TOLERANCE
from livingreview.models.quadrature.pooled_effect import (
    PooledEffects,
    common_effects,
    pooled_effects,
)
from livingreview.protocol.outcomes import AS_PLANNED
from livingreview.sensitivity.arms import at_follow_up
from livingreview.sensitivity.choices import Choice, OutcomeChoices
from livingreview.synthesis.size import share_with_numbers
from livingreview.tables.effects import Terms

# Choices whose standard errors are within this factor of one another share a grid.
ALIKE = 4.0


class ChoiceIntegrator:
    """Integrates an outcome under any list of choices, on study tables that are made once."""

    def __init__(self, outcome: OutcomeChoices) -> None:
        """Lay out one row per study, route and assumption that matters to it."""
        self._apart = outcome.has_many_readings
        self._every_choice = outcome
        if self._apart:
            # Other follow-ups and assumptions are laid out when a choice needs them.
            outcome = outcome.read_as(AS_PLANNED, AS_PLANNED)
        self.outcome = outcome
        # Data sets whose studies are the rows of the tables, one after the other.
        readings: list[Dataset] = []
        # By study, route, follow-up and assumption.
        self._row: dict[tuple[str, str, str, str], int] = {}
        for routes, terms in self._batches():
            for follow_up in outcome.follow_ups:
                self._lay_out(routes, follow_up, terms, readings)
        self._likelihoods = likelihoods_of(readings)
        self._people, self._with_number = (
            np.concatenate([_by_study(data, people(data)) for data in readings])
            for people in (lambda data: data.people, lambda data: data.people * data.has_number)
        )
        without = [_by_study(data, ~data.has_number) for data in readings]
        self._all_numbers = np.concatenate(without) == 0

    def _batches(self) -> Iterator[tuple[dict[str, str], pd.DataFrame]]:
        """Readings of studies, each at most once a batch: their names by study, and their terms.

        First all as planned, then the first other reading of each that has one, and so on.
        """
        outcome = self.outcome
        yield dict.fromkeys(outcome.study_names, AS_PLANNED), outcome.terms
        others = {study: [*named.items()] for study, named in outcome.other_routes().items()}
        others = {study: others[study] for study in outcome.study_names if study in others}
        of_study = dict(iter(outcome.terms.groupby("study_id"))) if others else {}
        for number in range(max(map(len, others.values()), default=0)):
            names, rows = {}, []
            for study, named in others.items():
                if number < len(named):
                    names[study], routes = named[number]
                    terms = of_study[study]
                    for route in routes:
                        terms = with_route(terms, outcome.alternatives, *route)
                    rows += terms.to_dict("records")
            yield names, Terms.frame(rows)

    def _lay_out(
        self, routes: dict[str, str], follow_up: str, terms: pd.DataFrame, readings: list[Dataset]
    ) -> None:
        """Lay out a batch at one follow-up, once, and again under assumptions that matter to it."""
        outcome = self.outcome
        if follow_up != AS_PLANNED:
            for study, route in routes.items():
                for name in outcome.assumptions:
                    as_planned = self._row[study, route, AS_PLANNED, name]
                    self._row[study, route, follow_up, name] = as_planned
            of_studies = [of_study for _, of_study in terms.groupby("study_id", sort=False)]
            chosen = [at_follow_up(each, outcome.reports.months, follow_up) for each in of_studies]
            fewer = [
                some for some, each in zip(chosen, of_studies, strict=True) if len(some) < len(each)
            ]
            if not fewer:
                return
            terms = pd.concat(fewer)
        # The control shares of all studies inform those that are not known of some.
        with_shares = bool(readings) and readings[0].shares is not None
        data = outcome.assumptions[AS_PLANNED].data_set(terms, with_shares)
        for name, assumptions in outcome.assumptions.items():
            concerned = {*compress(data.studies, assumptions.concerned(data))}
            part = terms[terms["study_id"].isin(concerned)]
            first = sum(len(reading.studies) for reading in readings)
            if concerned:
                own = data if name == AS_PLANNED else assumptions.data_set(part, with_shares)
                readings.append(own)
                for row, study in enumerate(own.studies, start=first):
                    self._row[study, routes[study], follow_up, name] = row
            # Rows that do not hang on an assumption are those of the plan.
            for study in data.studies:
                if study not in concerned:
                    as_planned = self._row[study, routes[study], follow_up, AS_PLANNED]
                    self._row[study, routes[study], follow_up, name] = as_planned

    def _membership(self, choices: list[Choice]) -> NDArray[np.bool_]:
        """Rows that each choice analyses."""
        names = self.outcome.study_names
        planned = {
            (follow_up, baseline): np.array(
                [self._row[study, AS_PLANNED, follow_up, baseline] for study in names]
            )
            for follow_up in self.outcome.follow_ups
            for baseline in self.outcome.assumptions
        }
        membership = np.zeros((len(choices), len(self._likelihoods.names)), dtype=bool)
        for in_rows, choice in zip(membership, choices, strict=True):
            included = self.outcome.included(choice)
            taken = choice.follow_up, choice.baseline
            rows = planned[taken]
            in_rows[rows[included]] = True
            for study, route in choice.routes:
                place = self.outcome.places[study]
                if included[place]:
                    in_rows[rows[place]] = False
                    in_rows[self._row[study, route, *taken]] = True
        return membership

    def common_effects(self, choices: list[Choice]) -> NDArray[np.float64]:
        """Pooled effect (median) under each choice as if all studies had one effect.

        All choices are taken with the planned priors.
        """
        priors = self.outcome.priors[self.outcome.planned.priors]
        return common_effects(self._likelihoods, self._membership(choices), priors)

    def pooled(self, choices: list[Choice], limit: float) -> pd.DataFrame:
        """Posterior of the pooled effect under each choice.

        Returns columns studies, the quantiles of `pooled.csv`, p_above_zero, p_below_zero,
        p_practically_none, tau (its median), movement and numbers, the share of people who are in
        effects with a number; one row per choice, in their order.
        """
        if self._apart:
            return self._pooled_apart(choices, limit)
        return self._pooled_together(choices, limit)

    def _pooled_apart(self, choices: list[Choice], limit: float) -> pd.DataFrame:
        """As `pooled`, choices of each follow-up and assumption on tables of their own."""
        pairs = pd.DataFrame([(choice.follow_up, choice.baseline) for choice in choices])
        parts, order = [], []
        for pair, at in pairs.groupby([0, 1], sort=False).indices.items():
            as_planned = pair == (AS_PLANNED, AS_PLANNED)
            part = self if as_planned else ChoiceIntegrator(self._every_choice.read_as(*pair))
            of_part = [replace(choices[i], follow_up=AS_PLANNED, baseline=AS_PLANNED) for i in at]
            parts.append(part._pooled_together(of_part, limit))
            order.append(at)
        pooled = pd.concat(parts, ignore_index=True)
        return pooled.iloc[np.argsort(np.concatenate(order))].reset_index(drop=True)

    def _pooled_together(self, choices: list[Choice], limit: float) -> pd.DataFrame:
        """As `pooled`, on the tables of this integrator."""
        membership = self._membership(choices)
        # Choices with another prior set, or with much more or less precision, are integrated
        # separately, because they need a grid of another range and step.
        precision = np.einsum("ij,j->i", membership, 1 / self._likelihoods.width**2)
        groups = pd.DataFrame(
            {
                "priors": [choice.priors for choice in choices],
                "scale": np.floor(np.log(precision + TOLERANCE) / (2 * np.log(ALIKE))),
            }
        )
        parts, order = [], []
        for (name, _), at in groups.groupby(["priors", "scale"], sort=False).indices.items():
            priors = self.outcome.priors[name]
            rows = membership[at].any(axis=0)
            likelihoods = self._likelihoods.only(rows)
            of_group = membership[at] if rows.all() else membership[at][:, rows]
            parts.append(pooled_effects(likelihoods, of_group, priors, limit))
            order.append(at)
        effects = PooledEffects.concatenated(parts).reordered(np.argsort(np.concatenate(order)))
        table = pd.DataFrame(effects.mu.quantiles, columns=list(STATISTICS))
        table.insert(0, "studies", membership.sum(axis=1))
        return table.assign(
            p_above_zero=np.clip(effects.mu.above, 0, 1),
            p_below_zero=np.clip(1 - effects.mu.above, 0, 1),
            p_practically_none=np.clip(effects.mu.near, 0, 1),
            tau=effects.tau.quantiles[:, MEDIAN],
            movement=effects.movement,
            stands_still=effects.movement < TOLERANCE,
            numbers=self._numbers(membership),
        )

    def _numbers(self, membership: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Share of people who are in effects with a number, under each choice."""
        # Parts of it become numbers in turn: all of them at once would be eight times as large.
        people, with_number = (
            np.rint(np.einsum("ij,j->i", membership, of_rows))
            for of_rows in (self._people, self._with_number)
        )
        all_numbers = ~membership[:, ~self._all_numbers].any(axis=1)
        return share_with_numbers(people, with_number, all_numbers)


def _by_study(data: Dataset, of_effects: NDArray[Any]) -> NDArray[np.float64]:
    """Sums of a number of each effect over the effects of each study."""
    return np.bincount(data.effect_study, of_effects, len(data.studies))
