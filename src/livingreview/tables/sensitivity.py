"""Tables of stage 6: the pooled effect under other choices."""

from __future__ import annotations

import pandas as pd

from livingreview.tables.statuses import ALTERNATIVE, ANALYSED
from livingreview.tables.table import (
    Column,
    Count,
    Effect,
    Probability,
    Share,
    Table,
    Theta,
)


class _OfOutcome(Table):
    """What studies say of one outcome under other choices than the planned ones."""

    outcome: str
    size_learnt: bool = Column(
        "Whether the planned analysis learns the size of the outcome's effect from its studies;"
        " where not, a size in this row is the analysis's own."
    )


class _PooledByIntegration(_OfOutcome):
    """Posterior of a pooled effect by integration, as in `Pooled`."""

    size_learnt: bool = Column(
        "Whether all studies, and those of this analysis, teach the size of the pooled effect;"
        " where not, a size in this row is the analysis's own."
    )
    studies: int = Count(ge=1)
    q2_5: float = Theta(size=True)
    q5: float = Column(size=True)
    q50: float = Theta(size=True)
    q95: float = Column(size=True)
    q97_5: float = Theta(size=True)
    p_above_zero: float = Probability()
    p_below_zero: float = Probability()
    tau: float = Column("Median.", ge=0, style="plain")
    movement: float = Column("Error of a quantile, by its move on halving the grid.", ge=0)
    stands_still: bool = Column("Whether that is less than 1e-4.")


class Variations(_PooledByIntegration, file="6_sensitivity/variations.csv"):
    """One row per analysis that differs from the planned one in one choice."""

    analysis: str = Column(
        "Which choice was changed.",
        isin=[
            "planned",
            "leave_one_out",
            "priors",
            "baseline",
            "sizes",
            "correlation",
            "shares",
            "design",
            "evidence",
            "risk_of_bias",
            "follow_up",
            "adjustment",
            "route",
            "cumulative",
        ],
    )
    variant: str = Column("Study left out, or last added; else name of the choice.")
    p_practically_none: float = Probability(size=True)
    verdict: str = Column("Rule of the protocol that these studies would meet.")
    verdict_words: str


class Multiverse(_PooledByIntegration, file="6_sensitivity/multiverse.csv"):
    """One row per specification: a combination of choices."""

    priors: str = Column("Set of priors.")
    baseline: str = Column("Assumption on the arms of studies, or on errors that effects share.")
    design: str = Column("Which designs count.")
    evidence: str = Column("Which kinds of evidence count.")
    risk_of_bias: str = Column("Whether studies at high risk of bias count.")
    follow_up: str = Column("Which follow-up counts of studies that give several.")
    left_out: str = Column("Study left out, or `none`.")
    routes: str = Column("Effects analysed by another route.")


class LeftTwoOut(_PooledByIntegration, file="6_sensitivity/left_two_out.csv"):
    """One row per outcome and pair of studies: the planned analysis without both."""

    first: str = Column("One study left out, the older.")
    second: str = Column("The other.")
    p_practically_none: float = Probability(size=True)
    verdict: str = Column("Rule of the protocol that the other studies would meet.")
    verdict_words: str
    extreme: str = Column(
        "Whether more is `most` or `least` probable without this pair; empty for other pairs.",
        isin=["most", "least"],
        nullable=True,
    )


class UnreportedStudies(Table, file="6_sensitivity/unreported.csv"):
    """One row per outcome: how many unreported studies without effect take its direction away."""

    outcome: str
    studies: int = Count(ge=1)
    standard_error: float = Column(
        "Of each unreported study: that of the outcome's median study.", gt=0, style="plain"
    )
    tau: float = Column(
        "Standard deviation of their true effects around no effect: the median of today's tau.",
        ge=0,
        style="plain",
    )
    direction: str = Column("The more probable one today.", isin=["more", "less"])
    p_now: float = Probability("Posterior probability of that direction today.")
    probability: float = Probability(
        "Least probability that is asked for; empty where the direction has no verdict today.",
        nullable=True,
    )
    unreported: pd.Int64Dtype = Count(
        "Fewest unreported studies with which the direction is less probable than that.",
        nullable=True,
    )
    p_then: float = Probability("Probability of the direction with so many.", nullable=True)
    most: int = Count("Largest number tried.", ge=1)
    p_at_most: float = Probability("Probability of the direction with the largest number.")
    reason: str = Column("What was found, or why nothing was.")
    movement: float = Column("Error of a quantile, by its move on halving the grid.", ge=0)
    stands_still: bool = Column("Whether that is less than 1e-4.")


