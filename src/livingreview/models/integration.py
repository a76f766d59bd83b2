"""The `quadrature` engine over all models of a review, in the form of `pooled.csv`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import pandas as pd

from livingreview.effects.data_set import Dataset
from livingreview.effects.design_matrix import Refusal
from livingreview.effects.specification import Specification
from livingreview.models.quadrature.engine import answer, tabulated
from livingreview.tables.models import IntegratedFits, Pooled


def integrate_models(
    cases: Iterable[tuple[str, Dataset, Specification]], limit: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Answer every model that integration can serve, and say why not the others.

    Parameters
    ----------
    cases : iterable of (outcome, data, specification)
    limit : float
        Log odds ratio below which an effect is practically none.

    Returns
    -------
    pooled : DataFrame
        Columns of `livingreview.tables.Pooled`.
    integrated : DataFrame
        Columns of `livingreview.tables.IntegratedFits`.
    """
    # The models of an outcome follow one another, and share their tables.
    tabulate = lru_cache(maxsize=1)(tabulated)
    pooled: list[dict[str, Any]] = []
    told: list[dict[str, Any]] = []
    for outcome, data, specification in cases:
        fit = f"{outcome}/{specification.name}"
        row: dict[str, Any] = {"fit": fit, "status": "answered", "reason": None, "movement": None}
        try:
            if specification.model.kind != "hierarchical":
                raise Refusal(f"a {specification.model.kind} model is sampled only")
            priors = specification.model.priors
            result = answer(data, specification.design, priors, limit, tabulate)
            if not result.converged:
                raise Refusal(f"quantiles still move by {result.movement:.1e} on refinement")
            row["movement"] = result.movement
            common = {"fit": fit, "outcome": outcome, "model": specification.name}
            for quantity, figures in result.quantities.items():
                pooled.append(common | {"engine": "quadrature", "quantity": quantity} | figures)
        except Refusal as refusal:
            row |= {"status": "refused", "reason": str(refusal)}
        told.append(row)
    return Pooled.frame(pooled), IntegratedFits.frame(told)
