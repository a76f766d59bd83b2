"""The same models with other laws of statements from small groups."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import pandas as pd

from livingreview.effects.data_set import Dataset
from livingreview.effects.forms.form import StatementLaw
from livingreview.effects.specification import Specification
from livingreview.models.quadrature.engine import integrate_models
from livingreview.tables.models import StatementLaws

# Besides the exact law, with Pearson's test where a source names none.
OTHER_LAWS: tuple[StatementLaw, ...] = ("normal", "wald")


def integrate_laws(
    cases: Iterable[tuple[str, Dataset, Specification]], limit: float
) -> pd.DataFrame:
    """Answer every model that a statement with an exact law enters, by each of the other laws.

    Parameters and columns as of `livingreview.models.quadrature.engine.integrate_models`, with
    the law.
    """
    affected = [case for case in cases if _has_exact_statements(*case[1:])]
    # The models of an outcome share one data set, and so their tables.
    with_law = cache(Dataset.with_statement_law)
    parts = []
    for law in OTHER_LAWS:
        pooled, _ = integrate_models(
            ((outcome, with_law(data, law), model) for outcome, data, model in affected), limit
        )
        parts.append(pooled.assign(law=law))
    rows = [row for part in parts for row in part.to_dict("records")]
    return StatementLaws.frame(rows)


def _has_exact_statements(data: Dataset, specification: Specification) -> bool:
    """Whether the model includes a statement that has an exact law."""
    design = specification.design.of_effects(data.effect_studies, data.effects)
    return bool(design.included[data.exact_statements].any())
