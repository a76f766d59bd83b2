"""Which columns headings name for studies, their effects and where these were read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from livingreview.base.errors import Problem, one_of
from livingreview.base.patterns import near_identifier
from livingreview.protocol.vocabulary import Vocabulary
from livingreview.records.importing.heading_words import EFFECT, STUDY, plain
from livingreview.records.importing.spreadsheet import Spreadsheet

NOT_STATED = "Not stated in the spreadsheet."
# What software writes where it has no value.
BLANK = ["NA"]
KIND_OF_SOURCE = "secondary summary"


@dataclass(frozen=True)
class Options:
    """What the command line says for all rows."""

    outcome: str | None = None
    measure: str | None = None
    source: str | None = None
    sheet: str | None = None
    decimal: str | None = None


def below(data: dict[str, Any], *names: str) -> dict[str, Any]:
    """Mapping at a place of a mapping that is not checked yet; empty where there is none."""
    node: Any = data
    for name in names:
        node = node.get(name) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else {}


class NamedColumns:
    """Columns of a sheet by what their headings say."""

    def __init__(
        self,
        sheet: Spreadsheet,
        free: list[str],
        vocabulary: Vocabulary,
        options: Options,
        moderators: set[str],
    ):
        """`moderators`: those that the mapping has."""
        self._moderators_there = moderators
        self._sheet, self._free = sheet, free
        self._vocabulary, self._options = vocabulary, options

    def _named(self, words: tuple[str, ...]) -> str | None:
        """The heading that is one of these words; the first word preferred."""
        headings = {plain(heading): heading for heading in reversed(self._free)}
        return next((headings[w] for w in map(plain, words) if w in headings), None)

    def _cells(self, column: str) -> list[str]:
        every = (row.cells[column] for row in self._sheet.rows)
        return list(dict.fromkeys(cell for cell in every if cell and cell not in BLANK))

    def study(self) -> dict[str, Any]:
        """Readings of a study."""
        found = {what: self._named(words) for what, words in STUDY.items()}
        year = found["year"]
        name = found["label"] or found["author"] or found["study"] or found["number"] or found["id"]
        made: dict[str, Any] = {
            "year": {"column": year} if year else {"value": None},
            "eligibility": {"value": NOT_STATED},
            "design": {"kind": {"value": "not_known"}, "detail": {"value": NOT_STATED}},
            "moderators": {},
        }
        if name is not None:
            numbers = all(cell.isdigit() for cell in self._cells(name))
            behind = [year] if year and name != found["label"] and not numbers else []
            label: dict[str, Any] = {"column": name} | ({"followed_by": behind} if behind else {})
            if numbers:
                label["words"] = {cell: f"{name.capitalize()} {cell}" for cell in self._cells(name)}
            made |= {"label": label, "study_id": self._study_id(found, name, behind)}
            if year is None:
                made["year"] = {"column": name, "at_end": True}
        if found["citation"]:
            made["citation"] = {"column": found["citation"]}
        if found["identifier"]:
            made["identifier"] = {"column": found["identifier"]}
        return made

    def _study_id(
        self, found: dict[str, str | None], name: str, behind: list[str]
    ) -> dict[str, Any]:
        """Reading of a study's id: its own column or its label, or both where that is a number."""
        own = found["number"] or found["study"] or found["id"]
        if own is None or own == name:
            return {"column": name, "make_name": True} | ({"followed_by": behind} if behind else {})
        if all(cell[0].isdigit() for cell in self._cells(own)):
            return {"column": name, "followed_by": [*behind, own], "make_name": True}
        return {"column": own, "make_name": True}

    def effect(self) -> dict[str, Any]:
        """Readings of an effect."""
        found = {what: self._named(words) for what, words in EFFECT.items()}
        made: dict[str, Any] = {
            "follow_up_months": {"value": None},
            "moderators": self._moderators(),
        }
        if months := found["follow_up_months"]:
            made["follow_up_months"] = {"column": months}
        for role, label in (("treated", "Treated"), ("control", "Control")):
            if column := found[role]:
                made[role] = {
                    "id": {"column": column, "make_name": True},
                    "label": {"column": column},
                }
            else:
                made[role] = {"id": {"value": role}, "label": {"value": label}}
        outcome = self._outcome(found["outcome"])
        if outcome is not None:
            made["outcome"] = outcome
            made["measure"] = (
                {"column": outcome["column"]}
                if "column" in outcome
                else {"value": _words(outcome["value"])}
            )
        apart = [c for c in (found["id"] or self._row_id(), found["treated"]) if c]
        if apart:
            of_outcome = [outcome["column"]] if outcome and "column" in outcome else []
            first, *others = of_outcome + apart
            made["id"] = {"column": first, "make_name": True}
            if others:
                made["id"]["followed_by"] = others
        return made

    def _row_id(self) -> str | None:
        """A column `id` beside one of studies is of effects."""
        study = self._named((*STUDY["study"], *STUDY["number"]))
        return self._named(STUDY["id"]) if study else None

    def _outcome(self, column: str | None) -> dict[str, Any] | None:
        outcomes = self._vocabulary.outcomes
        if self._options.outcome is not None:
            return {"value": self._options.outcome}
        if column is not None:
            words = {
                cell: name
                for cell in self._cells(column)
                if (name := near_identifier(cell)) in outcomes
            }
            if words:
                return {"column": column, "words": words}
        return {"value": outcomes[0]} if len(outcomes) == 1 else None

    def _moderators(self) -> dict[str, Any]:
        """Readings of the protocol's moderators that a column is named after, or no value."""
        made: dict[str, Any] = {}
        for name, levels in self._vocabulary.moderators.items():
            if name in self._moderators_there:
                continue
            column = self._named((name,))
            made[name] = {"column": column} if column else {"value": None}
            if column and levels:
                words = {cell: near_identifier(cell) for cell in self._cells(column)}
                known = {cell: word for cell, word in words.items() if word in levels}
                made[name] |= {"words": known} if known else {}
        return made

    def source(self) -> dict[str, Any]:
        """Readings of where the numbers were read."""
        url, locator = self._named(STUDY["url"]), self._named(STUDY["locator"])
        rows = f"{PurePath(self._sheet.file).name}, the rows of the study"
        made: dict[str, Any] = {
            "locator": {"value": rows} | ({"column": locator} if locator else {}),
            "kind": {"value": KIND_OF_SOURCE},
        }
        address = {"column": url} if url else {}
        address |= {"value": self._options.source} if self._options.source else {}
        return made | ({"url": address} if address else {})

    def missing(self, merged: dict[str, Any]) -> list[Problem]:
        """What neither the mapping nor a heading nor an option says."""
        file, top, outcomes = self._sheet.file, self._sheet.top, self._vocabulary.outcomes
        problems = []
        if "label" not in below(merged, "study"):
            words = ", ".join(
                f"`{w}`" for what in ("author", "study", "label") for w in STUDY[what]
            )
            problems.append(
                Problem(file, top, "study", "no column that names the studies", f"one of {words}")
            )
        if "outcome" not in below(merged, "effect"):
            allowed = f"`--outcome` with {one_of('', outcomes)}; or a column `outcome`"
            problems.append(Problem(file, top, "outcome", "no column that says which", allowed))
        elif self._options.outcome not in (None, *outcomes):
            allowed = one_of(self._options.outcome, outcomes)
            problems.append(Problem(file, 0, "--outcome", repr(self._options.outcome), allowed))
        if "url" not in below(merged, "source"):
            allowed = (
                "`--source` with the address where the spreadsheet, or what it was made from, can"
                " be read (https://… or doi:…); or a column `url`"
            )
            problems.append(Problem(file, top, "source", "no column that says where from", allowed))
        return problems


def _words(name: str) -> str:
    """An identifier as words that begin with a capital letter."""
    return name.replace("_", " ").capitalize()
