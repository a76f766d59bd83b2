"""Tables of stage 6: the pooled effect under other choices."""

from __future__ import annotations

import pandas as pd
from pandera.typing import Series

from livingreview.tables.table import PROBABILITY, Column, Table


class _PooledByIntegration(Table):
    """Posterior of a pooled effect by integration, as in `Pooled`."""

    outcome: Series[str]
    studies: Series[int] = Column(ge=1)
    q2_5: Series[float]
    q5: Series[float]
    q50: Series[float]
    q95: Series[float]
    q97_5: Series[float]
    p_above_zero: Series[float] = Column(**PROBABILITY)
    p_below_zero: Series[float] = Column(**PROBABILITY)
    tau: Series[float] = Column("Median.", ge=0)
    movement: Series[float] = Column("Of a quantile, on halving the grid.", ge=0)
    stands_still: Series[bool] = Column("Whether that is less than 1e-4.")


class Variations(_PooledByIntegration, file="6_sensitivity/variations.csv"):
    """One row per analysis that differs from the planned one in one choice."""

    analysis: Series[str] = Column(
        "Which choice was changed.",
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
    )
    variant: Series[str] = Column("Study left out, or last added; else name of the choice.")


class Multiverse(_PooledByIntegration, file="6_sensitivity/multiverse.csv"):
    """One row per specification: a combination of choices."""

    priors: Series[str] = Column("Set of priors.")
    baseline: Series[str] = Column("Assumption on the control arm.")
    design: Series[str] = Column("Which designs count.")
    evidence: Series[str] = Column("Which kinds of evidence count.")
    left_out: Series[str] = Column("Study left out, or `none`.")
    routes: Series[str] = Column("Effects analysed by another route.")


class MultiverseSummary(Table, file="6_sensitivity/multiverse_summary.csv"):
    """One row per outcome: how far the choices move the pooled effect.

    The last columns are shares of the variance of the pooled effect over specifications
    that each choice explains alone.
    """

    outcome: Series[str]
    specifications: Series[int] = Column("Number of specifications.", ge=1)
    lowest: Series[float] = Column("Median of the pooled log odds ratio.")
    middle: Series[float] = Column("Median of those medians.")
    highest: Series[float] = Column("Highest of those medians.")
    above_zero: Series[float] = Column(
        "Share of specifications with a median above 0.", **PROBABILITY
    )
    decisively_above: Series[float] = Column(
        "Share of specifications that point up decisively.", **PROBABILITY
    )
    decisively_below: Series[float] = Column(
        "Share of specifications that point down decisively.", **PROBABILITY
    )
    choice_that_matters_most: Series[str] = Column(
        "Choice that explains the largest share of the variance."
    )
    explained_by_priors: Series[float] = Column(
        "Share of the variance that the priors explain.", **PROBABILITY
    )
    explained_by_baseline: Series[float] = Column(
        "Share that the assumed control arm explains.", **PROBABILITY
    )
    explained_by_design: Series[float] = Column(
        "Share that the designs counted explain.", **PROBABILITY
    )
    explained_by_evidence: Series[float] = Column(
        "Share that the kinds of evidence explain.", **PROBABILITY
    )
    explained_by_left_out: Series[float] = Column(
        "Share that the study left out explains.", **PROBABILITY
    )
    explained_by_routes: Series[float] = Column(
        "Share that the routes analysed explain.", **PROBABILITY
    )


class Subsets(_PooledByIntegration, file="6_sensitivity/subsets.csv"):
    """One row per subset of the studies."""

    included: Series[str] = Column("Studies in the subset, space separated.")
    common_effect: Series[float] = Column(
        "Median of the pooled log odds ratio as if all studies had one effect."
    )


class VariedOutcomes(Table, file="6_sensitivity/told.csv"):
    """One row per outcome: varied, or why not."""

    outcome: Series[str]
    status: Series[str] = Column(isin=["varied", "refused"])
    reason: Series[str] = Column(nullable=True)
    possible: Series[int] = Column("Specifications in the whole product.", ge=0)
    clusters: Series[str] = Column("Why no clusters of subsets were looked for.", nullable=True)


class SubsetClusters(Table, file="6_sensitivity/clusters.csv"):
    """One row per outcome, way of pooling and cluster of the subsets of its studies."""

    outcome: Series[str]
    pooling: Series[str] = Column(
        "As analysed; or as if all studies had one effect, so that size alone weighs.",
        isin=["hierarchical", "common_effect"],
    )
    cluster: Series[int] = Column("2 has the higher pooled effect.", isin=[1, 2])
    subsets: Series[int] = Column("Number of subsets in the cluster.", ge=1)
    share: Series[float] = Column("Of all subsets.", **PROBABILITY)
    centre: Series[float] = Column("Mean of the pooled log odds ratios.")
    centre_tau: Series[float] = Column("Mean of the medians of tau.", ge=0)
    separation: Series[float] = Column(
        "Share of the variance, along the line through both centres, that the split explains.",
        nullable=True,
        **PROBABILITY,
    )
    verdict: Series[str] = Column(
        "Whether the subsets fall into two clusters or form one cloud.",
        isin=["two_clusters", "one_cloud"],
    )
    study_id: Series[str] = Column("Whose presence best tells the clusters apart.")
    share_with_study: Series[float] = Column("Of the cluster.", **PROBABILITY)


class SmallStudyEffects(Table, file="6_sensitivity/small_studies.csv"):
    """One row per outcome: the slope of the effects on their standard errors, or why not."""

    outcome: Series[str]
    status: Series[str] = Column(isin=["assessed", "refused"])
    reason: Series[str] = Column(nullable=True)
    effects: Series[int] = Column("Numeric ones.", ge=0)
    slope: Series[float] = Column(
        "Median: change of the log odds ratio for the protocol's difference in standard error.",
        nullable=True,
    )
    slope_low: Series[float] = Column("2.5%.", nullable=True)
    slope_high: Series[float] = Column("97.5%.", nullable=True)
    p_above_zero: Series[float] = Column(nullable=True, **PROBABILITY)


class NextTrialChances(Table, file="6_sensitivity/next_trial.csv"):
    """One row per outcome, assumed odds ratio and size: how often a trial moves the verdict."""

    outcome: Series[str]
    true_odds_ratio: Series[float] = Column("Pooled one, assumed.", gt=0)
    people_per_arm: Series[int] = Column("Size of the simulated trial.", ge=1)
    p_moves: Series[float] = Column(
        "Share of simulated trials that move the verdict.", **PROBABILITY
    )
    mcse: Series[float] = Column("Monte Carlo standard error of p_moves.", ge=0)
    simulations: Series[int] = Column("Number of simulated trials.", ge=1)


class NextTrialSummary(Table, file="6_sensitivity/next_trial_summary.csv"):
    """One row per outcome and assumed odds ratio: the smallest trial that moves the verdict."""

    outcome: Series[str]
    verdict_now: Series[str] = Column(
        "Its words; empty where the outcome has no verdict.", nullable=True
    )
    true_odds_ratio: Series[float] = Column("Pooled one, assumed.", gt=0)
    smallest_per_arm: pd.Int64Dtype = Column(
        "Smallest size per arm that moves it often enough; empty if none does.", nullable=True
    )
    p_at_largest: Series[float] = Column(
        "Share of the largest trials that move the verdict.", nullable=True, **PROBABILITY
    )
    largest_per_arm: Series[int] = Column("Largest size per arm that was considered.", ge=1)
    reason: Series[str]
