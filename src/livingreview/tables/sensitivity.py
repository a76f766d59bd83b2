"""Tables of stage 6: the pooled effect under other choices."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from livingreview.tables.table import PROBABILITY, Table


class _PooledByIntegration(Table):
    """Posterior of a pooled effect by integration, as in `Pooled`."""

    outcome: Series[str]
    studies: Series[int] = pa.Field(ge=1)
    q2_5: Series[float]
    q5: Series[float]
    q50: Series[float]
    q95: Series[float]
    q97_5: Series[float]
    p_above_zero: Series[float] = pa.Field(**PROBABILITY)
    p_below_zero: Series[float] = pa.Field(**PROBABILITY)
    tau: Series[float] = pa.Field(ge=0, description="Median.")
    movement: Series[float] = pa.Field(ge=0, description="Of a quantile, on halving the grid.")
    stands_still: Series[bool] = pa.Field(description="Whether that is less than 1e-4.")


class Variations(_PooledByIntegration, file="6_sensitivity/variations.csv"):
    """One row per analysis that differs from the planned one in one choice."""

    analysis: Series[str] = pa.Field(
        isin=[
            "planned",
            "leave_one_out",
            "priors",
            "baseline",
            "design",
            "evidence",
            "route",
            "cumulative",
        ],
        description="Which choice was changed.",
    )
    variant: Series[str] = pa.Field(
        description="Study left out, or last added; else name of the choice."
    )


class Multiverse(_PooledByIntegration, file="6_sensitivity/multiverse.csv"):
    """One row per specification: a combination of choices."""

    priors: Series[str] = pa.Field(description="Set of priors.")
    baseline: Series[str] = pa.Field(description="Assumption on the control arm.")
    design: Series[str] = pa.Field(description="Which designs count.")
    evidence: Series[str] = pa.Field(description="Which kinds of evidence count.")
    left_out: Series[str] = pa.Field(description="Study left out, or `none`.")
    routes: Series[str] = pa.Field(description="Effects analysed by another route.")


class MultiverseSummary(Table, file="6_sensitivity/multiverse_summary.csv"):
    """One row per outcome: how far the choices move the pooled effect.

    The last columns are shares of the variance of the pooled effect over specifications
    that each choice explains alone.
    """

    outcome: Series[str]
    specifications: Series[int] = pa.Field(ge=1, description="Number of specifications.")
    lowest: Series[float] = pa.Field(description="Median of the pooled log odds ratio.")
    middle: Series[float] = pa.Field(description="Median of those medians.")
    highest: Series[float] = pa.Field(description="Highest of those medians.")
    above_zero: Series[float] = pa.Field(
        **PROBABILITY, description="Share of specifications with a median above 0."
    )
    decisively_above: Series[float] = pa.Field(
        description="Share of specifications that point up decisively.", **PROBABILITY
    )
    decisively_below: Series[float] = pa.Field(
        **PROBABILITY, description="Share of specifications that point down decisively."
    )
    choice_that_matters_most: Series[str] = pa.Field(
        description="Choice that explains the largest share of the variance."
    )
    explained_by_priors: Series[float] = pa.Field(
        **PROBABILITY, description="Share of the variance that the priors explain."
    )
    explained_by_baseline: Series[float] = pa.Field(
        **PROBABILITY, description="Share that the assumed control arm explains."
    )
    explained_by_design: Series[float] = pa.Field(
        **PROBABILITY, description="Share that the designs counted explain."
    )
    explained_by_evidence: Series[float] = pa.Field(
        **PROBABILITY, description="Share that the kinds of evidence explain."
    )
    explained_by_left_out: Series[float] = pa.Field(
        **PROBABILITY, description="Share that the study left out explains."
    )
    explained_by_routes: Series[float] = pa.Field(
        **PROBABILITY, description="Share that the routes analysed explain."
    )


class Subsets(_PooledByIntegration, file="6_sensitivity/subsets.csv"):
    """One row per subset of the studies."""

    included: Series[str] = pa.Field(description="Studies in the subset, space separated.")
    common_effect: Series[float] = pa.Field(
        description="Median of the pooled log odds ratio as if all studies had one effect."
    )


class ToldSensitivity(Table, file="6_sensitivity/told.csv"):
    """One row per outcome: varied, or why not."""

    outcome: Series[str]
    status: Series[str] = pa.Field(isin=["varied", "refused"])
    reason: Series[str] = pa.Field(nullable=True)
    possible: Series[int] = pa.Field(ge=0, description="Specifications in the whole product.")
    clusters: Series[str] = pa.Field(
        nullable=True, description="Why no clusters of subsets were looked for."
    )


class Clusters(Table, file="6_sensitivity/clusters.csv"):
    """One row per outcome, way of pooling and cluster of the subsets of its studies."""

    outcome: Series[str]
    pooling: Series[str] = pa.Field(
        isin=["hierarchical", "common_effect"],
        description="As analysed; or as if all studies had one effect, so that size alone weighs.",
    )
    cluster: Series[int] = pa.Field(isin=[1, 2], description="2 has the higher pooled effect.")
    subsets: Series[int] = pa.Field(ge=1, description="Number of subsets in the cluster.")
    share: Series[float] = pa.Field(description="Of all subsets.", **PROBABILITY)
    centre: Series[float] = pa.Field(description="Mean of the pooled log odds ratios.")
    centre_tau: Series[float] = pa.Field(ge=0, description="Mean of the medians of tau.")
    separation: Series[float] = pa.Field(
        nullable=True,
        description="Share of the variance, along the line through both centres, that the split"
        " explains.",
        **PROBABILITY,
    )
    verdict: Series[str] = pa.Field(
        isin=["two_clusters", "one_cloud"],
        description="Whether the subsets fall into two clusters or form one cloud.",
    )
    study_id: Series[str] = pa.Field(description="Whose presence best tells the clusters apart.")
    share_with_study: Series[float] = pa.Field(description="Of the cluster.", **PROBABILITY)


class SmallStudies(Table, file="6_sensitivity/small_studies.csv"):
    """One row per outcome: the slope of the effects on their standard errors, or why not."""

    outcome: Series[str]
    status: Series[str] = pa.Field(isin=["assessed", "refused"])
    reason: Series[str] = pa.Field(nullable=True)
    effects: Series[int] = pa.Field(ge=0, description="Numeric ones.")
    slope: Series[float] = pa.Field(
        nullable=True,
        description="Median: change of the log odds ratio for the protocol's difference in"
        " standard error.",
    )
    slope_low: Series[float] = pa.Field(nullable=True, description="2.5%.")
    slope_high: Series[float] = pa.Field(nullable=True, description="97.5%.")
    p_above_zero: Series[float] = pa.Field(nullable=True, **PROBABILITY)


class NextTrial(Table, file="6_sensitivity/next_trial.csv"):
    """One row per outcome, assumed odds ratio and size: how often a trial moves the verdict."""

    outcome: Series[str]
    true_odds_ratio: Series[float] = pa.Field(gt=0, description="Pooled one, assumed.")
    people_per_arm: Series[int] = pa.Field(ge=1, description="Size of the simulated trial.")
    p_moves: Series[float] = pa.Field(
        **PROBABILITY, description="Share of simulated trials that move the verdict."
    )
    mcse: Series[float] = pa.Field(ge=0, description="Monte Carlo standard error of p_moves.")
    simulations: Series[int] = pa.Field(ge=1, description="Number of simulated trials.")


class NextTrialSummary(Table, file="6_sensitivity/next_trial_summary.csv"):
    """One row per outcome and assumed odds ratio: the smallest trial that moves the verdict."""

    outcome: Series[str]
    verdict_now: Series[str] = pa.Field(
        nullable=True, description="Its words; empty where the outcome has no verdict."
    )
    true_odds_ratio: Series[float] = pa.Field(gt=0, description="Pooled one, assumed.")
    smallest_per_arm: pd.Int64Dtype = pa.Field(
        nullable=True,
        description="Smallest size per arm that moves it often enough; empty if none does.",
    )
    p_at_largest: Series[float] = pa.Field(
        nullable=True,
        **PROBABILITY,
        description="Share of the largest trials that move the verdict.",
    )
    largest_per_arm: Series[int] = pa.Field(
        ge=1, description="Largest size per arm that was considered."
    )
    reason: Series[str]
