"""The answer of the model of all studies, by integration alone: what a build prints of it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pandas as pd

from livingreview.effects.data_set import dataset
from livingreview.effects.design_matrix import ALL_STUDIES
from livingreview.effects.refusal import Refusal
from livingreview.effects.specification import specify
from livingreview.models.quadrature.engine import integrate_models, tabulated
from livingreview.models.quadrature.size_evidence import size_evidence
from livingreview.protocol.models import OVERALL
from livingreview.protocol.review import Protocol
from livingreview.synthesis.pooled import pooled_table, verdict_row
from livingreview.synthesis.printed import printed
from livingreview.synthesis.size import LearntSizes
from livingreview.tables.checks import Sampling


def overall_answer(
    protocol: Protocol,
    outcome: str,
    terms: pd.DataFrame,
    moderators: pd.DataFrame,
) -> dict[str, Any]:
    """Integrate the overall model of one outcome, and judge it by the protocol's rules.

    Parameters
    ----------
    terms, moderators : DataFrame
        Of the outcome, as `livingreview.effects.terms.of_outcome` gives them.

    Returns
    -------
    dict
        What its row of `Summary` says, as `livingreview.synthesis.pooled.verdict_row`.

    Raises
    ------
    Refusal
        If the model is not fitted, or integration does not serve it.
    """
    models = {OVERALL: protocol.specifications()[OVERALL]}
    specifications, statuses = specify(models, moderators, terms)
    if not specifications:
        raise Refusal(statuses.loc[0, "reason"])
    data = dataset(terms, protocol.outcomes[outcome].priors, protocol.sampling_correlation.value)
    cases = [(outcome, data, specification) for specification in specifications]
    measure, rules = protocol.measure, protocol.decisions
    # The prior sets of the rule on sizes find the tables of the planned ones.
    tabulate = lru_cache(maxsize=1)(tabulated)
    integrated, answered = integrate_models(cases, measure.limit_on_line, tabulate)
    if integrated.empty:
        raise Refusal(answered.loc[0, "reason"])
    sets = protocol.size_priors()
    evidence = size_evidence(cases, integrated, sets, measure.limit_on_line, tabulate)
    learnt = LearntSizes.judged(evidence, rules.size, measure)
    pooled = pooled_table((), Sampling.frame([]), integrated, learnt, measure)
    return verdict_row(
        printed(pooled).loc[f"{outcome}/{OVERALL}"],
        ALL_STUDIES,
        specifications[0].design.setting_studies[0],
        protocol.outcomes[outcome],
        rules,
        measure,
    )
