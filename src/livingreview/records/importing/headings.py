"""A mapping from the headings of a spreadsheet, for all that a mapping file does not say."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from livingreview.base.documents import Document
from livingreview.base.errors import Problem, one_of
from livingreview.base.patterns import near_identifier
from livingreview.protocol.vocabulary import Vocabulary
from livingreview.records.importing.columns import ROLES
from livingreview.records.importing.evidence_headings import Results, measure_problem, results_of
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


@dataclass
class Completed:
    """A mapping, complete where headings could complete it.

    Attributes
    ----------
    document : Document
        Lines are those of the mapping file where there is one, else that of the headings.
    problems : list of Problem
        What neither says.
    read : list of dict
        Evidence that headings name, as a mapping has it.
    left : dict of str to str
        Columns that are not imported, and why; empty where nothing names their content.
    unknown : list of str
        Moderators that no column and no mapping tells.
    """

    document: Document
    problems: list[Problem]
    read: list[dict[str, Any]] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def summary(self) -> str:
        """How headings were read, and what the records lack of spreadsheet and protocol."""
        lines = []
        for piece in self.read:
            parts = [f"{_names(piece[role])} {role}" for role in ROLES if role in piece]
            parts = parts or [_names(piece)]
            lines.append(f"Read by headings: {piece['kind']}: {'; '.join(parts)}.")
        for why in dict.fromkeys(self.left.values()):
            names = ", ".join(f"`{h}`" for h, reason in self.left.items() if reason == why)
            lines.append(f"Columns not imported: {names}{why and f' ({why})'}.")
        if self.unknown:
            names = ", ".join(f"`{name}`" for name in self.unknown)
            lines.append(f"Moderators without a column, not known in these records: {names}.")
        return "\n".join(lines)


def completed(
    sheet: Spreadsheet, given: Document | None, vocabulary: Vocabulary, options: Options
) -> Completed:
    """Complete a mapping by headings: what it says itself stays, and so do its columns.

    Parameters
    ----------
    sheet
        Headings and rows.
    given
        A mapping, as far as it goes.
    vocabulary
        Names of the review's protocol.
    options
        What holds for all rows.
    """
    document = given or Document(sheet.file, {}, {(): sheet.top})
    data = document.data
    named = set(_columns(data))
    ignored = data.get("ignore", [])
    named |= set(ignored) if isinstance(ignored, list) else set()
    free = [heading for heading in sheet.headings if heading not in named]
    there = {name for part in ("study", "effect") for name in _below(data, part, "moderators")}
    columns = _Columns(sheet, free, vocabulary, options, there)
    made: dict[str, Any] = {
        "blank": BLANK,
        "decimal": options.decimal or ".",
        "study": columns.study(),
        "effect": columns.effect(),
        "source": columns.source(),
    }
    results = Results()
    if "evidence" not in data:
        results = results_of(sheet, free, options.measure)
        made["evidence"] = results.pieces
    merged = _merged(data, made)
    if isinstance(merged["study"], dict):
        _name_by_one_column(merged["study"])
    if given is None:
        merged["ignore"] = "others"
    problems = [*results.problems, *measure_problem(sheet, options.measure)]
    problems += columns.missing(merged)
    used = set(_columns(merged))
    left = {h: results.left.get(h, "") for h in sheet.headings if h not in used}
    moderators = _below(made, "effect", "moderators")
    unknown = [name for name, reading in moderators.items() if "column" not in reading]
    whole = Document(document.file, merged, document.lines)
    return Completed(whole, problems, results.pieces, left, unknown)


def _names(node: dict[str, Any]) -> str:
    return ", ".join(f"`{column}`" for column in _columns(node))


def _below(data: dict[str, Any], *names: str) -> dict[str, Any]:
    """Mapping at a place of a mapping that is not checked yet; empty where there is none."""
    node: Any = data
    for name in names:
        node = node.get(name) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else {}


def _columns(node: Any) -> list[str]:
    """Columns that a mapping names as yet, checked or not."""
    if isinstance(node, list):
        return [column for child in node for column in _columns(child)]
    if not isinstance(node, dict):
        return []
    own = [node["column"]] if isinstance(node.get("column"), str) else []
    behind = node.get("followed_by")
    own += [c for c in behind if isinstance(c, str)] if isinstance(behind, list) else []
    return own + [column for child in node.values() for column in _columns(child)]


def _merged(given: dict[str, Any], made: dict[str, Any]) -> dict[str, Any]:
    """Both mappings; where both have a reading, the one that was given."""
    merged = dict(given)
    for name, value in made.items():
        own = merged.get(name)
        if name not in merged:
            merged[name] = value
        elif isinstance(own, dict) and isinstance(value, dict) and not _is_reading(own):
            merged[name] = _merged(own, value)
    return merged


def _name_by_one_column(study: dict[str, Any]) -> None:
    """Label, reference and id of a study from one column, where the mapping names only one."""
    label, own = study.get("label"), study.get("study_id")
    if label is None and isinstance(own, dict) and "column" in own:
        study["label"] = {"column": own["column"]}
    if own is None and isinstance(label, dict) and "column" in label:
        study["study_id"] = {"column": label["column"], "make_name": True}
    if "label" in study:
        study.setdefault("citation", study["label"])


def _is_reading(node: MappingOf[str, Any]) -> bool:
    return "column" in node or "value" in node


class _Columns:
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
            made |= {"label": label, "study_id": self._study_id(name, behind)}
            if year is None:
                made["year"] = {"column": name, "at_end": True}
        if found["citation"]:
            made["citation"] = {"column": found["citation"]}
        if found["identifier"]:
            made["identifier"] = {"column": found["identifier"]}
        return made

    def _study_id(self, name: str, behind: list[str]) -> dict[str, Any]:
        """Reading of a study's id: its own column or its label, or both where that is a number."""
        found = {what: self._named(words) for what, words in STUDY.items()}
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
        if "label" not in _below(merged, "study"):
            words = ", ".join(
                f"`{w}`" for what in ("author", "study", "label") for w in STUDY[what]
            )
            problems.append(
                Problem(file, top, "study", "no column that names the studies", f"one of {words}")
            )
        if "outcome" not in _below(merged, "effect"):
            allowed = f"`--outcome` with {one_of('', outcomes)}; or a column `outcome`"
            problems.append(Problem(file, top, "outcome", "no column that says which", allowed))
        elif self._options.outcome not in (None, *outcomes):
            allowed = one_of(self._options.outcome, outcomes)
            problems.append(Problem(file, 0, "--outcome", repr(self._options.outcome), allowed))
        if "url" not in _below(merged, "source"):
            allowed = (
                "`--source` with the address where the spreadsheet, or what it was made from, can"
                " be read (https://… or doi:…); or a column `url`"
            )
            problems.append(Problem(file, top, "source", "no column that says where from", allowed))
        return problems


def _words(name: str) -> str:
    """An identifier as words that begin with a capital letter."""
    return name.replace("_", " ").capitalize()
