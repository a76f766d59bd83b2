"""Tables of stage 5: posteriors on the scales that people read."""

from __future__ import annotations

from pandera.typing import Series

from livingreview.tables.table import PROBABILITY, Column, Table


class StudyEffects(Table, file="5_synthesis/study_effects.csv"):
    """One row per fit and effect: its posterior on the log odds ratio scale."""

    fit: Series[str]
    outcome: Series[str]
    model: Series[str]
    effect_id: Series[str]
    study_id: Series[str]
    mean: Series[float]
    sd: Series[float] = Column(ge=0)
    q2_5: Series[float]
    q50: Series[float]
    q97_5: Series[float]
    p_above_zero: Series[float] = Column(**PROBABILITY)


class Summary(Table, file="5_synthesis/summary.csv"):
    """One row per fit and setting, in the words and units of the report."""

    fit: Series[str]
    outcome: Series[str]
    model: Series[str]
    setting: Series[str]
    studies: Series[int] = Column("Studies in that setting.", ge=0)
    odds_ratio: Series[float] = Column(
        "Pooled odds ratio, median; above 1 means more of the outcome.", gt=0
    )
    odds_ratio_low: Series[float] = Column("Low end of its 95% interval.", gt=0)
    odds_ratio_high: Series[float] = Column("High end of its 95% interval.", gt=0)
    new_setting_low: Series[float] = Column(
        "Low end of the 95% prediction interval of the odds ratio in a new setting.", gt=0
    )
    new_setting_high: Series[float] = Column("High end of that interval.", gt=0)
    tau: Series[float] = Column(ge=0)
    tau_low: Series[float] = Column("Low end of its 95% interval.", ge=0)
    tau_high: Series[float] = Column("High end of its 95% interval.", ge=0)
    p_more: Series[float] = Column(
        "Posterior probability that the odds ratio is above 1.", **PROBABILITY
    )
    p_less: Series[float] = Column(
        "Posterior probability that the odds ratio is below 1.", **PROBABILITY
    )
    p_practically_none: Series[float] = Column(**PROBABILITY)
    p_new_setting_more: Series[float] = Column(
        "Probability that the odds ratio in a new setting is above 1.", **PROBABILITY
    )
    baseline_per_1000: Series[float] = Column(
        "People per 1,000 with the outcome in the control arm; empty without a source.",
        nullable=True,
    )
    difference_per_1000: Series[float] = Column("Change in that number, median.", nullable=True)
    difference_per_1000_low: Series[float] = Column("Low end of its 95% interval.", nullable=True)
    difference_per_1000_high: Series[float] = Column("High end of its 95% interval.", nullable=True)
    verdict: Series[str] = Column("Name of the decision rule that was met.")
    verdict_words: Series[str]


class Per1000(Table, file="5_synthesis/per_1000.csv"):
    """One row per outcome with a pooled effect and stated share of people without treatment."""

    outcome: Series[str]
    baseline: Series[str] = Column(
        "`cited`, or the name of an assumed setting, as in the protocol."
    )
    assumed: Series[bool] = Column("Whether no source gives the share.")
    control_per_1000: Series[float] = Column(
        "People per 1,000 with the outcome in the control arm.", ge=0, le=1000
    )
    treated_per_1000: Series[float] = Column("The same in the treated arm, median.", ge=0, le=1000)
    treated_per_1000_low: Series[float] = Column("Low end of its 95% interval.", ge=0, le=1000)
    treated_per_1000_high: Series[float] = Column("High end of its 95% interval.", ge=0, le=1000)


class Contrasts(Table, file="5_synthesis/contrasts.csv"):
    """One row per contrast between two outcomes of a joint model."""

    fit: Series[str]
    contrast: Series[str] = Column("Name of the contrast, as in the protocol.")
    ratio: Series[float] = Column("Ratio of odds ratios, median.", gt=0)
    ratio_low: Series[float] = Column(gt=0)
    ratio_high: Series[float] = Column(gt=0)
    p_above: Series[float] = Column(
        "Posterior probability that the ratio is above 1.", **PROBABILITY
    )
    p_below: Series[float] = Column(
        "Posterior probability that the ratio is below 1.", **PROBABILITY
    )
    fewest_studies: Series[int] = Column("Studies of the thinnest outcome.", ge=1)
    settled: Series[bool] = Column("Whether one of them is enough for a clear verdict.")


class Moderators(Table, file="5_synthesis/moderators.csv"):
    """One row per coefficient of a model with moderators: what could be learned of it."""

    outcome: Series[str]
    model: Series[str]
    moderator: Series[str] = Column("Name of the moderator, as in the protocol.")
    coefficient: Series[str] = Column("A level against the reference, or a slope.")
    ratio: Series[float] = Column("Ratio of odds ratios, median.", gt=0)
    ratio_low: Series[float] = Column(gt=0)
    ratio_high: Series[float] = Column(gt=0)
    p_direction: Series[float] = Column(
        "Posterior probability of the more probable sign.", **PROBABILITY
    )
    prior_sd: Series[float] = Column("Of the log ratio.", gt=0)
    posterior_sd: Series[float] = Column("Of the log ratio.", gt=0)
    contraction: Series[float] = Column(
        "1 - var(posterior) / var(prior); below 0 when the posterior is wider.", le=1
    )
    studies_level: Series[int] = Column(
        "Studies at the level, or above the mean of a numeric moderator.", ge=1
    )
    studies_reference: Series[int] = Column("Studies at the reference, or below the mean.", ge=1)
    condition_index: Series[float] = Column(
        "Among all moderators that differ; infinite when others make it up.", ge=1
    )
    aliased_with: Series[str] = Column(
        "Moderators that cannot be told apart from it.", nullable=True
    )
    sign_changes: Series[str] = Column(
        "Studies without which the median has the other sign.", nullable=True
    )
    verdict: Series[str] = Column(
        "What these studies can say of the moderator.",
        isin=["supported", "suggested", "no_clear_difference", "not_learnable"],
    )
    verdict_words: Series[str]
    reason: Series[str] = Column("What stood in the way of a stronger verdict.")


class Conclusions(Table, file="5_synthesis/conclusions.csv"):
    """One row per published conclusion: how it stands against this review's evidence."""

    conclusion: Series[str] = Column("Name of the conclusion, as in its file.")
    outcome: Series[str] = Column("Empty when about no single one.", nullable=True)
    compared_with: Series[str] = Column(
        "Model, setting or coefficient, or contrast; empty if none.", nullable=True
    )
    studies: Series[float] = Column("That carry the result.", nullable=True)
    probability: Series[float] = Column(
        "Posterior probability of what was concluded.", nullable=True, **PROBABILITY
    )
    verdict: Series[str] = Column(
        "By the protocol's rule for published conclusions.",
        isin=["agrees", "differs", "cannot_tell", "not_compared"],
    )
    verdict_words: Series[str]
    reason: Series[str] = Column("Where no probability decides.", nullable=True)
