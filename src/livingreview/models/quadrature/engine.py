"""The way into the quadrature engine: data and models in, rows of `pooled.csv` out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from livingreview.effects.data_set import Dataset
from livingreview.effects.design_matrix import ALL_STUDIES, DesignMatrix
from livingreview.effects.refusal import Refusal
from livingreview.effects.specification import Specification
from livingreview.models.quadrature.bias_adjusted import bias_adjusted
from livingreview.models.quadrature.coefficients import coefficients
from livingreview.models.quadrature.locations import Likelihoods, likelihoods_of
from livingreview.models.quadrature.marginals import Marginal
from livingreview.models.quadrature.nested_normal import NestedTerms, integrate_nested
from livingreview.models.quadrature.normal import (
    TOLERANCE,
    Draw,
    NormalTerms,
    RegressionAnswers,
    integrate,
)
from livingreview.protocol.models import Priors
from livingreview.tables.models import IntegratedFits, IntegratedPooled

# Of terms that are not normal: lattices grow too large with more.
MOST_COEFFICIENTS = 2
STATISTICS = ("q2_5", "q5", "q50", "q95", "q97_5")


def tabulated(data: Dataset) -> Likelihoods:
    """Tables of one data set."""
    return likelihoods_of([data])


# Limit of practical equivalence where no probability of it is read.
NO_LIMIT = 0.0


@dataclass(frozen=True)
class Answer:
    """Posterior of one model by integration.

    Attributes
    ----------
    quantities : dict of dict
        Statistics of `pooled.csv` by quantity.
    log_evidence : float
        Log marginal likelihood of the studies.
    movement : float
        Largest change of a quantile at the last refinement of the grid.
    draws : callable
        Independent draws: so many, by a generator.
    """

    quantities: dict[str, dict[str, float]]
    log_evidence: float
    movement: float
    draws: Draw

    @property
    def converged(self) -> bool:
        """Whether refining the grid no longer moves a quantile."""
        return self.movement < TOLERANCE


def integrate_models(
    cases: Iterable[tuple[str, Dataset, Specification]],
    limit: float,
    tabulate: Callable[[Dataset], Likelihoods] = tabulated,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Answer every model that integration can serve, and say why not the others.

    `tabulate`: makes the tables of a data set.
    """
    # The models of an outcome follow one another, and share their tables.
    tabulate = lru_cache(maxsize=1)(tabulate)
    pooled: list[dict[str, Any]] = []
    statuses: list[dict[str, Any]] = []
    for outcome, data, specification in cases:
        fit = f"{outcome}/{specification.name}"
        row: dict[str, Any] = {"fit": fit, "status": "answered", "reason": None, "movement": None}
        try:
            result = integrate_model(data, specification, limit, tabulate)
            row["movement"] = result.movement
            common = {"fit": fit, "outcome": outcome, "model": specification.name}
            for quantity, figures in result.quantities.items():
                pooled.append(common | {"engine": "quadrature", "quantity": quantity} | figures)
        except Refusal as refusal:
            row |= {"status": "refused", "reason": str(refusal)}
        statuses.append(row)
    return IntegratedPooled.frame(pooled), IntegratedFits.frame(statuses)


def integrate_model(
    data: Dataset,
    specification: Specification,
    limit: float,
    tabulate: Callable[[Dataset], Likelihoods] = tabulated,
) -> Answer:
    """Answer one model, or refuse where integration cannot serve it."""
    model = specification.model
    if model.kind == "bias_adjusted":
        result = answer_with_bias(tabulate(data), specification, limit)
    elif model.kind == "hierarchical":
        result = answer(data, specification.design, model.priors, limit, tabulate)
    else:
        raise Refusal(f"a {model.kind} model is sampled only")
    if not result.converged:
        raise Refusal(f"quantiles still move by {result.movement:.1e} on refinement")
    return result


