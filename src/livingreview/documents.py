"""YAML files that remember the line of every field, read against a pydantic model.

`yaml.safe_load` forgets where a value stood; an error message and the audit
ledger both need it, so the node tree is kept beside the data.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from livingreview.errors import Problem, ReviewError, one_of, shown
from livingreview.patterns import IDENTIFIER, WORDS_OF_PATTERN, near_identifier

Location = tuple[str | int, ...]
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMBER_TAGS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_QUOTED = re.compile(r"'([^']*)'")
_PLAIN_NUMBER = re.compile(r"[-+]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][-+]?\d+)?")


class Strict(BaseModel):
    """Base of all models of user files: unknown keys and silent conversions are refused."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, str_strip_whitespace=True
    )


@dataclass(frozen=True)
class Document:
    """A YAML mapping with the line of every field.

    Attributes
    ----------
    file : str
        The file's name as given.
    data : dict
        The content in plain Python types.
    lines : dict
        Line, counted from 1, of each location in `data`.
    """

    file: str
    data: dict[str, Any]
    lines: dict[Location, int] = field(repr=False)

    def line(self, location: Location) -> int:
        """Line of a location, or of its nearest parent that stands in the file."""
        for end in range(len(location), -1, -1):
            if location[:end] in self.lines:
                return self.lines[location[:end]]
        return 1

    def problem(self, location: Location, found: object, allowed: str) -> Problem:
        """Make the message about one location of this file."""
        return Problem(self.file, self.line(location), spelled(location), shown(found), allowed)


def spelled(location: Location) -> str:
    """Spell a location the way a user reads it: ``effects[0].evidence[1].p``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return text.removeprefix(".")


def read_document(path: Path) -> Document:
    """Read one YAML file.

    Raises
    ------
    ReviewError
        If the file is not UTF-8, not YAML, repeats a key, uses an alias, or is
        not a mapping.
    """
    name = str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        problem = Problem(name, 0, "", f"byte {error.start} that is not UTF-8", "UTF-8 text")
        raise ReviewError([problem]) from None
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        found = f"YAML that cannot be read ({error.problem or error.context})"
        raise ReviewError([Problem(name, line, "", found, "valid YAML")]) from None
    except yaml.YAMLError as error:
        found = f"YAML that cannot be read ({shown(str(error))})"
        raise ReviewError([Problem(name, 0, "", found, "valid YAML")]) from None
    if not isinstance(node, yaml.MappingNode):
        found = "an empty file" if node is None else "a file that is not a mapping"
        raise ReviewError([Problem(name, 1, "", found, "`field: value` lines")])
    lines: dict[Location, int] = {}
    problems: list[Problem] = []
    data = _plain(node, (), lines, problems, name, set())
    if problems:
        raise ReviewError(problems)
    return Document(name, data, lines)


def _plain(
    node: yaml.Node,
    location: Location,
    lines: dict[Location, int],
    problems: list[Problem],
    name: str,
    seen: set[int],
) -> Any:
    """Convert a node to plain data, noting lines, repeated keys and aliases."""
    here = node.start_mark.line + 1
    lines.setdefault(location, here)
    if id(node) in seen:
        problems.append(Problem(name, here, spelled(location), "a YAML alias", "the value itself"))
        return None
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
            line = key_node.start_mark.line + 1
            if key in mapping:
                where = spelled((*location, key))
                problems.append(Problem(name, line, where, "a repeated key", "each key once"))
            lines[(*location, key)] = line
            mapping[key] = _plain(value_node, (*location, key), lines, problems, name, seen)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [
            _plain(item, (*location, i), lines, problems, name, seen)
            for i, item in enumerate(node.value)
        ]
    return _scalar(node)


def _scalar(node: yaml.Node) -> Any:
    """Construct one scalar.

    Dates stay text, since no field here is a date type. So does what YAML 1.1 takes
    for a number in another base, such as `010` (8) or `1:30` (90), and infinity.
    """
    if node.tag == "tag:yaml.org,2002:timestamp":
        return node.value
    if node.tag in _NUMBER_TAGS and not _PLAIN_NUMBER.fullmatch(node.value):
        return node.value
    loader = _LOADER("")
    try:
        return loader.construct_object(node)
    except (yaml.YAMLError, ValueError):
        return node.value
    finally:
        loader.dispose()


def validated[Model: BaseModel](document: Document, model: type[Model]) -> Model:
    """Check a document against a model.

    Raises
    ------
    ReviewError
        With one problem for each field that does not fit.
    """
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        problems = [_problem(document, model, e) for e in error.errors()]
        raise ReviewError(problems) from None


def _problem(document: Document, model: type[BaseModel], error: ErrorDetails) -> Problem:
    """Translate one pydantic error."""
    context = error.get("ctx", {})
    missing = error["type"] == "missing"
    location = (*_in_file(document.data, error["loc"], missing), *context.get("field", ()))
    found = context.get("found") or _shown_input(error["input"])
    allowed = context.get("allowed") or context.get("expected") or plainly(error["msg"])
    match error["type"]:
        case "missing":
            found, allowed = "nothing", "this field is required"
        case "too_short":
            found = f"{context['actual_length']} items"
            allowed = f"{context['min_length']} or more"
        case "extra_forbidden":
            key = str(error["loc"][-1])
            known = fields_at(model, error["loc"][:-1])
            found, allowed = f"unknown field {shown(key)}", one_of(key, known)
        case "union_tag_invalid":
            tags = _QUOTED.findall(context["expected_tags"])
            found, allowed = f"kind {shown(context['tag'])}", one_of(context["tag"], tags)
        case "string_pattern_mismatch":
            near = (
                near_identifier(str(error["input"])) if context["pattern"] == IDENTIFIER else None
            )
            meant = f"did you mean `{near}`? " if near else ""
            allowed = meant + WORDS_OF_PATTERN.get(context["pattern"], allowed)
        case "literal_error":
            allowed = one_of(error["input"], _QUOTED.findall(context["expected"]))
        case "union_tag_not_found":
            found, allowed = "no `kind`", "a mapping with a `kind`"
    return Problem(document.file, document.line(location), spelled(location), found, allowed)


def _shown_input(value: object) -> str:
    """Name a collection by its type, show anything else."""
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else shown(value)


def plainly(message: str) -> str:
    """Turn pydantic's `Input should be …` into what is allowed."""
    return message.removeprefix("Input should be ").removeprefix("Value error, ")