class FlippingBias(Table, file="6_sensitivity/flipping_bias.csv"):
    """One row per outcome and side: the bias of studies at high risk that changes the verdict."""

    outcome: str
    reports_are: str = Column(
        "Whether the reports of studies at high risk are taken to be too high, or too low.",
        isin=["too_high", "too_low"],
    )
    studies: int = Count(ge=1)
    high_risk: int = Count("Studies at high risk of bias on the outcome.", ge=0)
    verdict_now: str = Column("Its words, without bias.")
    shift: float = Theta(
        "Smallest common shift of their effects that changes the verdict; empty where none does.",
        nullable=True,
    )
    verdict_then: str = Column("Words of the verdict under that shift.", nullable=True)
    p_above_then: float = Probability(
        "Posterior probability that the pooled effect is above 0 then.", nullable=True
    )
    largest: float = Effect("Largest shift that was tried, either way.")
    reason: str = Column("What was found, or why nothing was.")
    movement: float = Column("Error of a quantile, by its move on halving the grid.", ge=0)
    stands_still: bool = Column("Whether that is less than 1e-4.")


class DisputedModerators(_OfOutcome, file="6_sensitivity/disputed_moderators.csv"):
    """One row per coefficient of a model, under each value that sources give for a moderator.

    Of each moderator that sources contradict, for one study or effect at a time, and each model
    that has it: the model by integration with the value analysed, and with each other value.
    """

    model: str = Column("Model of the protocol that has the disputed moderator.")
    effect_id: str = Column("Effect; or the study, where it is about a moderator of the study.")
    disputed: str = Column("Moderator that sources contradict.")
    value: str = Column("Value that the model is made with; empty when not known.", nullable=True)
    reading: str = Column("Whether that is the one analysed.", isin=[ANALYSED, ALTERNATIVE])
    refused: str = Column("Why there is no answer; empty when there is one.", nullable=True)
    coefficient: str = Column("Level against the reference, or the moderator.", nullable=True)
    reference: str = Column("Setting that it is compared with.", nullable=True)
    comparison: float = Effect(
        "Of two effects: a ratio of ratios, or a difference of differences; median.",
        nullable=True,
        size=True,
    )
    comparison_low: float = Effect(nullable=True, size=True)
    comparison_high: float = Effect(nullable=True, size=True)
    p_direction: float = Probability(
        "Posterior probability of the more probable sign.", nullable=True
    )
    contraction: float = Column(
        "1 - var(posterior) / var(prior); below 0 when the posterior is wider.",
        le=1,
        style="two_decimals",
        nullable=True,
    )
    studies_level: float = Count("On the side of the level, or above the mean.", nullable=True)
    studies_reference: float = Count("On the other side.", nullable=True)
    verdict: str = Column("By the rules of the protocol.", nullable=True)
    verdict_words: str = Column("The verdict in words.", nullable=True)
    reason: str = Column("What stood in the way of a stronger verdict.", nullable=True)


class MultiverseSummary(_OfOutcome, file="6_sensitivity/multiverse_summary.csv"):
    """One row per outcome: how far the choices move the pooled effect.

    The last columns are shares of the variance of the pooled effect over specifications
    that each choice explains alone.
    """

    specifications: int = Count("Number of specifications.", ge=1)
    lowest: float = Theta("Lowest of the medians of the pooled θ.", size=True)
    middle: float = Theta("Median of those medians.", size=True)
    highest: float = Theta("Highest of those medians.", size=True)
    above_zero: float = Share("Share of specifications with a median above 0.")
    decisively_above: float = Share("Share of specifications that point up decisively.")
    decisively_below: float = Share("Share of specifications that point down decisively.")
    choice_that_matters_most: str = Column(
        "Choice that explains the largest share of the variance."
    )
    explained_by_priors: float = Share("Share of the variance that the priors explain.")
    explained_by_baseline: float = Share("Share that the assumed control arm explains.")
    explained_by_design: float = Share("Share that the designs counted explain.")
    explained_by_evidence: float = Share("Share that the kinds of evidence explain.")
    explained_by_risk_of_bias: float = Share("Share that the risks of bias counted explain.")
    explained_by_follow_up: float = Share("Share that the follow-ups counted explain.")
    explained_by_left_out: float = Share("Share that the study left out explains.")
    explained_by_routes: float = Share("Share that the routes analysed explain.")


