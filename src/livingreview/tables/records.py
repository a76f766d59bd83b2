"""Tables of stage 1: what the records hold."""

from __future__ import annotations

import pandas as pd

from livingreview.tables.statuses import (
    ALTERNATIVE,
    ANALYSED,
    ASKED,
    CONFIRMED,
    NOT_USABLE,
    SET_ASIDE,
)
from livingreview.tables.table import Column, Count, Table


class Studies(Table, file="1_records/studies.csv"):
    """One row per record."""

    study_id: str = Column(unique=True)
    label: str = Column("Name for readers.")
    year: pd.Int64Dtype = Column(
        "Year of publication; empty when not known.", style="words", nullable=True
    )
    citation: str = Column("Full reference.")
    identifier: str = Column("DOI or other identifier, where known.", nullable=True)
    status: str = Column(isin=["extracted", "awaiting_data", "to_screen", "excluded"])
    reason: str = Column("Required unless extracted.", nullable=True)
    eligibility: str = Column("Why it belongs to the review.")
    about: str = Column("Whom it is about; empty where a moderator says so.", nullable=True)
    design_detail: str = Column("How groups were formed, in words.")
    notes: str = Column("What the record says of the study as a whole.", nullable=True)
    moderators: object | None = Column(
        "Empty when not known.", alias="^moderator_", regex=True, nullable=True
    )
    risks: str | None = Column(
        "Risk of bias in one domain of the protocol; empty when not judged.",
        alias="^risk_",
        regex=True,
        nullable=True,
    )


class Effects(Table, file="1_records/effects.csv"):
    """One row per study, outcome and comparison, with what became of it."""

    effect_id: str = Column(unique=True)
    study_id: str
    outcome: str
    effect_label: str = Column(
        "What tells it apart from the study's other effects on the outcome; empty where there are"
        " none.",
        nullable=True,
    )
    measure: str = Column("What was counted or measured.")
    follow_up_months: float = Count(
        "Months over which the outcome was followed.", ge=0, nullable=True
    )
    high_risk: str = Column(
        "Domains whose risk of bias is judged high for this outcome, space separated.",
        nullable=True,
    )
    treated: str = Column("Name of the treated arm or arms.")
    control: str = Column("Name of the control arm.")
    analysed: str = Column(
        "Whether people count in the group that they were assigned to, or by what they received.",
        isin=["as_assigned", "as_received", "not_known"],
    )
    status: str = Column(isin=[ANALYSED, SET_ASIDE, NOT_USABLE])
    reason: str = Column("Required unless analysed.", nullable=True)
    kind: str = Column("Kind of the evidence analysed.")
    piece: int = Column("Position of that evidence in the record.", ge=0)
    alternative: str = Column("Sizes or uncertainty measure taken.")
    direction: str = Column("Direction that was reported.")
    significance: str = Column("Statement of significance that was reported.")
    assumption: str = Column(nullable=True)
    kinds_reported: str = Column("All kinds of evidence on the effect.")
    alternatives: str = Column("All usable routes, the one taken first.", nullable=True)


class ModeratorValues(Table, file="1_records/moderator_values.csv"):
    """One row per value of a moderator that is an effect's own, or that sources contradict."""

    study_id: str
    effect_id: str = Column("Effect whose own value it is; empty for the study's.", nullable=True)
    moderator: str = Column("Moderator of the protocol.")
    value: str = Column("Empty when not known.", nullable=True)
    status: str = Column("Whether models use it.", isin=[ANALYSED, ALTERNATIVE])
    note: str = Column("What the record says of it.", nullable=True)
    source_url: str = Column("Address of the page it was read on.", nullable=True)
    source_locator: str = Column("Place in that source.", nullable=True)
    source_kind: str = Column("What sort of document was read.", nullable=True)
    record_file: str = Column("Record that holds it.")
    record_line: int = Count("Line in that record.", ge=1)


class Routes(Table, file="1_records/routes.csv"):
    """One row per way from a piece of evidence to θ."""

    effect_id: str
    piece: int = Column("Position of the evidence in the record.", ge=0)
    kind: str = Column("Kind of the evidence.")
    alternative: str = Column("Sizes, counts or uncertainty measure taken.")
    status: str = Column(isin=[ANALYSED, ALTERNATIVE, SET_ASIDE, NOT_USABLE])
    reason: str = Column("Why it is not used.", nullable=True)
    adjustment: str = Column(
        "Whether other characteristics of the groups are allowed for; empty where it is not said.",
        nullable=True,
        isin=["adjusted", "unadjusted"],
    )
    value: float = Column("θ of the numbers as printed; empty for a statement.", nullable=True)
    standard_error: float = Column("Of that value.", nullable=True, gt=0)
    assumption: str = Column(nullable=True)
    formula: str = Column(nullable=True)


class Ledger(Table, file="1_records/ledger.csv"):
    """One row per reported value."""

    study_id: str
    effect_id: str = Column("Effect that it belongs to.")
    field: str = Column("Path of the field in the record.")
    value: str = Column("The value as the record has it.")
    source_url: str = Column("Address of the page it was read on.")
    source_locator: str = Column("Place in that source.")
    source_kind: str = Column("What sort of document was read.")
    note: str = Column(
        "What the record says of it, or of the evidence it is part of.", nullable=True
    )
    record_file: str = Column("Record that holds it.")
    record_line: int = Count("Line in that record.", ge=1)


class Conflicts(Table, file="1_records/conflicts.csv"):
    """One row per pair of routes, or of values of a moderator, that cannot both be right."""

    effect_id: str = Column("Effect; or the study, where it is about a moderator of the study.")
    what: str = Column(
        "What the two routes disagree on.",
        isin=["effect", "standard_error", "statement", "group_sizes", "moderator"],
    )
    first: str = Column("One route, or the moderator.")
    first_says: str = Column("What it gives.")
    second: str = Column("The other route, or the moderator again.")
    second_says: str = Column("What it gives.")
    analysed: str = Column("Route or value that is analysed.")


class Questions(Table, file="1_records/questions.csv"):
    """One row per value that looks odd, also where its record confirms it."""

    study_id: str
    rule: str = Column("Rule that asks (docs/records.md).")
    status: str = Column("Whether the record confirms it.", isin=[ASKED, CONFIRMED])
    found: str = Column("What stands there.")
    why: str = Column("Why that is odd.")
    reason: str = Column("Why it is right, as the record confirms.", nullable=True)
    twin: str = Column("The other study, where two may be one.", nullable=True)
    field: str = Column("Path of the field in the record.")
    record_file: str = Column("Record that holds it.")
    record_line: int = Count("Line in that record.", ge=1)


class Flow(Table, file="1_records/flow.csv"):
    """How many records and effects ended where, what sources contradict, and what looks odd."""

    level: str = Column(
        "Whether records, effects, disputed moderators or odd values are counted.",
        isin=["record", "effect", "moderator", "question"],
    )
    outcome: str = Column(nullable=True)
    status: str = Column("Where they ended.")
    reason: str = Column(nullable=True)
    count: int = Column("How many ended there for that reason.", ge=1)
    names: str = Column("Their names, space separated.")
