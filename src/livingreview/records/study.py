"""Study records: what one evaluation reported, value by value, each with its source.

One YAML file holds one study. A record says what was *reported*; nothing in it
is computed. The kinds of evidence are listed in `livingreview.records.evidence.kinds`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)
from pydantic_core import PydanticCustomError

from livingreview.base.errors import one_of, shortened
from livingreview.base.slips import signs_to_leave_out
from livingreview.base.types import DesignKind, Identifier, Source, Text
from livingreview.base.validation import Strict, field_error, refuse, repeated
from livingreview.protocol.vocabulary import Vocabulary
from livingreview.records.confirmable import Confirmable
from livingreview.records.evidence.amounts import Size
from livingreview.records.evidence.kinds import Evidence
from livingreview.records.moderators import ModeratorValue, moderator_misfits, value_analysed


@dataclass
class Names:
    """Names that a record may use: the context in which it is validated.

    Attributes
    ----------
    vocabulary : Vocabulary, optional
        Names of the protocol; None leaves them unchecked.
    study_id : str, optional
        What the record must be called; None leaves it unchecked.
    files : mapping of str to Path
        Files of all records, by what these must be called.
    arms : list of str, optional
        Arms of the study, once they are validated.
    """

    vocabulary: Vocabulary | None = None
    study_id: str | None = None
    files: Mapping[str, Path] = field(default_factory=dict)
    arms: list[str] | None = None


def _names(info: ValidationInfo) -> Names:
    return info.context if isinstance(info.context, Names) else Names()


def _has_compared_arms(piece: Evidence, info: ValidationInfo) -> Evidence:
    """Check the arms of a piece of evidence against the two that its effect compares.

    Further arms of the study may be there: one table of counts serves several effects.
    """
    compared = [info.data[role] for role in ("treated", "control") if role in info.data]
    arms = getattr(piece, "arms", [])
    names = [arm.arm for arm in arms]
    if not arms or len(compared) < 2:
        return piece
    if any(names.count(arm) != 1 for arm in compared):
        allowed = "one entry for {} and one for {}".format(*compared)
        raise field_error(("arms",), ", ".join(names), allowed)
    known = _names(info).arms
    refuse(
        field_error(("arms", i, "arm"), name, one_of(name, known))
        for i, name in enumerate(names)
        if known is not None and name not in known
    )
    refuse(repeated(arms, "arm"))
    return piece


class Effect(Confirmable):
    """One outcome and one comparison of a study, with all that was reported about it."""

    id: Identifier = Field(description="Unique within the study.")
    outcome: Identifier
    measure: Text
    follow_up_months: Annotated[float, Field(ge=0, le=600)] | None = Field(
        description="0 where it was measured at once; null when it could not be read."
    )
    treated: Identifier
    control: Identifier
    analysed: Literal["as_assigned", "as_received", "not_known"] = Field(
        default="not_known",
        description="Whether people count in the group that they were assigned to, or by what they"
        " received.",
    )
    set_aside: Text | None = Field(
        default=None, description="Reason not to analyse this effect, when there is one."
    )
    moderators: dict[str, ModeratorValue] = Field(
        default={}, description="Moderators in which this effect is unlike its study."
    )
    evidence: Annotated[
        list[Annotated[Evidence, AfterValidator(_has_compared_arms)]], Field(min_length=1)
    ]

    @field_validator("outcome", mode="before")
    @classmethod
    def _outcome_is_known(cls, outcome: Any, info: ValidationInfo) -> Any:
        vocabulary = _names(info).vocabulary
        if vocabulary and isinstance(outcome, str) and outcome not in vocabulary.outcomes:
            raise field_error((), None, one_of(outcome, vocabulary.outcomes))
        return outcome

    @field_validator("moderators", mode="before")
    @classmethod
    def _moderators_are_known(cls, values: Any, info: ValidationInfo) -> Any:
        vocabulary = _names(info).vocabulary
        if vocabulary is not None and isinstance(values, dict):
            refuse(moderator_misfits(values, vocabulary.moderators))
        return values

    @field_validator("treated", "control", mode="before")
    @classmethod
    def _arm_is_listed(cls, arm: Any, info: ValidationInfo) -> Any:
        known = _names(info).arms
        if known is not None and isinstance(arm, str) and arm not in known:
            raise field_error((), shortened(arm), one_of(arm, known) if known else "no arms")
        if isinstance(arm, str) and arm == info.data.get("treated"):
            raise field_error((), arm, "an arm other than `treated`")
        return arm


class Arm(Strict):
    """A group of people and what they got."""

    id: Identifier
    label: Text
    assigned: Size | None = None


class Design(Strict):
    """How the groups were formed."""

    kind: DesignKind
    detail: Text
    clustered: bool = Field(
        default=False, description="Whether groups of people were assigned, not people."
    )


class Judgement(Strict):
    """Risk of bias in one domain."""

    judgement: Literal["low", "some_concerns", "high", "not_readable"]
    outcomes: Annotated[list[Identifier], Field(min_length=1)] | None = Field(
        default=None,
        description="Outcomes that it is about, such as that of interviews; by default all.",
    )
    reason: Text

    @field_validator("outcomes", mode="before")
    @classmethod
    def _outcomes_are_known(cls, outcomes: Any, info: ValidationInfo) -> Any:
        vocabulary = _names(info).vocabulary
        if vocabulary is not None and isinstance(outcomes, list):
            refuse(
                field_error((i,), None, one_of(name, vocabulary.outcomes))
                for i, name in enumerate(outcomes)
                if name not in vocabulary.outcomes
            )
        return outcomes

    def is_high_for(self, outcome: str) -> bool:
        """Whether the risk of bias of an outcome is judged high."""
        about = self.outcomes is None or outcome in self.outcomes
        return self.judgement == "high" and about


class Citation(Strict):
    """How to find the study."""

    label: Text = Field(description="Short name for figures, such as `Jolin 1998`.")
    text: Text
    year: Annotated[int, Field(ge=1900, le=2100)] | None = Field(
        description="Of publication; null when it could not be read."
    )
    identifier: Text | None = None


def _is_a_domain(name: str, info: ValidationInfo) -> str:
    vocabulary = _names(info).vocabulary
    if vocabulary is not None and name not in vocabulary.domains:
        raise field_error((), repr(name), one_of(name, vocabulary.domains))
    return name


def _needless_clusters(
    effects: list[Effect], design: Design | None
) -> Iterator[PydanticCustomError]:
    """Errors about evidence that allows for clusters where people were assigned one by one."""
    if design is None or design.clustered:
        return
    for i, effect in enumerate(effects):
        for j, piece in enumerate(effect.evidence):
            for name in ("clusters", "adjusted_for_clusters"):
                if getattr(piece, name, None):
                    found = "clusters in a study without any"
                    allowed = "left out, or `clustered: true` in `design`"
                    yield field_error((i, "evidence", j, name), found, allowed)


class Study(Confirmable):
    """One evaluation: the whole content of a record file."""

    study_id: Identifier
    citation: Citation
    status: Literal["extracted", "awaiting_data", "to_screen", "excluded"]
    reason: Text | None = Field(
        default=None, validate_default=True, description="Required unless extracted."
    )
    eligibility: Text
    people: Text | None = Field(
        default=None,
        description="Whom it is about, such as `older people`; where no moderator says so.",
    )
    design: Design
    moderators: dict[str, ModeratorValue] = Field(
        description="Value of each moderator in the protocol; null when it could not be read."
        " Where sources differ, the value to analyse with its alternatives."
    )
    arms: list[Arm] = Field(default=[], validate_default=True)
    risk_of_bias: dict[Annotated[str, AfterValidator(_is_a_domain)], Judgement] = {}
    sources: Annotated[list[Source], Field(min_length=1)]
    notes: list[Text] = []
    effects: list[Effect] = Field(default=[], validate_default=True)

    @field_validator("study_id", mode="before")
    @classmethod
    def _id_names_the_file(cls, study_id: Any, info: ValidationInfo) -> Any:
        names = _names(info)
        if not isinstance(study_id, str) or names.study_id in (study_id, None):
            return study_id
        other = f" ({names.files[study_id]} has this id)" if study_id in names.files else ""
        allowed = f"`{names.study_id}`, the name of the file{other}"
        raise field_error((), None, ", ".join([allowed, *signs_to_leave_out(study_id)]))

    @field_validator("reason")
    @classmethod
    def _reason_unless_extracted(cls, reason: str | None, info: ValidationInfo) -> str | None:
        status = info.data.get("status", "extracted")
        if reason is None and status != "extracted":
            raise field_error((), "nothing", f"why it is `{status}`")
        return reason

    @field_validator("moderators", mode="before")
    @classmethod
    def _moderators_are_known(cls, values: Any, info: ValidationInfo) -> Any:
        vocabulary = _names(info).vocabulary
        if vocabulary is not None and isinstance(values, dict):
            refuse(moderator_misfits(values, vocabulary.moderators, complete=True))
        return values

    @field_validator("arms")
    @classmethod
    def _arms_have_names_of_their_own(cls, arms: list[Arm], info: ValidationInfo) -> list[Arm]:
        _names(info).arms = [arm.id for arm in arms]
        refuse(repeated(arms, "id"))
        return arms

    @field_validator("effects", mode="wrap")
    @classmethod
    def _effects_fit_the_status(
        cls, effects: Any, validate: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> list[Effect]:
        valid, inner = [], None
        try:
            valid = validate(effects)
        except ValidationError as error:
            inner = error
        misfits = [*repeated(valid, "id"), *_needless_clusters(valid, info.data.get("design"))]
        status = info.data.get("status")
        if status == "extracted" and effects == []:
            misfits.append(field_error((), "no effect", "at least one, or another status"))
        if effects and status not in ("extracted", None):
            allowed = "`extracted`, as effects are given"
            misfits.append(field_error(("status",), status, allowed, beside=True))
        refuse(misfits, inner)
        return valid

    @property
    def values_analysed(self) -> dict[str, str | float | None]:
        """Value of each moderator that the study's effects are analysed with."""
        return {name: value_analysed(value) for name, value in self.moderators.items()}

    @property
    def follow_up_months(self) -> float | None:
        """Follow-up that all of the study's effects have in common, if they do."""
        lengths = {effect.follow_up_months for effect in self.effects}
        return lengths.pop() if len(lengths) == 1 else None


def effect_id(study: Study, effect: Effect) -> str:
    """Name of an effect over all studies."""
    return f"{study.study_id}/{effect.id}"
