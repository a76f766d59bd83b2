"""Which column of a spreadsheet is which field of a record.

A mapping is a small YAML file. Its leaves are readings: a column, one value for
all rows, or a column with a value for the rows where it is blank.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from livingreview.base.types import Identifier, Text
from livingreview.base.validation import Strict
from livingreview.records.evidence.kinds import KINDS
from livingreview.records.importing.columns import PieceReadings, readings_of
from livingreview.records.importing.readings import (
    Flag,
    Name,
    Number,
    Reading,
    SourceReadings,
    WholeNumber,
    Year,
)

if TYPE_CHECKING:
    Piece = PieceReadings
else:
    Piece = Annotated[
        reduce(or_, (readings_of(name, kind) for name, kind in KINDS.items())),
        Field(discriminator="kind"),
    ]


class DesignReadings(Strict):
    """How the groups of a study were formed."""

    kind: Reading
    detail: Reading
    clustered: Flag | None = None


class JudgementReadings(Strict):
    """Risk of bias in one domain."""

    judgement: Reading
    reason: Reading


class StudyReadings(Strict):
    """Fields that all rows of a study share; a cell left blank says nothing."""

    study_id: Name = Field(description="Rows with the same name become one record.")
    label: Reading
    citation: Reading
    year: Year
    identifier: Reading | None = None
    eligibility: Reading
    design: DesignReadings
    moderators: dict[Identifier, Reading] = Field(description="Each moderator of the protocol.")
    risk_of_bias: dict[Identifier, JudgementReadings] = {}


class ArmReadings(Strict):
    """One of the two arms that a row compares."""

    id: Name
    label: Reading
    assigned: WholeNumber | None = None


class EffectReadings(Strict):
    """What a row is about."""

    id: Name | None = Field(
        default=None, description="Needed when a study has two rows on an outcome; else the outcome"
    )
    outcome: Reading
    measure: Reading
    follow_up_months: Number
    treated: ArmReadings
    control: ArmReadings
    analysed: Reading | None = None
    moderators: dict[Identifier, Reading] = Field(
        default={}, description="Moderators in which effects of one study may differ."
    )


class Mapping(Strict):
    """The content of a mapping file."""

    delimiter: Literal[",", ";", "tab"] | None = Field(
        default=None, description="Between cells; left out, as the line of headings has it."
    )
    sheet: Text | None = Field(default=None, description="Of a workbook with several sheets.")
    decimal: Literal[".", ","] = Field(default=".", description="What stands before decimals.")
    blank: list[Text] = Field(default=[], description="Cells that say nothing, such as `NA`.")
    ignore: list[Text] | Literal["others"] = Field(
        default=[], description="Columns not to import; `others`: all that the mapping names not."
    )
    study: StudyReadings
    effect: EffectReadings
    source: SourceReadings
    evidence: Annotated[list[Piece], Field(min_length=1)]
