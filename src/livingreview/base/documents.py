"""YAML files that remember the line of every field, read against a pydantic model.

`yaml.safe_load` forgets where a value stood; an error message and the audit
ledger both need it, so lines are kept beside the data.
"""

from __future__ import annotations

import codecs
import itertools
import re
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from livingreview.base.errors import Problem, ReviewError, one_of, shortened, shown
from livingreview.base.patterns import IDENTIFIER, WORDS_OF_PATTERN, near_identifier

Location = tuple[str | int, ...]
# Far beyond what anyone writes by hand: a record of 40 effects has 100,000 bytes and 9 levels.
LARGEST = 2_000_000
DEEPEST = 30
# What a text and a number must be, in words.
SEEN = "text that can be seen"
KEPT = "a number of at most 15 digits that count, from 1e-300 to 1e300 in size"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOLVER = yaml.resolver.Resolver()
# Controls, other ends of lines, marks that turn the direction of what follows, halves of
# characters, and what is none.
_HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
# Blanks, and what joins or parts the letters of some scripts: nothing by itself.
_UNSEEN = re.compile(r"[\s\xad\u115f\u1160\u180e\u200b-\u200f\u2060-\u2064\u3164\ufeff\uffa0]+")
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
    text = "".join(
        f"[{part}]" if isinstance(part, int) else f".{shortened(part)}" for part in location
    )
    return text.removeprefix(".")


def read_document(path: Path) -> Document:
    """Read one YAML file.

    Raises
    ------
    ReviewError
        If the file is not there, not a file, too large, not UTF-8, not YAML, or not a mapping;
        repeats a key, uses an alias or a tag, nests too deeply, or holds control characters.
    """
    name = str(path)
    text = _text(path)
    if hidden := _HIDDEN.search(text):
        line = text[: hidden.start()].count("\n") + 1
        raise ReviewError([Problem(name, line, "", *_of_hidden(hidden))])
    events = yaml.parse(text, Loader=_LOADER)
    reader = _Reader(name)
    try:
        return reader.read(events)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        found = f"YAML that cannot be read ({error.problem or error.context})"
        raise ReviewError([Problem(name, line, "", found, "valid YAML")]) from None
    except yaml.YAMLError as error:
        found = f"YAML that cannot be read ({shown(str(error))})"
        raise ReviewError([Problem(name, 0, "", found, "valid YAML")]) from None


def read_bytes(path: Path, largest: int = LARGEST) -> bytes:
    """Content of a file.

    Raises
    ------
    ReviewError
        If the file is not there, not a file, or larger than that.
    """
    found, allowed = None, "a file that can be read"
    try:
        if not path.exists():
            found = "a link to nothing" if path.is_symlink() else "no such file"
        elif not path.is_file():
            found = "a folder" if path.is_dir() else "what is no file"
        elif (size := path.stat().st_size) > largest:
            found, allowed = f"{size:,} bytes", f"at most {largest:,} bytes"
        else:
            return path.read_bytes()
    except OSError as error:
        found = f"a file that cannot be read ({error.strerror})"
    raise ReviewError([Problem(str(path), 0, "", found, allowed)])


def _text(path: Path) -> str:
    """Text of a file in UTF-8, whatever ends its lines."""
    content = read_bytes(path).removeprefix(codecs.BOM_UTF8)
    try:
        return content.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        found = f"byte {error.start} that is not UTF-8"
        raise ReviewError([Problem(str(path), line, "", found, "UTF-8 text")]) from None


def _of_hidden(hidden: re.Match[str]) -> tuple[str, str]:
    """What was found and what is allowed, of a character that nobody sees."""
    return f"the control character U+{ord(hidden[0]):04X}", SEEN