def answer(
    data: Dataset,
    design: DesignMatrix,
    priors: Priors,
    limit: float,
    tabulate: Callable[[Dataset], Likelihoods] = tabulated,
) -> Answer:
    """Integrate one model.

    `tabulate`: makes the tables where they are needed, or has them from another model of the same
    data. Refuses more than two coefficients, and moderators that differ within a study, where terms
    are not normal.
    """
    normal_priors = priors.mu.family == priors.beta.family == "normal"
    if not np.isnan(data.estimates[1]).any() and normal_priors:
        studies = [data.studies[study] for study in data.effect_study]
        by_effect = design.of_effects(studies, data.effects)
        return _answer_of(by_effect, _normal(data, by_effect, priors, limit))
    ordered = design.of_studies(data.studies)
    return answer_from_tables(tabulate(data), ordered, priors, limit)


def answer_with_bias(
    likelihoods: Likelihoods, specification: Specification, limit: float
) -> Answer:
    """Integrate one model in which studies at high risk of bias spread more than the others.

    `likelihoods`: rows in any order.
    """
    model, design = specification.model, specification.design.of_studies(likelihoods.names)
    assert model.kappa is not None
    at_risk = np.isin(likelihoods.names, list(specification.high_risk))
    result = bias_adjusted(likelihoods, design.included, at_risk, model.priors, model.kappa, limit)
    named = {"mu": result.mu, "tau": result.tau, "kappa": result.kappa, "theta_new": result.new}
    if result.sd_within_study is not None:
        named["omega"] = result.sd_within_study
    quantities = {name: statistics(marginal) for name, marginal in named.items()}
    return Answer(quantities, result.log_evidence, result.movement, result.draws)


def answer_from_tables(
    likelihoods: Likelihoods, design: DesignMatrix, priors: Priors, limit: float
) -> Answer:
    """Integrate one model of studies whose likelihoods are tabulated.

    `likelihoods`: rows in the order of the design's studies. Refuses if there are more
    than two coefficients.
    """
    if design.columns.shape[1] > MOST_COEFFICIENTS:
        raise Refusal("more than two coefficients with terms that are not normal")
    return _answer_of(design, coefficients(likelihoods, design, priors, limit))


def _normal(data: Dataset, design: DesignMatrix, priors: Priors, limit: float) -> RegressionAnswers:
    """Normal terms and priors: closed form given tau, and the SD within studies.

    `design`: one row for each effect of the data.
    """
    study, (value, error) = data.effect_study, data.estimates
    columns = np.column_stack([np.ones(study.size), design.columns])
    included = design.included
    settings = np.column_stack([np.ones(len(design.settings)), design.setting_columns])
    if data.has_several_effects:
        nested = NestedTerms(
            value=value[included],
            error=error[included],
            study=study[included],
            columns=columns[included],
            correlation=data.correlation,
        )
        return integrate_nested(nested, priors, settings, limit)
    terms = NormalTerms(
        value=value[None],
        error=error[None],
        columns=columns[None],
        included=included[None],
    )
    return integrate(terms, priors, settings, limit)


def _answer_of(design: DesignMatrix, result: RegressionAnswers) -> Answer:
    """Marginals under the names of `pooled.csv`."""
    mu, *betas = result.coefficients
    named = {"mu": mu, "tau": result.tau, "theta_new": result.new[0]}
    named |= {f"beta[{c}]": beta for c, beta in zip(design.coefficients, betas, strict=True)}
    if design.settings != (ALL_STUDIES,):
        named |= {f"mu[{s}]": m for s, m in zip(design.settings, result.settings, strict=True)}
        named |= {f"theta_new[{s}]": m for s, m in zip(design.settings, result.new, strict=True)}
    if result.sd_within_study is not None:
        named["omega"] = result.sd_within_study
    quantities = {name: statistics(marginal) for name, marginal in named.items()}
    evidence, movement = float(result.log_evidence[0]), float(result.movement[0])
    return Answer(quantities, evidence, movement, result.draws)


def statistics(marginal: Marginal) -> dict[str, float]:
    """One row of `pooled.csv`."""
    return {
        "mean": float(marginal.mean[0]),
        "sd": float(marginal.sd[0]),
        **dict(zip(STATISTICS, map(float, marginal.quantiles[0]), strict=True)),
        "p_above_zero": _probability(marginal.above[0]),
        "p_below_zero": _probability(1 - marginal.above[0]),
        "p_practically_none": _probability(marginal.near[0]),
    }


def _probability(value: np.float64) -> float:
    """Without what rounding leaves below 0 or above 1."""
    return min(max(float(value), 0.0), 1.0)