class Subsets(_PooledByIntegration, file="6_sensitivity/subsets.csv"):
    """One row per subset of the studies."""

    included: str = Column("Studies in the subset, space separated.")
    common_effect: float = Column(
        "Median of the pooled θ as if all studies had one effect.", size=True
    )


class VariedOutcomes(Table, file="6_sensitivity/told.csv"):
    """One row per outcome: varied, or why not."""

    outcome: str
    status: str = Column(isin=["varied", "refused"])
    reason: str = Column(nullable=True)
    possible: int = Count("Specifications in the whole product.", ge=0)
    kept_as_planned: bool = Column(
        "Whether assumptions and follow-ups stay as planned when all choices vary at once."
    )
    clusters: str = Column("Why no clusters of subsets were looked for.", nullable=True)


class SubsetClusters(_OfOutcome, file="6_sensitivity/clusters.csv"):
    """One row per outcome, way of pooling and cluster of the subsets of its studies."""

    pooling: str = Column(
        "As analysed; or as if all studies had one effect, so that size alone weighs.",
        isin=["hierarchical", "common_effect"],
    )
    cluster: int = Column("2 has the higher pooled effect.", isin=[1, 2])
    subsets: int = Column("Number of subsets in the cluster.", ge=1)
    share: float = Share("Of all subsets.")
    centre: float = Theta("Mean of the pooled θ.", size=True)
    centre_tau: float = Column("Mean of the medians of tau.", ge=0)
    separation: float = Probability(
        "Share of the variance, along the line through both centres, that the split explains.",
        nullable=True,
    )
    verdict: str = Column(
        "Whether the subsets fall into two clusters or form one cloud.",
        isin=["two_clusters", "one_cloud"],
    )
    study_id: str = Column("Whose presence best tells the clusters apart.")
    share_with_study: float = Share("Of the cluster.")


class SmallStudyEffects(Table, file="6_sensitivity/small_studies.csv"):
    """One row per outcome: the slope of the effects on their standard errors, or why not."""

    outcome: str
    status: str = Column(isin=["assessed", "refused"])
    reason: str = Column(nullable=True)
    effects: int = Count("Numeric ones.", ge=0)
    slope: float = Column(
        "Median: change of θ for the protocol's difference in standard error.",
        nullable=True,
        style="plain",
    )
    slope_low: float = Column("2.5%.", nullable=True, style="plain")
    slope_high: float = Column("97.5%.", nullable=True, style="plain")
    p_above_zero: float = Probability(nullable=True)


class FixedWeights(_PooledByIntegration, file="6_sensitivity/fixed_weights.csv"):
    """One row per outcome and printing weight: the planned analysis under selective printing."""

    sides: str = Column(
        "Which results are always printed: all significant ones (`two_sided`), or only those in"
        " the direction that the outcome calls better (`one_sided`).",
        isin=["two_sided", "one_sided"],
    )
    weight: float = Share(
        "Share of the other results that are printed; 1 is the planned analysis.", gt=0
    )


