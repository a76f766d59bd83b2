"""Models with moderators made again with each value that sources give for a disputed one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from livingreview.base.measures import Measure
from livingreview.effects.data_set import Dataset, dataset
from livingreview.effects.design_matrix import ALL_STUDIES
from livingreview.effects.refusal import Refusal
from livingreview.effects.specification import Specification, specify
from livingreview.models.quadrature.engine import answer, tabulated
from livingreview.models.quadrature.likelihood_error import likelihood_error
from livingreview.protocol.decisions import ModeratorDecisions
from livingreview.protocol.models import ModelSpecification
from livingreview.protocol.moderators import Coding
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.synthesis.aliasing import aliasing
from livingreview.synthesis.moderator_verdicts import judged_coefficient, settings_compared
from livingreview.synthesis.size import LearntSizes
from livingreview.tables.effects import StudyModerators
from livingreview.tables.sensitivity import DisputedModerators
from livingreview.tables.statuses import ALTERNATIVE, ANALYSED

# Limit of practical equivalence, which does not matter: no probability of it is read here.
NO_LIMIT = 0.0
# Verdicts that may hang on whether a sign changes without one study.
WEAKENED_BY_ONE_STUDY = ("supported", "suggested")


@dataclass(frozen=True)
class ModeratorEvidence:
    """What models of an outcome with moderators are made from.

    Attributes
    ----------
    outcome : str
    studies, values : DataFrame
        `livingreview.tables.records.Studies` and `ModeratorValues`.
    terms : DataFrame
        Rows of `livingreview.tables.effects.Terms` of the outcome.
    baseline : BaselinePriors
    sampling_correlation : float
        As in `livingreview.effects.data_set.dataset`.
    """

    outcome: str
    studies: pd.DataFrame
    values: pd.DataFrame
    terms: pd.DataFrame
    baseline: BaselinePriors
    sampling_correlation: float = 0.0

    def read_as(self, given: pd.Series) -> ModeratorEvidence:
        """The same with another value of one moderator, a row of `values`, as the one analysed."""
        name, value = given["moderator"], given["value"]
        if pd.isna(given["effect_id"]):
            studies = self.studies.astype({f"moderator_{name}": object})
            studies.loc[studies["study_id"] == given["study_id"], f"moderator_{name}"] = value
            return replace(self, studies=studies)
        values, rows = self.values.copy(), self.values["moderator"] == name
        rows &= (values["effect_id"] == given["effect_id"]) & (values["status"] == ANALYSED)
        values.loc[rows, "value"] = value
        return replace(self, values=values)

    @property
    def moderators(self) -> pd.DataFrame:
        """Rows of `StudyModerators` of the outcome."""
        return StudyModerators.select(self.studies, self.terms, self.values)


def disputed_moderators(
    evidence: ModeratorEvidence,
    models: dict[str, ModelSpecification],
    codings: dict[str, Coding],
    rules: ModeratorDecisions,
    measure: Measure,
    learnt: LearntSizes,
) -> pd.DataFrame:
    """Coefficients and verdicts of each model under each value of its disputed moderators.

    Returns the table `DisputedModerators`. One value is changed at a time. Whether a sign changes
    without one study is looked at where the verdict may hang on it.
    """
    outcome, terms, values = evidence.outcome, evidence.terms, evidence.values
    rows: list[dict[str, Any]] = []
    if terms.empty or not (values["status"] == ALTERNATIVE).any():
        return DisputedModerators.frame(rows)
    data = dataset(terms, evidence.baseline, evidence.sampling_correlation)
    integrate = _Integrator(data, codings, rules, measure)
    holders = values["effect_id"].where(values["effect_id"].notna(), values["study_id"])
    concerned = holders.isin(terms["effect_id"]) | holders.isin(terms["study_id"])
    groups = values[concerned].groupby([holders[concerned], "moderator"], sort=False)
    for (holder, name), given in groups:
        if (given["status"] == ANALYSED).all():
            continue
        for model in (key for key, chosen in models.items() if name in chosen.moderators):
            for _, reading in given.iterrows():
                moderators = evidence.read_as(reading).moderators
                common = {"outcome": outcome, "model": model, "effect_id": holder}
                common |= {"disputed": name, "value": reading["value"]}
                common["reading"] = reading["status"]
                for row in integrate.rows(model, models[model], moderators, terms):
                    compared = row.pop("compared", [ALL_STUDIES])
                    is_learnt = learnt.of_settings(f"{outcome}/{model}", compared)
                    rows.append(common | row | {"size_learnt": is_learnt})
    return DisputedModerators.frame(rows)


class _Integrator:
    """Integrates models of one data set, whose study tables are made once."""

    def __init__(
        self,
        data: Dataset,
        codings: dict[str, Coding],
        rules: ModeratorDecisions,
        measure: Measure,
    ):
        self.data, self.codings, self.rules, self.measure = data, codings, rules, measure
        self._tabulate = lru_cache(maxsize=1)(tabulated)

    def rows(
        self, name: str, model: ModelSpecification, moderators: pd.DataFrame, terms: pd.DataFrame
    ) -> Iterable[dict[str, Any]]:
        """Rows of one model's coefficients, or one that says why there are none."""
        specifications, statuses = specify({name: model}, moderators, terms)
        try:
            if not specifications:
                raise Refusal(statuses["reason"].item())
            return list(self._judged(specifications[0], moderators))
        except Refusal as refusal:
            return [{"refused": str(refusal)}]

    def _judged(
        self, specification: Specification, moderators: pd.DataFrame
    ) -> Iterator[dict[str, Any]]:
        design = specification.design
        posterior = self._posterior(specification)
        limits = self.rules.condition_index_at_most, self.rules.told_apart_by
        aliasings = aliasing(moderators[design.included], self.codings, *limits)
        for coefficient in design.coefficients:
            beta = posterior[f"beta[{coefficient}]"]
            priors = specification.model.priors
            error = likelihood_error(self.data, design, coefficient, priors, self._tabulate)
            given = specification, coefficient, beta, error, aliasings
            row = judged_coefficient(*given, (), self.rules, self.measure)
            if row["verdict"] in WEAKENED_BY_ONE_STUDY:
                turning = self._sign_changes(specification, coefficient, beta["q50"])
                row = judged_coefficient(*given, turning, self.rules, self.measure)
            compared = settings_compared(design, coefficient)
            yield row | {"reference": compared[-1], "compared": compared}

    def _posterior(
        self, specification: Specification, without: str | None = None
    ) -> dict[str, dict[str, float]]:
        """Statistics of every quantity."""
        if specification.model.kind != "hierarchical":
            raise Refusal(f"a {specification.model.kind} model is sampled only")
        design = specification.design
        if without is not None:
            included = design.included & (np.array(design.studies) != without)
            design = replace(design, included=included)
        priors = specification.model.priors
        result = answer(self.data, design, priors, NO_LIMIT, self._tabulate)
        if not result.converged:
            raise Refusal(f"quantiles still move by {result.movement:.1e} on refinement")
        return result.quantities

    def _sign_changes(
        self, specification: Specification, coefficient: str, median: float
    ) -> tuple[str, ...]:
        """Studies without which the median of a coefficient has the other sign."""
        return tuple(
            study
            for study in specification.design.included_studies
            if self._posterior(specification, study)[f"beta[{coefficient}]"]["q50"] * median < 0
        )