class _Reader:
    """Makes plain data of YAML events, noting the line of every field and what is not allowed.

    Events and not nodes: only they tell which tags were written out, and composing the nodes of
    a file that nests without end overflows the stack.
    """

    def __init__(self, name: str):
        self._name = name
        self._lines: dict[Location, int] = {}
        self._problems: list[Problem] = []

    def read(self, events: Iterator[yaml.Event]) -> Document:
        """The one mapping of a file."""
        starts = (yaml.StreamStartEvent, yaml.DocumentStartEvent)
        first = next(event for event in events if not isinstance(event, starts))
        if not isinstance(first, yaml.MappingStartEvent):
            nothing = isinstance(first, yaml.StreamEndEvent)
            found = "an empty file" if nothing else "a file that is not a mapping"
            raise ReviewError([Problem(self._name, 1, "", found, "`field: value` lines")])
        data = self._value(first, (), events)
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._tell(event, (), "a second document", "one document")
        if self._problems:
            raise ReviewError(self._problems)
        return Document(self._name, data, self._lines)

    def _tell(self, event: yaml.Event, at: Location, found: str, allowed: str) -> None:
        line = _line(event)
        self._problems.append(Problem(self._name, line, spelled(at), found, allowed))

    def _value(self, event: yaml.Event, at: Location, events: Iterator[yaml.Event]) -> Any:
        """The value that starts with an event."""
        self._lines.setdefault(at, _line(event))
        if len(at) > DEEPEST:
            allowed = f"at most {DEEPEST} levels"
            self._tell(event, at[:DEEPEST], "values nested too deeply", allowed)
            raise ReviewError(self._problems)
        if isinstance(event, yaml.AliasEvent):
            self._tell(event, at, "a YAML alias", "the value itself")
            return None
        self._check(event, at)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(at, events)
        if isinstance(event, yaml.SequenceStartEvent):
            items = enumerate(itertools.takewhile(_goes_on, events))
            return [self._value(item, (*at, i), events) for i, item in items]
        assert isinstance(event, yaml.ScalarEvent)
        value = _scalar(event)
        if isinstance(value, int | float) and not isinstance(value, bool):
            if not is_kept(event.value):
                self._tell(event, at, shortened(event.value), KEPT)
        elif value and _UNSEEN.fullmatch(event.value):
            self._tell(event, at, shown(event.value), SEEN)
        return value

    def _mapping(self, at: Location, events: Iterator[yaml.Event]) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for event in itertools.takewhile(_goes_on, events):
            if isinstance(event, yaml.ScalarEvent):
                key = event.value.strip()
                self._check(event, at)
            else:
                key = "?"
                self._tell(event, at, "a key that is no text", "a name as key")
                self._value(event, (*at, key), events)
            if key in mapping:
                self._tell(event, (*at, key), "a repeated key", "each key once")
            self._lines[(*at, key)] = _line(event)
            mapping[key] = self._value(next(events), (*at, key), events)
        return mapping

    def _check(self, event: yaml.Event, at: Location) -> None:
        """Tell a tag and what is hidden in a key or a value."""
        assert isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)
        if event.tag is not None:
            self._tell(event, at, f"the YAML tag {shown(event.tag)}", "the value without a tag")
        if isinstance(event, yaml.ScalarEvent) and (hidden := _HIDDEN.search(event.value)):
            self._tell(event, at, *_of_hidden(hidden))


def _line(event: yaml.Event) -> int:
    assert event.start_mark is not None
    return event.start_mark.line + 1


def _goes_on(event: yaml.Event) -> bool:
    return not isinstance(event, yaml.CollectionEndEvent)


def _scalar(event: yaml.ScalarEvent) -> Any:
    """Value of one scalar.

    Dates stay text, since no field here is a date type. So does what YAML 1.1 takes
    for a number in another base, such as `010` (8) or `1:30` (90), and infinity. Blanks
    around a text do not count.
    """
    text: str = event.value
    if not event.implicit[0]:  # in quotes
        return text.strip()
    match _RESOLVER.resolve(yaml.ScalarNode, text, (True, False)).rpartition(":")[2]:
        case "null":
            return None
        case "bool":
            return yaml.SafeLoader.bool_values[text.lower()]
        case "int" if _PLAIN_NUMBER.fullmatch(text):
            return int(text) if is_kept(text) else float(text)
        case "float" if _PLAIN_NUMBER.fullmatch(text):
            return float(text)
    return text.strip()


def is_kept(number: str) -> bool:
    """Whether a floating point number is what was written, digit for digit."""
    try:
        return Decimal(number) == Decimal(repr(float(number)))
    except InvalidOperation:  # an exponent beyond all use
        return False


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


def misfit(field: Location, found: object, allowed: str) -> PydanticCustomError:
    """Error of a validator about one field below what it validates; `validated` tells it."""
    context = {"field": field, "found": str(found), "allowed": allowed}
    return PydanticCustomError("misfit", "{allowed}", context)


def repeats(names: Iterable[str]) -> Iterator[int]:
    """Positions of names that stand at an earlier one too."""
    used: set[str] = set()
    for i, name in enumerate(names):
        if name in used:
            yield i
        used.add(name)


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
        case "too_long":
            found = f"{context['actual_length']} items"
            allowed = f"at most {context['max_length']}"
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
    """Name a collection by its type, show anything else as YAML spells it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case dict():
            return "a mapping"
        case list():
            return "a list"
    return shown(value)


def plainly(message: str) -> str:
    """Turn pydantic's `Input should be …` into what is allowed."""
    message = re.sub(r"^(Value error, |[A-Z]\w+ should (be|have) )", "", message)
    return re.sub(r"^a valid dictionary.*", "a mapping", message)


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
