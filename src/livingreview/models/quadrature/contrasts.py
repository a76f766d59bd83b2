"""Contrasts of two outcomes by integration: from which studies, with which correlation and law."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pandas as pd

from livingreview.base.steps import LOG
from livingreview.effects.data_set import dataset
from livingreview.effects.refusal import Refusal
from livingreview.models.quadrature.engine import statistics
from livingreview.models.quadrature.two_outcomes import (
    Evidence,
    TwoOutcomes,
    correlation_shape,
    two_outcomes,
)
from livingreview.protocol.models import JOINT, ModelSpecification
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.tables.models import IntegratedContrasts

# Studies used, those that report both outcomes or all that report one of them; correlation of a
# study's effects, with its prior or known to be 0; law of statements from small groups.
ANSWER = ("both", "estimated", "exact")
# As sampled, which knows one law of statements.
SAMPLED = ("both", "estimated", "normal")
OTHERS = (("both", "none", "exact"), ("all", "estimated", "exact"), ("all", "none", "exact"))


def integrate_contrasts(
    terms: dict[str, pd.DataFrame],
    models: dict[str, ModelSpecification],
    baselines: dict[str, BaselinePriors],
    sampling_correlation: float,
    limit: float,
) -> pd.DataFrame:
    """Answer every contrast that integration can serve.

    `terms`: rows of `livingreview.tables.effects.Terms` by outcome. Returns columns of
    `livingreview.tables.models.IntegratedContrasts`.
    """
    rows: list[dict[str, Any]] = []
    for model in models.values():
        outcomes = sum(not of_outcome.empty for of_outcome in terms.values())
        assert model.lkj is not None
        shape = correlation_shape(model.lkj, outcomes)
        for name, pair in model.differences.items():
            try:
                of_pair = {outcome: terms[outcome] for outcome in pair}
                priors = {outcome: baselines[outcome] for outcome in pair}
                rows += _contrast(name, of_pair, model, priors, sampling_correlation, shape, limit)
            except Refusal as refusal:
                LOG.info("%s/%s: sampled only, as %s", JOINT, name, refusal)
    return IntegratedContrasts.frame(rows)


def _contrast(
    name: str,
    terms: dict[str, pd.DataFrame],
    model: ModelSpecification,
    baselines: dict[str, BaselinePriors],
    sampling_correlation: float,
    shape: float,
    limit: float,
) -> list[dict[str, Any]]:
    """Rows of one contrast; refuses where no study reports both outcomes."""
    first, second = (set(of_outcome["study_id"]) for of_outcome in terms.values())
    studies = {"both": first & second, "all": first | second}
    fewest = {"both": len(first & second), "all": min(len(first), len(second))}
    if not studies["both"]:
        raise Refusal("no study reports both outcomes")

    @cache
    def evidence(used: str, law: str) -> Evidence:
        of_studies = (rows[rows["study_id"].isin(studies[used])] for rows in terms.values())
        data = [
            dataset(rows, baselines[outcome], sampling_correlation)
            for outcome, rows in zip(terms, of_studies, strict=True)
        ]
        if law == "normal":
            if not any(of_outcome.exact_statements.size for of_outcome in data):
                return evidence(used, "exact")
            data = [of_outcome.with_statement_law("normal") for of_outcome in data]
        return Evidence.of(*data)

    @cache
    def integrated(of: Evidence, correlation: str) -> TwoOutcomes:
        result = two_outcomes(
            of, model.priors, shape if correlation == "estimated" else None, limit
        )
        if not result.converged:
            raise Refusal(f"quantiles still move by {result.movement:.1e} on refinement")
        return result

    rows = []
    for used, correlation, law in (ANSWER, SAMPLED, *OTHERS):
        common = {
            "fit": f"{JOINT}/{name}",
            "outcome": JOINT,
            "model": name,
            "engine": "quadrature",
            "studies_used": used,
            "studies": fewest[used],
            "correlation": correlation,
            "law": law,
        }
        result = integrated(evidence(used, law), correlation)
        rows += [common | row for row in _quantities(name, list(terms), result)]
    return rows


def chosen(rows: pd.DataFrame, choice: tuple[str, str, str]) -> pd.DataFrame:
    """Rows of `IntegratedContrasts` of one choice, such as `ANSWER`."""
    used, correlation, law = choice
    return rows[
        (rows["studies_used"] == used) & (rows["correlation"] == correlation) & (rows["law"] == law)
    ]


def _quantities(name: str, outcomes: list[str], result: TwoOutcomes) -> Iterator[dict[str, Any]]:
    """Statistics of each quantity under its name in `pooled.csv`."""
    for variable, marginals in (("mu", result.mu), ("tau", result.tau)):
        for outcome, marginal in zip(outcomes, marginals, strict=True):
            yield {"quantity": f"{variable}[{outcome}]"} | statistics(marginal)
    yield {"quantity": f"contrast[{name}]"} | statistics(result.contrast)
