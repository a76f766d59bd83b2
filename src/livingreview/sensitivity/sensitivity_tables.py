"""Tables of stage 6: variations, the multiverse, subsets, small studies, and what is unprinted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from livingreview.base.labels import BEFORE_PHRASE
from livingreview.base.measures import Measure
from livingreview.effects.refusal import Refusal
from livingreview.protocol.decisions import Decisions
from livingreview.protocol.outcomes import AS_PLANNED
from livingreview.protocol.sensitivity import Sensitivity
from livingreview.sensitivity.choices import (
    Choice,
    OutcomeChoices,
    choice_columns,
    multiverse,
    pairs_left_out,
    subsets,
    variations,
)
from livingreview.sensitivity.fixed_weights import fixed_weights
from livingreview.sensitivity.flipping_bias import flipping_bias
from livingreview.sensitivity.integration import ChoiceIntegrator
from livingreview.sensitivity.small_studies import small_studies
from livingreview.sensitivity.subset_clusters import clusters
from livingreview.sensitivity.unreported_studies import unreported_studies
from livingreview.synthesis.verdicts import verdict
from livingreview.tables.sensitivity import (
    FixedWeights,
    FlippingBias,
    LeftTwoOut,
    Multiverse,
    MultiverseSummary,
    SmallStudyEffects,
    SubsetClusters,
    Subsets,
    UnreportedStudies,
    Variations,
    VariedOutcomes,
)
from livingreview.tables.table import Table

# Class of each table, by the name of the table in the workflow.
TABLES: dict[str, type[Table]] = {
    "variations": Variations,
    "multiverse": Multiverse,
    "multiverse_summary": MultiverseSummary,
    "subsets": Subsets,
    "clusters": SubsetClusters,
    "small_studies": SmallStudyEffects,
    "fixed_weights": FixedWeights,
    "left_two_out": LeftTwoOut,
    "unreported": UnreportedStudies,
    "flipping_bias": FlippingBias,
    "told": VariedOutcomes,
}


@dataclass(frozen=True)
class _OutcomeTables:
    """Tables of one outcome by name, the size of its whole product, and why it has no clusters."""

    tables: dict[str, pd.DataFrame]
    possible: int
    without_clusters: str | None


def sensitivity_tables(
    outcome: OutcomeChoices,
    rules: Sensitivity,
    decisions: Decisions,
    measure: Measure,
    seed: int,
) -> dict[str, pd.DataFrame]:
    """Vary every choice of an outcome, or say why it cannot be varied."""
    planned = outcome.priors[outcome.planned.priors]
    correlation = outcome.assumptions[AS_PLANNED].correlation
    row = small_studies(
        outcome.terms, planned, rules.small_studies, correlation, measure.limit_on_line
    )
    rows: dict[str, list[dict]] = {name: [] for name in TABLES}
    rows["small_studies"] = [{"outcome": outcome.name} | row]
    status: dict[str, Any] = {"outcome": outcome.name, "status": "varied", "reason": None}
    status |= {"possible": 0, "clusters": None, "kept_as_planned": outcome.has_many_readings}
    try:
        varied = _outcome_tables(outcome, rules, decisions, measure, seed)
        status |= {"possible": varied.possible, "clusters": varied.without_clusters}
        for name, table in varied.tables.items():
            table.insert(0, "outcome", outcome.name)
            if "size_learnt" not in table and "size_learnt" in TABLES[name].columns():
                table.insert(1, "size_learnt", outcome.size_learnt)
            rows[name] = table.to_dict("records")
    except Refusal as refusal:
        status |= {"status": "refused", "reason": str(refusal), "clusters": str(refusal)}
    rows["told"] = [status]
    return {name: model.frame(rows[name]) for name, model in TABLES.items()}


def _outcome_tables(
    outcome: OutcomeChoices,
    rules: Sensitivity,
    decisions: Decisions,
    measure: Measure,
    seed: int,
) -> _OutcomeTables:
    """Integrate all analyses of one outcome at once, as the study tables are made once."""
    limit = measure.limit_on_line
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
    pairs = pairs_left_out(outcome)
    every = [[choice for *_, choice in named], specifications, chosen, pairs]
    pooled = analyses.pooled([choice for part in every for choice in part], limit)
    # What follows has tables of its own, as large as these.
    del analyses
    # As of the model of all studies, which must learn it too, enough people must be in effects
    # with a number; that prior sets agree is asked of all studies together.
    enough = pooled.pop("numbers") >= decisions.size.people_with_numbers
    pooled.insert(0, "size_learnt", outcome.size_learnt & enough)
    ends = np.cumsum([len(part) for part in every])
    of_named, of_choices, of_chosen, of_pairs = (
        pooled.iloc[end - len(part) : end].reset_index(drop=True)
        for part, end in zip(every, ends, strict=True)
    )
    summary = multiverse_summary(choices, of_choices, rules.decisive_probability)
    of_subsets = pd.concat([included, of_chosen], axis=1)
    verdicts_of_pairs = with_verdicts(of_pairs, decisions, outcome.sides)
    priors = outcome.priors[outcome.planned.priors]
    tables = {
        "variations": with_verdicts(
            pd.concat([labels, of_named], axis=1), decisions, outcome.sides
        ),
        "multiverse": pd.concat([choices, of_choices], axis=1),
        "multiverse_summary": summary.to_frame().T,
        "subsets": of_subsets,
        "fixed_weights": fixed_weights(
            outcome,
            rules.selective_printing.weights,
            pooled.drop(columns="size_learnt").iloc[0],
            limit,
        ),
        "left_two_out": left_two_out(outcome, pairs, verdicts_of_pairs),
        "unreported": pd.DataFrame(
            [
                unreported_studies(
                    outcome,
                    rules.unreported,
                    rules.decisive_probability,
                    decisions,
                    limit,
                )
            ]
        ),
        "flipping_bias": flipping_bias(
            outcome.planned_likelihoods,
            outcome.reports.high_risk,
            priors,
            rules.bias,
            decisions,
            measure,
            outcome.size_learnt,
        ),
    }
    without_clusters = None
    if (count := len(outcome.study_names)) < rules.fewest_studies_for_clusters:
        without_clusters = (
            f"{count} studies; at least {rules.fewest_studies_for_clusters} are needed"
        )
    else:
        tables["clusters"] = subset_clusters(outcome.study_names, chosen, of_subsets)
    return _OutcomeTables(tables, possible, without_clusters)


def left_two_out(
    outcome: OutcomeChoices, pairs: list[Choice], pooled: pd.DataFrame
) -> pd.DataFrame:
    """Pooled effects without each pair, the extreme ones named.

    `pooled`: one row for each pair, with its verdict.
    """
    names = [[name for name in outcome.study_names if name in pair.without] for pair in pairs]
    table = pooled.assign(
        first=[first for first, _ in names], second=[second for _, second in names], extreme=None
    )
    if len(table):
        table.loc[table["p_above_zero"].idxmax(), "extreme"] = "most"
        table.loc[table["p_above_zero"].idxmin(), "extreme"] = "least"
    return table


def with_verdicts(
    pooled: pd.DataFrame, decisions: Decisions, sides: Mapping[str, str] = BEFORE_PHRASE["less"]
) -> pd.DataFrame:
    """Pooled effects with the verdict that each would have, and its words."""
    columns = ["p_above_zero", "p_below_zero", "p_practically_none", "studies", "size_learnt"]
    verdicts = [
        verdict(more, less, none if learnt else np.nan, studies, decisions, sides)
        for more, less, none, studies, learnt in pooled[columns].itertuples(index=False)
    ]
    return pooled.assign(
        verdict=[of_row.id for of_row in verdicts],
        verdict_words=[of_row.words for of_row in verdicts],
    )


def subset_clusters(
    names: list[str], chosen: list[Choice], of_subsets: pd.DataFrame
) -> pd.DataFrame:
    """Clusters of the subsets as analysed, and as if all studies had one effect.

    `names`: of the studies. `of_subsets`: columns q50, common_effect and tau, one row for each.
    """
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