def _in_file(data: Any, loc: tuple[str | int, ...], missing: bool) -> Location:
    """Drop the parts of a pydantic location that name union members, not fields.

    A missing field is not in the data either; it is the last part of its location.
    """
    location: list[str | int] = []
    for i, part in enumerate(loc):
        absent = missing and i == len(loc) - 1
        if isinstance(data, dict) and (part in data or absent):
            location.append(part)
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            location.append(part)
            data = data[part]
    return tuple(location)


def fields_at(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    """Names of the fields that the model allows at a pydantic error location."""
    current: Any = model
    for part in loc:
        current = _step(current, part)
    return sorted(current.model_fields) if _is_model(current) else []


def _step(annotation: Any, part: str | int) -> Any:
    """Annotation one step further down: a field, an item, or the union member with that tag."""
    if _is_model(annotation):
        info = annotation.model_fields.get(str(part))
        return _unwrapped(info.annotation) if info else None
    origin = get_origin(annotation)
    if origin in (list, tuple):
        return _unwrapped(get_args(annotation)[0])
    if origin is dict:
        return _unwrapped(get_args(annotation)[1])
    for member in _members(annotation):
        if _is_model(member) and part in _tags(member):
            return member
    return annotation


def _unwrapped(annotation: Any) -> Any:
    """Annotation without `Annotated` and `| None`."""
    if get_origin(annotation) is Annotated:
        return _unwrapped(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        members = [m for m in get_args(annotation) if m is not type(None)]
        if len(members) == 1:
            return _unwrapped(members[0])
    return annotation


def _members(annotation: Any) -> Iterator[Any]:
    """Members of a union."""
    if get_origin(annotation) in (Union, types.UnionType):
        yield from get_args(annotation)


def _tags(model: type[BaseModel]) -> tuple[Any, ...]:
    """Values of the `kind` field that select a union member."""
    kind = model.model_fields.get("kind")
    return get_args(kind.annotation) if kind and get_origin(kind.annotation) is Literal else ()


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
