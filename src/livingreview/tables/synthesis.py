"""Tables of stage 5: posteriors on the scales that people read."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series

from livingreview.tables.table import PROBABILITY, Table


class StudyEffects(Table, file="5_synthesis/study_effects.csv"):
    """One row per fit and effect: its posterior on the log odds ratio scale."""

    fit: Series[str]
    outcome: Series[str]
    model: Series[str]
    effect_id: Series[str]
    study_id: Series[str]
    mean: Series[float]
    sd: Series[float] = pa.Field(ge=0)
    q2_5: Series[float]
    q50: Series[float]
    q97_5: Series[float]
    p_above_zero: Series[float] = pa.Field(**PROBABILITY)


class Summary(Table, file="5_synthesis/summary.csv"):
    """One row per fit and setting, in the words and units of the report."""

    fit: Series[str]
    outcome: Series[str]
    model: Series[str]
    setting: Series[str]
    studies: Series[int] = pa.Field(ge=0, description="Studies in that setting.")
    odds_ratio: Series[float] = pa.Field(
        gt=0, description="Pooled odds ratio, median; above 1 means more of the outcome."
    )
    odds_ratio_low: Series[float] = pa.Field(gt=0, description="Low end of its 95% interval.")
    odds_ratio_high: Series[float] = pa.Field(gt=0, description="High end of its 95% interval.")
    new_setting_low: Series[float] = pa.Field(
        gt=0,
        description="Low end of the 95% prediction interval of the odds ratio in a new setting.",
    )
    new_setting_high: Series[float] = pa.Field(gt=0, description="High end of that interval.")
    tau: Series[float] = pa.Field(ge=0)
    tau_low: Series[float] = pa.Field(ge=0, description="Low end of its 95% interval.")
    tau_high: Series[float] = pa.Field(ge=0, description="High end of its 95% interval.")
    p_more: Series[float] = pa.Field(
        **PROBABILITY, description="Posterior probability that the odds ratio is above 1."
    )
    p_less: Series[float] = pa.Field(
        **PROBABILITY, description="Posterior probability that the odds ratio is below 1."
    )
    p_practically_none: Series[float] = pa.Field(**PROBABILITY)
    p_new_setting_more: Series[float] = pa.Field(
        **PROBABILITY, description="Probability that the odds ratio in a new setting is above 1."
    )
    baseline_per_1000: Series[float] = pa.Field(
        nullable=True,
        description="People per 1,000 with the outcome in the control arm; empty without a source.",
    )
    difference_per_1000: Series[float] = pa.Field(
        nullable=True, description="Change in that number, median."
    )
    difference_per_1000_low: Series[float] = pa.Field(
        nullable=True, description="Low end of its 95% interval."
    )
    difference_per_1000_high: Series[float] = pa.Field(
        nullable=True, description="High end of its 95% interval."
    )
    verdict: Series[str] = pa.Field(description="Name of the decision rule that was met.")
    verdict_words: Series[str]


class Per1000(Table, file="5_synthesis/per_1000.csv"):
    """One row per outcome with a pooled effect and stated share of people without treatment."""

    outcome: Series[str]
    baseline: Series[str] = pa.Field(
        description="`cited`, or the name of an assumed setting, as in the protocol."
    )
    assumed: Series[bool] = pa.Field(description="Whether no source gives the share.")
    control_per_1000: Series[float] = pa.Field(
        ge=0, le=1000, description="People per 1,000 with the outcome in the control arm."
    )
    treated_per_1000: Series[float] = pa.Field(
        ge=0, le=1000, description="The same in the treated arm, median."
    )
    treated_per_1000_low: Series[float] = pa.Field(
        ge=0, le=1000, description="Low end of its 95% interval."
    )
    treated_per_1000_high: Series[float] = pa.Field(
        ge=0, le=1000, description="High end of its 95% interval."
    )


class Contrasts(Table, file="5_synthesis/contrasts.csv"):
    """One row per contrast between two outcomes of a joint model."""

    fit: Series[str]
    contrast: Series[str] = pa.Field(description="Name of the contrast, as in the protocol.")
    ratio: Series[float] = pa.Field(gt=0, description="Ratio of odds ratios, median.")
    ratio_low: Series[float] = pa.Field(gt=0)
    ratio_high: Series[float] = pa.Field(gt=0)
    p_above: Series[float] = pa.Field(
        **PROBABILITY, description="Posterior probability that the ratio is above 1."
    )
    p_below: Series[float] = pa.Field(
        **PROBABILITY, description="Posterior probability that the ratio is below 1."
    )
    fewest_studies: Series[int] = pa.Field(ge=1, description="Studies of the thinnest outcome.")
    settled: Series[bool] = pa.Field(
        description="Whether one of them is enough for a clear verdict."
    )


class Moderators(Table, file="5_synthesis/moderators.csv"):
    """One row per coefficient of a model with moderators: what could be learned of it."""

    outcome: Series[str]
    model: Series[str]
    moderator: Series[str] = pa.Field(description="Name of the moderator, as in the protocol.")
    coefficient: Series[str] = pa.Field(description="A level against the reference, or a slope.")
    ratio: Series[float] = pa.Field(gt=0, description="Ratio of odds ratios, median.")
    ratio_low: Series[float] = pa.Field(gt=0)
    ratio_high: Series[float] = pa.Field(gt=0)
    p_direction: Series[float] = pa.Field(
        description="Posterior probability of the more probable sign.", **PROBABILITY
    )
    prior_sd: Series[float] = pa.Field(gt=0, description="Of the log ratio.")
    posterior_sd: Series[float] = pa.Field(gt=0, description="Of the log ratio.")
    contraction: Series[float] = pa.Field(
        le=1, description="1 - var(posterior) / var(prior); below 0 when the posterior is wider."
    )
    studies_level: Series[int] = pa.Field(
        ge=1, description="Studies at the level, or above the mean of a numeric moderator."
    )
    studies_reference: Series[int] = pa.Field(
        ge=1, description="Studies at the reference, or below the mean."
    )
    condition_index: Series[float] = pa.Field(
        ge=1, description="Among all moderators that differ; infinite when others make it up."
    )
    aliased_with: Series[str] = pa.Field(
        nullable=True, description="Moderators that cannot be told apart from it."
    )
    sign_changes: Series[str] = pa.Field(
        nullable=True, description="Studies without which the median has the other sign."
    )
    verdict: Series[str] = pa.Field(
        isin=["supported", "suggested", "no_clear_difference", "not_learnable"],
        description="What these studies can say of the moderator.",
    )
    verdict_words: Series[str]
    reason: Series[str] = pa.Field(description="What stood in the way of a stronger verdict.")


class Conclusions(Table, file="5_synthesis/conclusions.csv"):
    """One row per published conclusion: how it stands against this review's evidence."""

    conclusion: Series[str] = pa.Field(description="Name of the conclusion, as in its file.")
    outcome: Series[str] = pa.Field(nullable=True, description="Empty when about no single one.")
    compared_with: Series[str] = pa.Field(
        nullable=True, description="Model, setting or coefficient, or contrast; empty if none."
    )
    studies: Series[float] = pa.Field(nullable=True, description="That carry the result.")
    probability: Series[float] = pa.Field(
        nullable=True, description="Posterior probability of what was concluded.", **PROBABILITY
    )
    verdict: Series[str] = pa.Field(
        isin=["agrees", "differs", "cannot_tell", "not_compared"],
        description="By the protocol's rule for published conclusions.",
    )
    verdict_words: Series[str]
    reason: Series[str] = pa.Field(nullable=True, description="Where no probability decides.")
