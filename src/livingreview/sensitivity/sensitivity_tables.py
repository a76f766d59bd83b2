"""Tables of stage 6: variations, the multiverse, subsets, small studies, and what is unprinted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from livingreview.effects.refusal import Refusal
from livingreview.protocol.outcomes import AS_PLANNED
from livingreview.protocol.sensitivity import Sensitivity
from livingreview.sensitivity.choices import (
    Choice,
    OutcomeChoices,
    choice_columns,
    multiverse,
    subsets,
    variations,
)
from livingreview.sensitivity.fixed_weights import fixed_weights
from livingreview.sensitivity.integration import ChoiceIntegrator
from livingreview.sensitivity.small_studies import small_studies
from livingreview.sensitivity.subset_clusters import clusters
from livingreview.tables.sensitivity import (
    FixedWeights,
    Multiverse,
    MultiverseSummary,
    SmallStudyEffects,
    SubsetClusters,
    Subsets,
    Variations,
    VariedOutcomes,
)
from livingreview.tables.table import Table

# Class of each table, by the name of the table in the workflow.
TABLES: dict[str, type[Table]] = {
    "variations": Variations,
    "multiverse": Multiverse,
    "summary": MultiverseSummary,
    "subsets": Subsets,
    "clusters": SubsetClusters,
    "small_studies": SmallStudyEffects,
    "fixed_weights": FixedWeights,
    "told": VariedOutcomes,
}


@dataclass(frozen=True)
class _OutcomeTables:
    """Tables of one outcome by name, the size of its whole product, and why it has no clusters."""

    tables: dict[str, pd.DataFrame]
    possible: int
    without_clusters: str | None


def sensitivity_tables(
    outcomes: Iterable[OutcomeChoices], rules: Sensitivity, limit: float, seed: int
) -> dict[str, pd.DataFrame]:
    """Vary every choice of each outcome, or say why one cannot be varied."""
    rows: dict[str, list[dict]] = {name: [] for name in TABLES}
    for outcome in outcomes:
        status: dict[str, Any] = {"outcome": outcome.name, "status": "varied", "reason": None}
        status |= {"possible": 0, "clusters": None}
        planned = outcome.priors[outcome.planned.priors]
        row = small_studies(
            outcome.terms,
            planned,
            rules.small_studies,
            outcome.assumptions[AS_PLANNED].correlation,
            limit,
        )
        rows["small_studies"].append({"outcome": outcome.name} | row)
        try:
            varied = _outcome_tables(outcome, rules, limit, seed)
            status |= {"possible": varied.possible, "clusters": varied.without_clusters}
            for name, table in varied.tables.items():
                table.insert(0, "outcome", outcome.name)
                rows[name] += table.to_dict("records")
        except Refusal as refusal:
            status |= {"status": "refused", "reason": str(refusal), "clusters": str(refusal)}
        rows["told"].append(status)
    return {name: model.frame(rows[name]) for name, model in TABLES.items()}


def _outcome_tables(
    outcome: OutcomeChoices, rules: Sensitivity, limit: float, seed: int
) -> _OutcomeTables:
    """Integrate all analyses of one outcome at once, as the study tables are made once."""
    if outcome.terms.empty:
        raise Refusal("no effect on this outcome can be analysed")
    analyses = ChoiceIntegrator(outcome)
    named = variations(outcome)
    labels = pd.DataFrame([row[:2] for row in named], columns=["analysis", "variant"])
    specifications, possible = multiverse(outcome, rules.most_specifications, seed)
    choices = choice_columns(specifications)
    chosen = subsets(outcome, rules.most_subsets, seed)
    included = pd.DataFrame({"included": [" ".join(outcome.included_studies(c)) for c in chosen]})
    included["common_effect"] = analyses.common_effects(chosen)
    every = [*(choice for *_, choice in named), *specifications, *chosen]
    pooled = analyses.pooled(every, limit)
    first, second = len(named), len(named) + len(specifications)
    of_choices = pooled.iloc[first:second].reset_index(drop=True)
    summary = multiverse_summary(choices, of_choices, rules.decisive_probability)
    of_subsets = pd.concat([included, pooled.iloc[second:].reset_index(drop=True)], axis=1)
    tables = {
        "variations": pd.concat([labels, pooled.iloc[:first]], axis=1),
        "multiverse": pd.concat([choices, of_choices], axis=1),
        "summary": summary.to_frame().T,
        "subsets": of_subsets,
        "fixed_weights": fixed_weights(
            outcome, rules.selective_printing.weights, pooled.iloc[0], limit
        ),
    }
    without_clusters = None
    if (count := len(outcome.study_names)) < rules.fewest_studies_for_clusters:
        without_clusters = (
            f"{count} studies; at least {rules.fewest_studies_for_clusters} are needed"
        )
    else:
        tables["clusters"] = subset_clusters(analyses, chosen, of_subsets)
    return _OutcomeTables(tables, possible, without_clusters)


def subset_clusters(
    analyses: ChoiceIntegrator, chosen: list[Choice], of_subsets: pd.DataFrame
) -> pd.DataFrame:
    """Clusters of the subsets as analysed, and as if all studies had one effect.

    `of_subsets`: columns q50, common_effect and tau, one row for each.
    """
    names = analyses.outcome.study_names
    members = pd.DataFrame([[name not in c.without for name in names] for c in chosen])
    members.columns = pd.Index(names)
    tau = of_subsets["tau"].to_numpy()
    parts = []
    for pooling, column in (("hierarchical", "q50"), ("common_effect", "common_effect")):
        of_pooling = clusters(members, of_subsets[column].to_numpy(), tau)
        parts.append(of_pooling.assign(pooling=pooling))
    return pd.concat(parts, ignore_index=True)


def variance_shares(choices: pd.DataFrame, effect: pd.Series) -> dict[str, float]:
    """Share of the variance of the pooled effect that each choice explains alone."""
    total = float(((effect - effect.mean()) ** 2).sum())
    shares = {}
    for name in choices:
        of_level = effect.groupby(choices[name]).transform("mean")
        between = float(((of_level - effect.mean()) ** 2).sum())
        shares[str(name)] = between / total if total > 0 else 0.0
    return shares


def multiverse_summary(choices: pd.DataFrame, pooled: pd.DataFrame, decisive: float) -> pd.Series:
    """How far the choices move the answer, and which moves it most.

    `choices`, `pooled`: one row per specification. `decisive`: probability from which a
    specification counts as pointing one way.
    """
    shares = variance_shares(choices, pooled["q50"])
    largest = max(shares, key=lambda name: shares[name])
    return pd.Series(
        {
            "specifications": len(pooled),
            "lowest": pooled["q50"].min(),
            "middle": pooled["q50"].median(),
            "highest": pooled["q50"].max(),
            "above_zero": (pooled["q50"] > 0).mean(),
            "decisively_above": (pooled["p_above_zero"] > decisive).mean(),
            "decisively_below": (pooled["p_below_zero"] > decisive).mean(),
            "choice_that_matters_most": largest,
            **{f"explained_by_{name}": share for name, share in shares.items()},
        }
    )