class NextTrialChances(Table, file="6_sensitivity/next_trial.csv"):
    """One row per outcome, assumed effect and size: how often a trial moves the verdict, and where.

    What is left of 1 is the chance that the verdict stays as it is.
    """

    outcome: str
    true_effect: float = Column("Pooled one, assumed.")
    people_per_arm: int = Column("Size of the simulated trial.", ge=1)
    p_towards: float = Probability("Share of simulated trials that move the verdict to the truth.")
    mcse_towards: float = Column("Monte Carlo standard error of p_towards.", ge=0)
    p_away: float = Probability("Share of simulated trials that move it away from the truth.")
    mcse_away: float = Column("Monte Carlo standard error of p_away.", ge=0)
    p_cannot_tell: float = Probability("Share of simulated trials after which it is `no_verdict`.")
    mcse_cannot_tell: float = Column("Monte Carlo standard error of p_cannot_tell.", ge=0)
    simulations: int = Column("Number of simulated trials.", ge=1)


class NextTrialSummary(Table, file="6_sensitivity/next_trial_summary.csv"):
    """One row per outcome and assumed effect: the smallest trial that moves the verdict towards it.

    Empty where nothing could be simulated; `reason` says why.
    """

    outcome: str
    verdict_now: str = Column("Its words; empty where the outcome has no verdict.", nullable=True)
    true_effect: float = Column("Pooled one, assumed.", style="plain")
    truth: str = Column(
        "What that is: more, less, or within the limits of practically no difference.",
        isin=["more", "less", "none"],
    )
    smallest_per_arm: pd.Int64Dtype = Count(
        "Smallest size per arm from which on trials move the verdict towards the truth often"
        " enough; empty if none does.",
        nullable=True,
    )
    p_towards: float = Probability(
        "Share of the largest trials that move the verdict towards the truth.", nullable=True
    )
    p_away: float = Probability(
        "Share of the largest trials that move it away from the truth.", nullable=True
    )
    p_cannot_tell: float = Probability(
        "Share of the largest trials after which it is `no_verdict`.", nullable=True
    )
    largest_per_arm: int = Count("Largest size per arm that was considered.", ge=1)
    reason: str


class ReadingList(Table, file="6_sensitivity/reading_list.csv"):
    """One row per effect of which a full text would give counts, the best study first.

    Widths are of the 95% interval of the pooled effect, on the log odds ratio scale.
    """

    rank: int = Count("Of the study: by how much its full text would narrow all intervals.", ge=1)
    study_id: str
    outcome: str
    effect_id: str = Column(
        "Effect on record that is analysed; where none is, study and outcome.", unique=True
    )
    on_record: str = Column(
        "What is analysed now: a finding, or a number; nothing, as the effect on record is not"
        " usable; or nothing, as the record waits for data.",
        isin=[
            "finding",
            "finding_without_sizes",
            "number_without_sizes",
            "not_usable",
            "awaiting_data",
        ],
    )
    p_given: float = Share(
        "Probability that the full text gives the outcome: 1 with an effect on record, else the"
        " share of the analysed studies that have one."
    )
    size_learnt: bool = Column("Whether the size of the outcome's effect is learnt now.")
    width_now: float = Column("Width now.", nullable=True, ge=0, style="two_decimals", size=True)
    width_ratio: float = Column(
        "Expected width with the counts, over that now.", nullable=True, gt=0, style="two_decimals"
    )
    width_ratio_mcse: float = Column("Monte Carlo standard error of it.", nullable=True, ge=0)
    width_ratio_low: float = Column(
        "Quantile at 5% of that ratio.", nullable=True, gt=0, style="two_decimals"
    )
    width_ratio_high: float = Column(
        "Quantile at 95% of that ratio.", nullable=True, gt=0, style="two_decimals"
    )
    p_widens: float = Probability("That the interval is wider with the counts.", nullable=True)
    p_widens_mcse: float = Column("Monte Carlo standard error of it.", nullable=True, ge=0)
    p_verdict_changes: float = Probability(
        "That the verdict has another rule or direction with the counts.", nullable=True
    )
    p_verdict_changes_mcse: float = Column("Monte Carlo standard error of it.", nullable=True, ge=0)
    simulations: int = Count("Tables of counts that were drawn.", ge=0)
    reason: str = Column("Why there is no answer; empty when there is one.", nullable=True)
    study_width_ratio: float = Column(
        "Product over the outcomes of the study, each by its probability of being given.",
        gt=0,
        style="two_decimals",
    )
    study_p_verdict_changes: float = Probability(
        "That any verdict changes, as if the outcomes of the study were independent."
    )
