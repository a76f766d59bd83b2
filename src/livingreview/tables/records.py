"""Tables of stage 1: what the records hold."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series

from livingreview.tables.statuses import ALTERNATIVE, ANALYSED, NOT_USABLE, SET_ASIDE
from livingreview.tables.table import Table


class Studies(Table, file="1_records/studies.csv"):
    """One row per record."""

    study_id: Series[str] = pa.Field(unique=True)
    label: Series[str] = pa.Field(description="Name for readers.")
    year: Series[int] = pa.Field(description="Year of publication.")
    citation: Series[str] = pa.Field(description="Full reference.")
    identifier: Series[str] = pa.Field(
        nullable=True, description="DOI or other identifier, where known."
    )
    status: Series[str] = pa.Field(isin=["extracted", "awaiting_data", "to_screen", "excluded"])
    reason: Series[str] = pa.Field(nullable=True, description="Required unless extracted.")
    eligibility: Series[str] = pa.Field(description="Why it belongs to the review.")
    design_detail: Series[str] = pa.Field(description="How groups were formed, in words.")
    moderators: Series[object] = pa.Field(
        alias="^moderator_", regex=True, nullable=True, description="Empty when not known."
    )
    risks: Series[str] = pa.Field(
        alias="^risk_",
        regex=True,
        nullable=True,
        description="Risk of bias in one domain of the protocol; empty when not judged.",
    )


class Effects(Table, file="1_records/effects.csv"):
    """One row per study, outcome and comparison, with what became of it."""

    effect_id: Series[str] = pa.Field(unique=True)
    study_id: Series[str]
    outcome: Series[str]
    measure: Series[str] = pa.Field(description="What was counted or measured.")
    follow_up_months: Series[float] = pa.Field(
        gt=0, nullable=True, description="Months over which the outcome was followed."
    )
    treated: Series[str] = pa.Field(description="Name of the treated arm or arms.")
    control: Series[str] = pa.Field(description="Name of the control arm.")
    status: Series[str] = pa.Field(isin=[ANALYSED, SET_ASIDE, NOT_USABLE])
    reason: Series[str] = pa.Field(nullable=True, description="Required unless analysed.")
    kind: Series[str] = pa.Field(description="Kind of the evidence analysed.")
    piece: Series[int] = pa.Field(ge=0, description="Position of that evidence in the record.")
    alternative: Series[str] = pa.Field(description="Sizes or uncertainty measure taken.")
    direction: Series[str] = pa.Field(description="Direction that was reported.")
    significance: Series[str] = pa.Field(description="Statement of significance that was reported.")
    assumption: Series[str] = pa.Field(nullable=True)
    kinds_reported: Series[str] = pa.Field(description="All kinds of evidence on the effect.")
    alternatives: Series[str] = pa.Field(
        nullable=True, description="All usable routes, the one taken first."
    )


class Routes(Table, file="1_records/routes.csv"):
    """One row per way from a piece of evidence to a log odds ratio."""

    effect_id: Series[str]
    piece: Series[int] = pa.Field(ge=0, description="Position of the evidence in the record.")
    kind: Series[str] = pa.Field(description="Kind of the evidence.")
    alternative: Series[str] = pa.Field(description="Sizes, counts or uncertainty measure taken.")
    status: Series[str] = pa.Field(isin=[ANALYSED, ALTERNATIVE, SET_ASIDE, NOT_USABLE])
    reason: Series[str] = pa.Field(nullable=True, description="Why it is not used.")
    log_odds_ratio: Series[float] = pa.Field(
        nullable=True, description="Of the numbers as printed; empty for a statement."
    )
    standard_error: Series[float] = pa.Field(
        nullable=True, gt=0, description="Of that log odds ratio."
    )
    assumption: Series[str] = pa.Field(nullable=True)
    formula: Series[str] = pa.Field(nullable=True)


class Ledger(Table, file="1_records/ledger.csv"):
    """One row per reported value."""

    study_id: Series[str]
    effect_id: Series[str] = pa.Field(description="Effect that it belongs to.")
    field: Series[str] = pa.Field(description="Path of the field in the record.")
    value: Series[str] = pa.Field(description="The value as the record has it.")
    source_url: Series[str] = pa.Field(description="Address of the page it was read on.")
    source_locator: Series[str] = pa.Field(description="Place in that source.")
    source_kind: Series[str] = pa.Field(description="Full text, abstract, or a summary by others.")
    record_file: Series[str] = pa.Field(description="Record that holds it.")
    record_line: Series[int] = pa.Field(ge=1, description="Line in that record.")


class Conflicts(Table, file="1_records/conflicts.csv"):
    """One row per pair of routes that cannot both be right."""

    effect_id: Series[str]
    what: Series[str] = pa.Field(
        isin=["log_odds_ratio", "standard_error", "statement", "group_sizes"],
        description="What the two routes disagree on.",
    )
    first: Series[str] = pa.Field(description="One route.")
    first_says: Series[str] = pa.Field(description="What it gives.")
    second: Series[str] = pa.Field(description="The other route.")
    second_says: Series[str] = pa.Field(description="What it gives.")
    analysed: Series[str] = pa.Field(description="Route that is analysed.")


class Flow(Table, file="1_records/flow.csv"):
    """How many records and effects ended where."""

    level: Series[str] = pa.Field(
        isin=["record", "effect"], description="Whether records or effects are counted."
    )
    outcome: Series[str] = pa.Field(nullable=True)
    status: Series[str] = pa.Field(description="Where they ended.")
    reason: Series[str] = pa.Field(nullable=True)
    count: Series[int] = pa.Field(ge=1, description="How many ended there for that reason.")
    names: Series[str] = pa.Field(description="Their names, space separated.")
