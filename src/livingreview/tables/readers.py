"""Tables of stage 8 for readers: plain headings, odds ratios instead of their logarithms."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series

from livingreview.tables.table import PROBABILITY, Table

MODERATOR = "Moderator: "
RISK_OF_BIAS = "Risk of bias: "


class PooledResults(Table, file="8_report/tables/pooled_results.csv"):
    """One row per outcome, model and setting: the pooled results."""

    outcome: Series[str] = pa.Field(alias="Outcome", description="What was measured.")
    model: Series[str] = pa.Field(alias="Model", description="Label of the model.")
    setting: Series[str] = pa.Field(
        alias="Which studies", description="All, or those at a level of a moderator."
    )
    studies: Series[int] = pa.Field(alias="Studies", ge=0, description="How many.")
    odds_ratio: Series[float] = pa.Field(
        alias="Odds ratio", gt=0, description="Median; above 1 means more of the outcome."
    )
    odds_ratio_low: Series[float] = pa.Field(
        alias="Odds ratio, 2.5%", gt=0, description="Low end of its 95% interval."
    )
    odds_ratio_high: Series[float] = pa.Field(
        alias="Odds ratio, 97.5%", gt=0, description="High end of its 95% interval."
    )
    new_setting_low: Series[float] = pa.Field(
        alias="In a new place, 2.5%", gt=0, description="Low end of the 95% prediction interval."
    )
    new_setting_high: Series[float] = pa.Field(
        alias="In a new place, 97.5%", gt=0, description="High end of the prediction interval."
    )
    tau: Series[float] = pa.Field(
        alias="Tau",
        ge=0,
        description="Median standard deviation of effects between studies, log odds ratio.",
    )
    p_more: Series[float] = pa.Field(
        alias="Probability of more", **PROBABILITY, description="That the odds ratio is above 1."
    )
    p_less: Series[float] = pa.Field(
        alias="Probability of less", **PROBABILITY, description="That the odds ratio is below 1."
    )
    p_practically_none: Series[float] = pa.Field(
        alias="Probability of practically no difference",
        **PROBABILITY,
        description="That the odds ratio is within the protocol's limits around 1.",
    )
    baseline_per_1000: Series[float] = pa.Field(
        alias="Per 1,000 without",
        nullable=True,
        description="People with the outcome in the control arm; empty without a source.",
    )
    difference_per_1000: Series[float] = pa.Field(
        alias="Difference per 1,000", nullable=True, description="Median change in that number."
    )
    difference_per_1000_low: Series[float] = pa.Field(
        alias="Difference per 1,000, 2.5%",
        nullable=True,
        description="Low end of its 95% interval.",
    )
    difference_per_1000_high: Series[float] = pa.Field(
        alias="Difference per 1,000, 97.5%",
        nullable=True,
        description="High end of its 95% interval.",
    )
    verdict_words: Series[str] = pa.Field(
        alias="Verdict", description="In the words of the protocol's decision rule."
    )


class EffectsOfStudies(Table, file="8_report/tables/study_effects.csv"):
    """One row per effect of a study: what it reported, and its effect in the overall model."""

    outcome: Series[str] = pa.Field(alias="Outcome", description="What was measured.")
    study: Series[str] = pa.Field(alias="Study", description="Author and year.")
    measure: Series[str] = pa.Field(alias="Measure", description="What was counted or measured.")
    months: Series[float] = pa.Field(
        alias="Months followed", nullable=True, gt=0, description="Empty when not known."
    )
    status: Series[str] = pa.Field(
        alias="What became of it", description="Analysed, set aside, or not usable."
    )
    reason: Series[str] = pa.Field(alias="Reason", nullable=True, description="Unless analysed.")
    kind: Series[str] = pa.Field(
        alias="Kind of evidence", description="A finding is only a direction and significance."
    )
    direction: Series[str] = pa.Field(alias="Direction reported", description="As the study says.")
    significance: Series[str] = pa.Field(
        alias="Significance reported", description="As the study says."
    )
    assumption: Series[str] = pa.Field(
        alias="Assumption", nullable=True, description="What had to be assumed to use it."
    )
    odds_ratio: Series[float] = pa.Field(
        alias="Odds ratio",
        nullable=True,
        gt=0,
        description="Median in the overall model, drawn to the others; empty unless analysed.",
    )
    odds_ratio_low: Series[float] = pa.Field(
        alias="Odds ratio, 2.5%", nullable=True, gt=0, description="Low end of its 95% interval."
    )
    odds_ratio_high: Series[float] = pa.Field(
        alias="Odds ratio, 97.5%", nullable=True, gt=0, description="High end of its 95% interval."
    )
    p_more: Series[float] = pa.Field(
        alias="Probability of more",
        nullable=True,
        **PROBABILITY,
        description="That this odds ratio is above 1.",
    )


class ModeratorResults(Table, file="8_report/tables/moderators.csv"):
    """One row per difference between studies that a model looked at."""

    outcome: Series[str] = pa.Field(alias="Outcome", description="What was measured.")
    model: Series[str] = pa.Field(alias="Model", description="Label of the model.")
    moderator: Series[str] = pa.Field(alias="Moderator", description="What differs.")
    comparison: Series[str] = pa.Field(
        alias="Comparison", description="A level against the reference, or a step of a number."
    )
    ratio: Series[float] = pa.Field(
        alias="Ratio of odds ratios", gt=0, description="Median; 1 when there is no difference."
    )
    ratio_low: Series[float] = pa.Field(
        alias="Ratio, 2.5%", gt=0, description="Low end of its 95% interval."
    )
    ratio_high: Series[float] = pa.Field(
        alias="Ratio, 97.5%", gt=0, description="High end of its 95% interval."
    )
    p_direction: Series[float] = pa.Field(
        alias="Probability of direction",
        **PROBABILITY,
        description="That the ratio is on the side of 1 where its median is.",
    )
    contraction: Series[float] = pa.Field(
        alias="Contraction",
        le=1,
        description="How much narrower the posterior is than the prior; 0 for nothing learned.",
    )
    studies_level: Series[int] = pa.Field(
        alias="Studies at the level", ge=1, description="How many."
    )
    studies_reference: Series[int] = pa.Field(
        alias="Studies at the reference", ge=1, description="How many."
    )
    verdict_words: Series[str] = pa.Field(alias="Verdict", description="In the protocol's words.")
    reason: Series[str] = pa.Field(
        alias="Reason", description="What stood in the way of a stronger verdict."
    )


class StudyCharacteristics(Table, file="8_report/tables/study_characteristics.csv"):
    """One row per record: what kind of study it is, and its risk of bias."""

    study: Series[str] = pa.Field(alias="Study", description="Author and year.")
    year: Series[int] = pa.Field(alias="Year", description="Of publication.")
    status: Series[str] = pa.Field(alias="Status", description="Whether it is in the review.")
    reason: Series[str] = pa.Field(alias="Reason", nullable=True, description="If it is not.")
    design: Series[str] = pa.Field(alias="How groups were formed", description="In words.")
    eligibility: Series[str] = pa.Field(alias="Why it belongs", description="In words.")
    moderators: Series[object] = pa.Field(
        alias=f"^{MODERATOR}", regex=True, nullable=True, description="Empty when not known."
    )
    risks: Series[str] = pa.Field(
        alias=f"^{RISK_OF_BIAS}", regex=True, nullable=True, description="Empty when not judged."
    )
    citation: Series[str] = pa.Field(alias="Reference", description="In full.")
    identifier: Series[str] = pa.Field(
        alias="Identifier", nullable=True, description="DOI or another, where known."
    )


class EvidenceLedger(Table, file="8_report/tables/evidence_ledger.csv"):
    """One row per value that was read from a source."""

    study: Series[str] = pa.Field(alias="Study", description="Author and year.")
    effect_id: Series[str] = pa.Field(alias="Effect", description="Study and outcome, by name.")
    field: Series[str] = pa.Field(alias="Field", description="Where it stands in the record.")
    value: Series[str] = pa.Field(alias="Value", description="As the record has it.")
    source_url: Series[str] = pa.Field(alias="Source", description="Address of the page.")
    source_locator: Series[str] = pa.Field(alias="Place in the source", description="In words.")
    source_kind: Series[str] = pa.Field(
        alias="Kind of source", description="Full text, abstract, or a summary by others."
    )
    record_file: Series[str] = pa.Field(alias="Record", description="File that holds it.")
    record_line: Series[int] = pa.Field(alias="Line", ge=1, description="In that file.")


class SensitivityResults(Table, file="8_report/tables/sensitivity.csv"):
    """One row per analysis that differs from the planned one in one choice."""

    outcome: Series[str] = pa.Field(alias="Outcome", description="What was measured.")
    analysis: Series[str] = pa.Field(alias="Choice changed", description="`planned` for none.")
    variant: Series[str] = pa.Field(
        alias="Changed to", description="Study left out or last added; else name of the choice."
    )
    studies: Series[int] = pa.Field(alias="Studies", ge=1, description="How many are left.")
    odds_ratio: Series[float] = pa.Field(alias="Odds ratio", gt=0, description="Median.")
    odds_ratio_low: Series[float] = pa.Field(
        alias="Odds ratio, 2.5%", gt=0, description="Low end of its 95% interval."
    )
    odds_ratio_high: Series[float] = pa.Field(
        alias="Odds ratio, 97.5%", gt=0, description="High end of its 95% interval."
    )
    p_more: Series[float] = pa.Field(
        alias="Probability of more", **PROBABILITY, description="That the odds ratio is above 1."
    )
    tau: Series[float] = pa.Field(alias="Tau", ge=0, description="Spread between studies, median.")


class CheckResults(Table, file="8_report/tables/checks.csv"):
    """One row per check, those first that warn."""

    check: Series[str] = pa.Field(alias="Check", description="What was checked.")
    fit: Series[str] = pa.Field(alias="Fit", description="Outcome and model, by name.")
    quantity: Series[str] = pa.Field(alias="Quantity", description="The worst one.")
    value: Series[float] = pa.Field(alias="Value", nullable=True, description="What was found.")
    threshold: Series[float] = pa.Field(alias="Limit", description="In the protocol.")
    verdict: Series[str] = pa.Field(
        alias="Verdict", isin=["pass", "warn", "stop"], description="What follows from it."
    )
    file_: Series[str] = pa.Field(alias="Details in", description="Result table.")


class DataDictionary(Table, file="8_report/data_dictionary.csv"):
    """One row per column of every CSV file among the results."""

    file_: Series[str] = pa.Field(
        alias="file", description="Below the folder of the review's results."
    )
    rows: Series[str] = pa.Field(description="What a row of that file is.")
    column: Series[str] = pa.Field(description="Heading of the column.")
    type: Series[str] = pa.Field(description="Text, number, whole number, or True or False.")
    allowed: Series[str] = pa.Field(description="Values that it may have.")
    may_be_empty: Series[bool] = pa.Field(description="Whether cells may be empty.")
    description: Series[str] = pa.Field(description="What it means, with its scale.")
