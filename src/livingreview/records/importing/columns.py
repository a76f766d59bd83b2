"""Columns of a kind of evidence, by the types and marks of its fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Field, create_model
from pydantic.fields import FieldInfo

from livingreview.base.validation import Strict
from livingreview.records.evidence.columns import (
    DecimalsOf,
    Ends,
    InPercent,
    InWords,
    OnlyWith,
    OrWithout,
)
from livingreview.records.evidence.reported import Reported
from livingreview.records.evidence.sizes import Sizes
from livingreview.records.importing.readings import (
    Flag,
    Number,
    Percent,
    Reading,
    SourceReadings,
    Statements,
    WholeNumber,
)

ROLES = ("treated", "control")
_READINGS: dict[Any, type[Reading]] = {int: WholeNumber, float: Number, bool: Flag}


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


class PieceReadings(Strict):
    """Columns that any evidence may have."""

    kind: str
    source: SourceReadings | None = Field(default=None, description="Else that of the mapping.")
    note: Reading | None = None
    clusters: ClusterReadings | None = None


# Fields of evidence that stand in `PieceReadings`, are the same in all rows, or answer a question
# about a record.
SHARED = {*PieceReadings.model_fields, "confirmed"}


@dataclass(frozen=True)
class ReadField:
    """A field of evidence, and how a spreadsheet holds it.

    Attributes
    ----------
    name : str
        In the record.
    required : bool
    holds : {"value", "ends", "words", "sizes", "arms", "part"}
    reading : type of Reading
        Of a value.
    columns : tuple of str
        Names of its readings in a mapping.
    inner : tuple of ReadField
        What is read of each arm, or of a part with fields of its own.
    decimals_of, only_with, part, rest : str
        As in `livingreview.records.evidence.columns`; empty where not marked so.
    """

    name: str
    required: bool
    holds: Literal["value", "ends", "words", "sizes", "arms", "part"] = "value"
    reading: type[Reading] = Reading
    columns: tuple[str, ...] = ()
    inner: tuple[ReadField, ...] = ()
    decimals_of: str = ""
    only_with: str = ""
    part: str = ""
    rest: str = ""


def read_fields(model: type[BaseModel]) -> list[ReadField]:
    """Fields of a kind of evidence, or of its part about one arm, that a spreadsheet holds."""
    return [
        _read_field(name, field)
        for name, field in model.model_fields.items()
        if name not in SHARED | {"arm"}
    ]


def _read_field(name: str, field: FieldInfo) -> ReadField:
    required, kind = field.is_required(), _plain(field.annotation)
    marks = {type(mark): mark for mark in field.metadata}
    if Ends in marks:
        ends = marks[Ends]
        return ReadField(name, required, "ends", Number, (ends.low, ends.high))
    if InWords in marks:
        return ReadField(name, required, "words", columns=("statement",))
    if get_origin(kind) is list:
        [item] = map(_plain, get_args(kind))
        if issubclass(item, Sizes):
            return ReadField(name, required, "sizes", columns=(name,))
        return ReadField(name, required, "arms", columns=ROLES, inner=tuple(read_fields(item)))
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return ReadField(name, required, "part", columns=(name,), inner=_fields_of_part(kind))
    reading = Percent if InPercent in marks else _READINGS.get(kind, Reading)
    decimals, companion = marks.get(DecimalsOf), marks.get(OnlyWith)
    parts = marks.get(OrWithout)
    return ReadField(
        name,
        required and decimals is None and parts is None,
        "value",
        reading,
        (name, parts.rest) if parts else (name,),
        decimals_of=decimals.field if decimals else "",
        only_with=companion.field if companion else "",
        part=parts.part if parts else "",
        rest=parts.rest if parts else "",
    )


def _fields_of_part(model: type[BaseModel]) -> tuple[ReadField, ...]:
    """Fields of a part; its source is that of the row, or it is assumed."""
    return tuple(
        _read_field(name, field) for name, field in model.model_fields.items() if name != "source"
    )


def _plain(annotation: Any) -> Any:
    """A type without its marks, and without None where that is allowed too."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        [only] = (member for member in get_args(annotation) if member is not type(None))
        return _plain(only)
    return annotation


def readings_of(name: str, kind: type[Reported]) -> type[PieceReadings]:
    """Model of the columns of a kind of evidence."""
    fields = _definitions(f"{kind.__name__}Readings", read_fields(kind))
    fields["kind"] = (Literal[name], ...)
    return create_model(
        f"{kind.__name__}Readings", __base__=PieceReadings, __doc__=kind.__doc__, **fields
    )


def _definitions(name: str, fields: Iterable[ReadField]) -> dict[str, Any]:
    """Readings of these fields, as `create_model` takes them."""
    made: dict[str, Any] = {}
    for f in fields:
        kind: Any = f.reading
        match f.holds:
            case "words":
                kind = Statements
            case "sizes":
                kind = SizesReadings
            case "arms" | "part":
                inner = _definitions(f"{name}Of{f.name.title()}", f.inner)
                kind = create_model(f"{name}Of{f.name.title()}", __base__=Strict, **inner)
        for column in f.columns:
            made[column] = (kind, ...) if f.required else (kind | None, None)
    return made


def places(kind: type[Reported], columns: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Where a mapping has these columns, those of an arm for both arms."""
    of_arms = {
        column
        for f in read_fields(kind)
        if f.holds == "arms"
        for part in f.inner
        for column in part.columns
    }
    for column in columns:
        yield from ((role, column) for role in ROLES) if column in of_arms else ((column,),)
