"""What the rule on sizes looks at: people with numbers, and pooled effects under two prior sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from livingreview.effects.data_set import Dataset
from livingreview.effects.design_matrix import ALL_STUDIES
from livingreview.effects.specification import Specification
from livingreview.models.quadrature.engine import integrate_models, tabulated
from livingreview.models.quadrature.locations import Likelihoods
from livingreview.protocol.models import Priors
from livingreview.tables.models import SizeEvidence

# Columns of the medians under either prior set.
MEDIANS = ("median_first", "median_second")


def size_evidence(
    cases: Iterable[tuple[str, Dataset, Specification]],
    pooled: pd.DataFrame,
    sets: Mapping[str, Priors],
    limit: float,
    tabulate: Callable[[Dataset], Likelihoods] = tabulated,
) -> pd.DataFrame:
    """One row per model that integration serves, and setting.

    Parameters
    ----------
    cases : iterable
        As of `livingreview.models.quadrature.engine.integrate_models`.
    pooled : DataFrame
        What that function answers: the medians of models whose priors are one of the sets.
    sets : mapping of str to Priors
        The two prior sets of the protocol's rule, in its order.
    tabulate : callable
        As of that function.

    Returns
    -------
    DataFrame
        Columns of `livingreview.tables.models.SizeEvidence`.
    """
    served = [case for case in cases if case[2].model.kind == "hierarchical"]
    medians = [_medians(served, pooled, priors, limit, tabulate) for priors in sets.values()]
    rows = []
    for outcome, data, specification in served:
        design = specification.design.of_effects(data.effect_studies, data.effects)
        people, has_number = data.people, data.has_number
        fit = f"{outcome}/{specification.name}"
        for setting, included in zip(design.settings, design.setting_rows, strict=True):
            quantity = "mu" if setting == ALL_STUDIES else f"mu[{setting}]"
            of_sets = [by_quantity.get((fit, quantity), np.nan) for by_quantity in medians]
            rows.append(
                {
                    "fit": fit,
                    "setting": setting,
                    "people": float(np.rint(people[included].sum())),
                    "people_with_numbers": float(np.rint(people[included & has_number].sum())),
                    "all_numbers": bool(has_number[included].all()),
                    **dict(zip(MEDIANS, of_sets, strict=True)),
                }
            )
    return SizeEvidence.frame(rows)


def _medians(
    cases: list[tuple[str, Dataset, Specification]],
    pooled: pd.DataFrame,
    priors: Priors,
    limit: float,
    tabulate: Callable[[Dataset], Likelihoods],
) -> dict[tuple[str, str], float]:
    """Median of every pooled quantity under one prior set, by fit and quantity."""
    other = [case for case in cases if case[2].model.priors != priors]
    integrated, _ = integrate_models(
        (
            (outcome, data, replace(s, model=s.model.model_copy(update={"priors": priors})))
            for outcome, data, s in other
        ),
        limit,
        tabulate,
    )
    answered = pooled[~pooled["fit"].isin({f"{outcome}/{s.name}" for outcome, _, s in other})]
    medians: dict[tuple[str, str], float] = {}
    for table in (answered, integrated):
        medians |= table.set_index(["fit", "quantity"])["q50"].to_dict()
    return medians
