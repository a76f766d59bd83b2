"""What all kinds of evidence have in common. A module beside this one holds each kind.

A validator beside a model says what its fields may not say together. It reads the fields that
are valid (`ValidationInfo.data`), so that one broken field hides no other mistake.
"""

from __future__ import annotations

import math
from typing import Annotated, ClassVar

from pydantic import Field, ValidationInfo, field_validator

from livingreview.base.measures import MeasureName
from livingreview.base.types import Source, Text
from livingreview.base.validation import Strict, field_error
from livingreview.records.confirmable import Confirmable
from livingreview.records.evidence.baselines import ControlRisk
from livingreview.records.evidence.clusters import design_effect
from livingreview.records.evidence.comparison import Comparison
from livingreview.records.evidence.route import Route


def note_or_source(note: str | None, info: ValidationInfo, number: str) -> str | None:
    """The note on a number, which must be there unless the number has a `source`."""
    if note is None and info.data.get("source", "broken") is None:
        raise field_error((), "nothing", f"a note on why `{number}` is assumed, or its source")
    return note


class Clusters(Strict):
    """Groups of people assigned together: how many, and how alike they are."""

    icc: Annotated[float, Field(ge=0, le=1)] = Field(description="Intracluster correlation.")
    average_size: Annotated[float, Field(ge=1, le=1_000_000_000)]
    source: Source | None = Field(
        default=None, description="Of the intracluster correlation; left out when it is assumed."
    )
    note: Text | None = Field(
        default=None,
        validate_default=True,
        description="Required when the correlation is assumed.",
    )

    @field_validator("note")
    @classmethod
    def _has_a_note_or_a_source(cls, note: str | None, info: ValidationInfo) -> str | None:
        return note_or_source(note, info, "icc")


class Reported(Confirmable):
    """A piece of evidence.

    A kind of evidence is a class below this one, with a `kind` of its own, listed in
    `livingreview.records.evidence.kinds`. Its fields are those of a record, and by their types
    and marks (`livingreview.records.evidence.columns`) the columns of a spreadsheet.

    Attributes
    ----------
    decisive : tuple of str
        Columns of which one must be filled in a row that has this evidence; for each arm, where
        they belong to an arm.
    dependent : tuple of str
        Columns that mean nothing in a row without the others.
    weighs_sizes : bool
        Whether group sizes stand in for the precision, so that clusters must reduce them.
    measures : tuple of str
        Measures of an outcome that this kind of evidence can be turned into.
    quantity : str
        What it reports, in words that begin a sentence.
    example : str
        Its own lines in a record to fill in (YAML).
    """

    decisive: ClassVar[tuple[str, ...]]
    dependent: ClassVar[tuple[str, ...]] = ()
    weighs_sizes: ClassVar[bool] = False
    measures: ClassVar[tuple[MeasureName, ...]] = ("odds_ratio",)
    quantity: ClassVar[str]
    example: ClassVar[str]

    source: Source
    note: Text | None = None
    clusters: Clusters | None = Field(
        default=None, description="Only when groups of people were assigned, not people."
    )

    def serves(self, measure: MeasureName) -> bool:
        """Whether this piece can be turned into an outcome's measure."""
        return measure in self.measures

    @property
    def is_adjusted(self) -> bool | None:
        """Whether other characteristics of the groups were allowed for; None if it is not said."""
        return False

    @property
    def reports(self) -> str:
        """What the piece reports, in words."""
        return self.quantity

    def routes(self, i: int, comparison: Comparison) -> list[Route]:
        """Ways from the piece, the `i`-th of its effect, to θ; those that cannot be used too."""
        raise NotImplementedError

    @property
    def inflation(self) -> float:
        """Factor that clusters put on standard errors of an arm's own share."""
        if self.clusters is None:
            return 1.0
        return math.sqrt(design_effect(self.clusters.icc, self.clusters.average_size))

    def control_risk(self, control: str) -> ControlRisk | None:
        """Probability of the outcome in the control arm, where this kind of evidence tells it."""
        return None


class Tested(Reported):
    """A piece of evidence whose source may have allowed for clusters."""

    adjusted_for_clusters: bool = Field(
        default=False, description="The uncertainty or test reported allows for clusters."
    )
