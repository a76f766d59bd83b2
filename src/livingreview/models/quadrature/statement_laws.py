"""The same models with other laws of statements from small groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import groupby
from operator import itemgetter

import pandas as pd

from livingreview.effects.data_set import Dataset
from livingreview.effects.forms.form import StatementLaw
from livingreview.effects.specification import Specification
from livingreview.models.quadrature.engine import integrate_models, tabulated
from livingreview.models.quadrature.locations import Likelihoods
from livingreview.models.quadrature.nested_likelihoods import NestedLikelihoods
from livingreview.tables.models import StatementLaws

# Besides the exact law, with Pearson's test where a source names none.
OTHER_LAWS: tuple[StatementLaw, ...] = ("normal", "wald")


def integrate_laws(
    cases: Iterable[tuple[str, Dataset, Specification]],
    limit: float,
    tabulate: Callable[[Dataset], Likelihoods] = tabulated,
) -> pd.DataFrame:
    """Answer every model that a statement with an exact law enters, by each of the other laws.

    Parameters and columns as of `livingreview.models.quadrature.engine.integrate_models`, with
    the law.
    """
    affected = [case for case in cases if _has_exact_statements(*case[1:])]
    rows = []
    # The models of an outcome follow one another, and share one data set.
    for data, of_data in groupby(affected, key=itemgetter(1)):
        models = [(outcome, model) for outcome, _, model in of_data]
        likelihoods = tabulate(data)
        for law in OTHER_LAWS:
            reread = data.with_statement_law(law)
            pooled, _ = integrate_models(
                [(outcome, reread, model) for outcome, model in models],
                limit,
                partial(_by_law, likelihoods),
            )
            rows += pooled.assign(law=law).to_dict("records")
    rows.sort(key=lambda row: OTHER_LAWS.index(row["law"]))
    return StatementLaws.frame(rows)


def _by_law(likelihoods: Likelihoods, data: Dataset) -> Likelihoods:
    """Tables of a data set by another law than that of known ones."""
    if isinstance(likelihoods, NestedLikelihoods):
        return likelihoods.with_statement_law(data)
    return tabulated(data)


def _has_exact_statements(data: Dataset, specification: Specification) -> bool:
    """Whether the model includes a statement that has an exact law."""
    design = specification.design.of_effects(data.effect_studies, data.effects)
    return bool(design.included[data.exact_statements].any())
