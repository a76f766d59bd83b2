"""Tables of stage 1: what the records hold."""

from __future__ import annotations

from pandera.typing import Series

from livingreview.tables.statuses import ALTERNATIVE, ANALYSED, NOT_USABLE, SET_ASIDE
from livingreview.tables.table import Column, Table


class Studies(Table, file="1_records/studies.csv"):
    """One row per record."""

    study_id: Series[str] = Column(unique=True)
    label: Series[str] = Column("Name for readers.")
    year: Series[int] = Column("Year of publication.")
    citation: Series[str] = Column("Full reference.")
    identifier: Series[str] = Column("DOI or other identifier, where known.", nullable=True)
    status: Series[str] = Column(isin=["extracted", "awaiting_data", "to_screen", "excluded"])
    reason: Series[str] = Column("Required unless extracted.", nullable=True)
    eligibility: Series[str] = Column("Why it belongs to the review.")
    design_detail: Series[str] = Column("How groups were formed, in words.")
    moderators: Series[object] = Column(
        "Empty when not known.", alias="^moderator_", regex=True, nullable=True
    )
    risks: Series[str] = Column(
        "Risk of bias in one domain of the protocol; empty when not judged.",
        alias="^risk_",
        regex=True,
        nullable=True,
    )


class Effects(Table, file="1_records/effects.csv"):
    """One row per study, outcome and comparison, with what became of it."""

    effect_id: Series[str] = Column(unique=True)
    study_id: Series[str]
    outcome: Series[str]
    measure: Series[str] = Column("What was counted or measured.")
    follow_up_months: Series[float] = Column(
        "Months over which the outcome was followed.", gt=0, nullable=True
    )
    treated: Series[str] = Column("Name of the treated arm or arms.")
    control: Series[str] = Column("Name of the control arm.")
    status: Series[str] = Column(isin=[ANALYSED, SET_ASIDE, NOT_USABLE])
    reason: Series[str] = Column("Required unless analysed.", nullable=True)
    kind: Series[str] = Column("Kind of the evidence analysed.")
    piece: Series[int] = Column("Position of that evidence in the record.", ge=0)
    alternative: Series[str] = Column("Sizes or uncertainty measure taken.")
    direction: Series[str] = Column("Direction that was reported.")
    significance: Series[str] = Column("Statement of significance that was reported.")
    assumption: Series[str] = Column(nullable=True)
    kinds_reported: Series[str] = Column("All kinds of evidence on the effect.")
    alternatives: Series[str] = Column("All usable routes, the one taken first.", nullable=True)


class Routes(Table, file="1_records/routes.csv"):
    """One row per way from a piece of evidence to a log odds ratio."""

    effect_id: Series[str]
    piece: Series[int] = Column("Position of the evidence in the record.", ge=0)
    kind: Series[str] = Column("Kind of the evidence.")
    alternative: Series[str] = Column("Sizes, counts or uncertainty measure taken.")
    status: Series[str] = Column(isin=[ANALYSED, ALTERNATIVE, SET_ASIDE, NOT_USABLE])
    reason: Series[str] = Column("Why it is not used.", nullable=True)
    log_odds_ratio: Series[float] = Column(
        "Of the numbers as printed; empty for a statement.", nullable=True
    )
    standard_error: Series[float] = Column("Of that log odds ratio.", nullable=True, gt=0)
    assumption: Series[str] = Column(nullable=True)
    formula: Series[str] = Column(nullable=True)


class Ledger(Table, file="1_records/ledger.csv"):
    """One row per reported value."""

    study_id: Series[str]
    effect_id: Series[str] = Column("Effect that it belongs to.")
    field: Series[str] = Column("Path of the field in the record.")
    value: Series[str] = Column("The value as the record has it.")
    source_url: Series[str] = Column("Address of the page it was read on.")
    source_locator: Series[str] = Column("Place in that source.")
    source_kind: Series[str] = Column("Full text, abstract, or a summary by others.")
    record_file: Series[str] = Column("Record that holds it.")
    record_line: Series[int] = Column("Line in that record.", ge=1)


class Conflicts(Table, file="1_records/conflicts.csv"):
    """One row per pair of routes that cannot both be right."""

    effect_id: Series[str]
    what: Series[str] = Column(
        "What the two routes disagree on.",
        isin=["log_odds_ratio", "standard_error", "statement", "group_sizes"],
    )
    first: Series[str] = Column("One route.")
    first_says: Series[str] = Column("What it gives.")
    second: Series[str] = Column("The other route.")
    second_says: Series[str] = Column("What it gives.")
    analysed: Series[str] = Column("Route that is analysed.")


class Flow(Table, file="1_records/flow.csv"):
    """How many records and effects ended where."""

    level: Series[str] = Column(
        "Whether records or effects are counted.", isin=["record", "effect"]
    )
    outcome: Series[str] = Column(nullable=True)
    status: Series[str] = Column("Where they ended.")
    reason: Series[str] = Column(nullable=True)
    count: Series[int] = Column("How many ended there for that reason.", ge=1)
    names: Series[str] = Column("Their names, space separated.")
