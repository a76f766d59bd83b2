"""Which column of a spreadsheet is which field of a record.

A mapping is a small YAML file. Its leaves are readings: a column, one value for
all rows, or a column with a value for the rows where it is blank.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from livingreview.base.types import Identifier, Text
from livingreview.base.validation import Strict, field_error
from livingreview.records.evidence.reported import Direction, Significance

Reads = Literal["text", "flag", "whole", "number", "percent"]


class Reading(Strict):
    """Where a text comes from."""

    reads: ClassVar[Reads] = "text"
    column: Text | None = Field(default=None, description="Heading of the column.")
    value: str | int | float | bool | None = Field(
        default=None, description="For all rows, or for those where the column is blank."
    )
    words: dict[str, str | int | float | bool] = Field(
        default={}, description="What stands in the column, and what the record shall say for it."
    )

    @model_validator(mode="after")
    def _from_somewhere(self) -> Self:
        if self.column is None and "value" not in self.model_fields_set:
            raise field_error((), "neither", "`column`, `value`, or both")
        if self.column is None and self.words:
            raise field_error(("column",), "nothing", "a column along with `words`")
        return self


class Flag(Reading):
    """Where `true` or `false` comes from."""

    reads: ClassVar[Reads] = "flag"


class WholeNumber(Reading):
    """Where a number of people, a year, or a number of decimals comes from."""

    reads: ClassVar[Reads] = "whole"


class Number(Reading):
    """Where a number comes from."""

    reads: ClassVar[Reads] = "number"


class Percent(Reading):
    """Where a percentage comes from, with or without its sign."""

    reads: ClassVar[Reads] = "percent"


class SourceReadings(Strict):
    """Where the values of a row were read."""

    url: Reading
    locator: Reading
    kind: Reading


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

    study_id: Reading = Field(description="Rows with the same name become one record.")
    label: Reading
    citation: Reading
    year: WholeNumber
    identifier: Reading | None = None
    eligibility: Reading
    design: DesignReadings
    moderators: dict[Identifier, Reading] = Field(description="Each moderator of the protocol.")
    risk_of_bias: dict[Identifier, JudgementReadings] = {}


class ArmReadings(Strict):
    """One of the two arms that a row compares."""

    id: Reading
    label: Reading
    assigned: WholeNumber | None = None


class EffectReadings(Strict):
    """What a row is about."""

    id: Reading | None = Field(
        default=None, description="Needed when a study has two rows on an outcome; else the outcome"
    )
    outcome: Reading
    measure: Reading
    follow_up_months: Number
    treated: ArmReadings
    control: ArmReadings


class SizesReadings(Strict):
    """Group sizes behind a test or a finding: both groups, or their total."""

    name: Reading = Reading(value="reported")
    basis: Reading = Reading(value="reported")
    treated: WholeNumber | None = None
    control: WholeNumber | None = None
    total: WholeNumber | None = None
    note: Reading | None = None


class ClusterReadings(Strict):
    """Groups of people assigned together, with an intracluster correlation that is assumed."""

    icc: Number
    average_size: Number
    note: Reading


class _Piece(Strict):
    # A row has this evidence if the cell of at least one of these fields is filled.
    decisive: ClassVar[tuple[str, ...]]
    # Fields that are ignored if the cells of all decisive fields are blank.
    dependent: ClassVar[tuple[str, ...]] = ()
    source: SourceReadings | None = Field(default=None, description="Else that of the mapping.")
    note: Reading | None = None
    clusters: ClusterReadings | None = None


class _Analysed(_Piece):
    adjusted_for_clusters: Flag | None = None


class CountReadings(Strict):
    """People with the outcome in one arm, and all observed."""

    events: WholeNumber
    total: WholeNumber


class CountsReadings(_Piece):
    """Columns of counts."""

    decisive: ClassVar[tuple[str, ...]] = ("treated.events", "control.events")
    kind: Literal["counts"]
    treated: CountReadings
    control: CountReadings


class PercentReadings(Strict):
    """Percentage of one arm with the outcome."""

    percent: Percent
    decimals: WholeNumber | None = Field(default=None, description="Else as they stand in the cell")
    total: WholeNumber | None = None


class PercentagesReadings(_Piece):
    """Columns of percentages."""

    decisive: ClassVar[tuple[str, ...]] = ("treated.percent", "control.percent")
    kind: Literal["percentages"]
    treated: PercentReadings
    control: PercentReadings


class EstimateReadings(_Analysed):
    """Columns of an estimate with its uncertainty."""

    decisive: ClassVar[tuple[str, ...]] = ("value", "standard_error", "low", "high")
    dependent: ClassVar[tuple[str, ...]] = ("p_value",)
    kind: Literal["estimate"]
    measure: Reading
    value: Number
    standard_error: Number | None = None
    low: Number | None = None
    high: Number | None = None
    interval_percent: Number | None = None
    p_value: Number | None = None
    adjusted: Flag | None = None
    approximate: Flag | None = None


class MeanReadings(Strict):
    """Mean, standard deviation and people of one arm."""

    mean: Number
    sd: Number
    total: WholeNumber


class MeansReadings(_Piece):
    """Columns of means."""

    decisive: ClassVar[tuple[str, ...]] = (
        "treated.mean",
        "treated.sd",
        "control.mean",
        "control.sd",
    )
    kind: Literal["means"]
    treated: MeanReadings
    control: MeanReadings


class TestReadings(_Analysed):
    """Columns of a test statistic."""

    decisive: ClassVar[tuple[str, ...]] = ("value",)
    dependent: ClassVar[tuple[str, ...]] = ("direction",)
    kind: Literal["test"]
    statistic: Reading
    value: Number
    direction: Reading
    sizes: SizesReadings


class Statement(Strict):
    """What one wording of the spreadsheet says."""

    direction: Direction
    significance: Significance


class Statements(Strict):
    """A column of findings in words, and what each wording says."""

    column: Text
    words: Annotated[dict[str, Statement], Field(min_length=1)]


class FindingReadings(_Analysed):
    """A column of findings in words."""

    decisive: ClassVar[tuple[str, ...]] = ("statement",)
    kind: Literal["finding"]
    statement: Statements
    sizes: SizesReadings | None = None


Piece = Annotated[
    CountsReadings
    | PercentagesReadings
    | EstimateReadings
    | MeansReadings
    | TestReadings
    | FindingReadings,
    Field(discriminator="kind"),
]


class Mapping(Strict):
    """The content of a mapping file."""

    delimiter: Literal[",", ";", "tab"] = ","
    decimal: Literal[".", ","] = Field(default=".", description="What stands before decimals.")
    blank: list[Text] = Field(default=[], description="Cells that say nothing, such as `NA`.")
    ignore: list[Text] = Field(default=[], description="Columns not to import.")
    study: StudyReadings
    effect: EffectReadings
    source: SourceReadings
    evidence: Annotated[list[Piece], Field(min_length=1)]


Place = tuple[str | int, ...]


def reading_at(mapping: Mapping, place: Place) -> Any:
    """Entry at a place of the mapping; None when it was left out."""
    node: Any = mapping
    for part in place:
        if node is None:
            return None
        in_collection = isinstance(node, dict | list)
        node = node[part] if in_collection else getattr(node, str(part))
    return node


def columns(node: Any, place: Place = ()) -> list[tuple[Place, str]]:
    """Every column that the mapping names, with the place where it does."""
    if isinstance(node, Reading | Statements):
        return [((*place, "column"), node.column)] if node.column is not None else []
    children: Any = []
    if isinstance(node, Strict):
        children = [(field, getattr(node, field)) for field in type(node).model_fields]
    elif isinstance(node, dict):
        children = node.items()
    elif isinstance(node, list):
        children = enumerate(node)
    return [named for key, child in children for named in columns(child, (*place, key))]
