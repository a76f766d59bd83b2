"""Tables of stage 5: posteriors on the scales that people read."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series

from livingreview.tables.base import PROBABILITY, Table


class StudyEffects(Table):
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


class Summary(Table):
    """One row per fit and setting, in the words and units of the report."""

    fit: Series[str]
    outcome: Series[str]
    model: Series[str]
    setting: Series[str]
    studies: Series[int] = pa.Field(ge=0, description="Studies in that setting.")
    odds_ratio: Series[float] = pa.Field(gt=0)
    odds_ratio_low: Series[float] = pa.Field(gt=0)
    odds_ratio_high: Series[float] = pa.Field(gt=0)
    new_setting_low: Series[float] = pa.Field(gt=0)
    new_setting_high: Series[float] = pa.Field(gt=0)
    tau: Series[float] = pa.Field(ge=0)
    tau_low: Series[float] = pa.Field(ge=0)
    tau_high: Series[float] = pa.Field(ge=0)
    p_more: Series[float] = pa.Field(**PROBABILITY)
    p_less: Series[float] = pa.Field(**PROBABILITY)
    p_practically_none: Series[float] = pa.Field(**PROBABILITY)
    p_new_setting_more: Series[float] = pa.Field(**PROBABILITY)
    baseline_per_1000: Series[float] = pa.Field(nullable=True)
    difference_per_1000: Series[float] = pa.Field(nullable=True)
    difference_per_1000_low: Series[float] = pa.Field(nullable=True)
    difference_per_1000_high: Series[float] = pa.Field(nullable=True)
    verdict: Series[str]
    verdict_words: Series[str]


class Contrasts(Table):
    """One row per contrast between two outcomes of a joint model."""

    fit: Series[str]
    contrast: Series[str]
    ratio: Series[float] = pa.Field(gt=0, description="Ratio of odds ratios, median.")
    ratio_low: Series[float] = pa.Field(gt=0)
    ratio_high: Series[float] = pa.Field(gt=0)
    p_above: Series[float] = pa.Field(**PROBABILITY)
    p_below: Series[float] = pa.Field(**PROBABILITY)
    fewest_studies: Series[int] = pa.Field(ge=1, description="Studies of the thinnest outcome.")
    settled: Series[bool]


class Moderators(Table):
    """One row per coefficient of a model with moderators: what could be learned of it."""

    outcome: Series[str]
    model: Series[str]
    moderator: Series[str]
    coefficient: Series[str] = pa.Field(description="A level against the reference, or a slope.")
    ratio: Series[float] = pa.Field(gt=0, description="Ratio of odds ratios, median.")
    ratio_low: Series[float] = pa.Field(gt=0)
    ratio_high: Series[float] = pa.Field(gt=0)
    p_direction: Series[float] = pa.Field(
        description="Posterior probability of the more probable sign.", **PROBABILITY
    )
    prior_sd: Series[float] = pa.Field(gt=0, description="Of the log ratio.")
    posterior_sd: Series[float] = pa.Field(gt=0)
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
        isin=["supported", "suggested", "no_clear_difference", "not_learnable"]
    )
    verdict_words: Series[str]
    reason: Series[str] = pa.Field(description="What stood in the way of a stronger verdict.")


class Conclusions(Table):
    """One row per published conclusion: how it stands against this review's evidence."""

    conclusion: Series[str]
    outcome: Series[str] = pa.Field(nullable=True, description="Empty when about no single one.")
    compared_with: Series[str] = pa.Field(
        nullable=True, description="Model, setting or coefficient, or contrast; empty if none."
    )
    studies: Series[float] = pa.Field(nullable=True, description="That carry the result.")
    probability: Series[float] = pa.Field(
        nullable=True, description="Posterior probability of what was concluded.", **PROBABILITY
    )
    verdict: Series[str] = pa.Field(isin=["agrees", "differs", "cannot_tell", "not_compared"])
    verdict_words: Series[str]
    reason: Series[str] = pa.Field(nullable=True, description="Where no probability decides.")
