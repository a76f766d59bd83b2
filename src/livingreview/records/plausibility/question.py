"""What a rule sees of a review, what it finds odd, and the question that is made of that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from livingreview.base.documents import Document, Location
from livingreview.protocol.moderators import Coding
from livingreview.protocol.outcomes import Assumed
from livingreview.protocol.plausibility import Plausibility
from livingreview.records.evidence.kinds import Evidence
from livingreview.records.study import Effect, Study

Record = tuple[Document, Study]


@dataclass(frozen=True)
class Place:
    """A piece of evidence, and where it stands."""

    record: Record
    effect: Effect
    piece: Evidence
    at: Location

    @property
    def arms(self) -> list[Any]:
        """What the piece says of the treated and of the control arm; empty where of neither."""
        by_name = {arm.arm: arm for arm in getattr(self.piece, "arms", [])}
        names = (self.effect.treated, self.effect.control)
        return [by_name[name] for name in names if name in by_name]


@dataclass(frozen=True)
class Review:
    """Checked records, and what the protocol says of them.

    Attributes
    ----------
    records : list of (Document, Study)
    limits : Plausibility
    assumed : dict of Assumed
        By outcome.
    codings : dict of Coding
        By moderator.
    """

    records: list[Record]
    limits: Plausibility
    assumed: Mapping[str, Assumed]
    codings: Mapping[str, Coding]

    def effects(self) -> Iterator[tuple[Record, Effect, Location]]:
        """Every effect, with its record and its place there."""
        for record in self.records:
            for i, effect in enumerate(record[1].effects):
                yield record, effect, ("effects", i)

    def pieces(self) -> Iterator[Place]:
        """Every piece of evidence."""
        for record, effect, at in self.effects():
            for j, piece in enumerate(effect.evidence):
                yield Place(record, effect, piece, (*at, "evidence", j))


@dataclass(frozen=True)
class Oddity:
    """What a rule finds odd at one place of a record.

    Attributes
    ----------
    record : (Document, Study)
    at : tuple
    found, why : str
        What stands there, and why that is odd.
    instead : str
        What may be meant, as a sentence; empty where a rule cannot know.
    about : str
        What tells it apart from others of the same rule in the same part of a record.
    twin : str
        Id of another study that is like this one, if it is about two.
    """

    record: Record
    at: Location
    found: str
    why: str
    instead: str = ""
    about: str = ""
    twin: str = ""


@dataclass(frozen=True)
class Rule:
    """A reason to ask about a value.

    Attributes
    ----------
    name : str
        Of its confirmation, too.
    looks_at, reason : str
    limits : tuple of str
        Fields of `Plausibility` that move it.
    ask : callable
    """

    name: str
    looks_at: str
    reason: str
    limits: tuple[str, ...]
    ask: Callable[[Review], Iterable[Oddity]]


@dataclass(frozen=True, order=True)
class Question:
    """A question about one place of a record.

    Attributes
    ----------
    file, line, field
        As in `Problem`.
    study_id, rule : str
    found, why, instead : str
        As in `Oddity`.
    place, name : str
        Part of the record, and name there, under which `confirmed` has the answer.
    twin : str
        As in `Oddity`.
    confirmed : str
        Why it is right all the same; empty while nobody says so.
    """

    file: str
    line: int
    field: str
    study_id: str
    rule: str
    found: str
    why: str
    instead: str
    place: str
    name: str
    twin: str = ""
    confirmed: str = ""

    @property
    def answer(self) -> str:
        """How to confirm it in the record; empty for what can only be corrected."""
        if not self.name:
            return ""
        name = self.name if self.name.replace("_", "").isalnum() else f'"{self.name}"'
        where = f" in {self.place}" if self.place else ""
        return f"; or confirm it{where}: `confirmed: {{{name}: '<reason>'}}`"

    def __str__(self) -> str:
        told = f"{self.file}:{self.line}: {self.field}: found {self.found}; odd: {self.why}."
        return f"{told} {self.instead or 'Correct it'}{self.answer}."
