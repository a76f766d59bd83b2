"""Tables of stage 1: what the records hold."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series

from livingreview.statuses import ALTERNATIVE, ANALYSED, NOT_USABLE, SET_ASIDE
from livingreview.tables.base import Table


class Studies(Table):
    """One row per record."""

    study_id: Series[str] = pa.Field(unique=True)
    label: Series[str]
    year: Series[int]
    citation: Series[str]
    identifier: Series[str] = pa.Field(nullable=True)
    status: Series[str] = pa.Field(isin=["extracted", "awaiting_data", "to_screen", "excluded"])
    reason: Series[str] = pa.Field(nullable=True, description="Required unless extracted.")
    eligibility: Series[str]
    design_detail: Series[str]
    moderators: Series[object] = pa.Field(
        alias="^moderator_", regex=True, nullable=True, description="Empty when not known."
    )
    risks: Series[str] = pa.Field(alias="^risk_", regex=True, nullable=True)


class Effects(Table):
    """One row per study, outcome and comparison, with what became of it."""

    effect_id: Series[str] = pa.Field(unique=True)
    study_id: Series[str]
    outcome: Series[str]
    measure: Series[str]
    follow_up_months: Series[float] = pa.Field(gt=0, nullable=True)
    treated: Series[str]
    control: Series[str]
    status: Series[str] = pa.Field(isin=[ANALYSED, SET_ASIDE, NOT_USABLE])
    reason: Series[str] = pa.Field(nullable=True, description="Required unless analysed.")
    kind: Series[str] = pa.Field(description="Kind of the evidence analysed.")
    piece: Series[int] = pa.Field(ge=0, description="Position of that evidence in the record.")
    alternative: Series[str] = pa.Field(description="Sizes or uncertainty measure taken.")
    direction: Series[str]
    significance: Series[str]
    assumption: Series[str] = pa.Field(nullable=True)
    kinds_reported: Series[str]
    alternatives: Series[str] = pa.Field(
        nullable=True, description="All usable routes, the one taken first."
    )


class Routes(Table):
    """One row per way from a piece of evidence to a log odds ratio."""

    effect_id: Series[str]
    piece: Series[int] = pa.Field(ge=0, description="Position of the evidence in the record.")
    kind: Series[str]
    alternative: Series[str] = pa.Field(description="Sizes, counts or uncertainty measure taken.")
    status: Series[str] = pa.Field(isin=[ANALYSED, ALTERNATIVE, SET_ASIDE, NOT_USABLE])
    reason: Series[str] = pa.Field(nullable=True, description="Why it is not used.")
    log_odds_ratio: Series[float] = pa.Field(
        nullable=True, description="Of the numbers as printed; empty for a statement."
    )
    standard_error: Series[float] = pa.Field(nullable=True, gt=0)
    assumption: Series[str] = pa.Field(nullable=True)
    formula: Series[str] = pa.Field(nullable=True)


class Ledger(Table):
    """One row per reported value."""

    study_id: Series[str]
    effect_id: Series[str]
    field: Series[str] = pa.Field(description="Path of the field in the record.")
    value: Series[str]
    source_url: Series[str]
    source_locator: Series[str]
    source_kind: Series[str]
    record_file: Series[str]
    record_line: Series[int] = pa.Field(ge=1)


class Conflicts(Table):
    """One row per pair of routes that cannot both be right."""

    effect_id: Series[str]
    what: Series[str] = pa.Field(
        isin=["log_odds_ratio", "standard_error", "statement", "group_sizes"]
    )
    first: Series[str]
    first_says: Series[str]
    second: Series[str]
    second_says: Series[str]
    analysed: Series[str]


class Flow(Table):
    """How many records and effects ended where."""

    level: Series[str] = pa.Field(isin=["record", "effect"])
    outcome: Series[str] = pa.Field(nullable=True)
    status: Series[str]
    reason: Series[str] = pa.Field(nullable=True)
    count: Series[int] = pa.Field(ge=1)
    names: Series[str]
