"""A mapping from the headings of a spreadsheet, for all that a mapping file does not say."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from typing import Any

from livingreview.base.documents import Document
from livingreview.base.errors import Problem
from livingreview.protocol.vocabulary import Vocabulary
from livingreview.records.importing.columns import ROLES
from livingreview.records.importing.evidence_headings import Results, measure_problem, results_of
from livingreview.records.importing.spreadsheet import Spreadsheet
from livingreview.records.importing.study_headings import BLANK, NamedColumns, Options, below


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
    there = {name for part in ("study", "effect") for name in below(data, part, "moderators")}
    columns = NamedColumns(sheet, free, vocabulary, options, there)
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
    moderators = below(made, "effect", "moderators")
    unknown = [name for name, reading in moderators.items() if "column" not in reading]
    whole = Document(document.file, merged, document.lines)
    return Completed(whole, problems, results.pieces, left, unknown)


def _names(node: dict[str, Any]) -> str:
    return ", ".join(f"`{column}`" for column in _columns(node))


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
