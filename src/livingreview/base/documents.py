"""YAML files that remember the line of every field.

`yaml.safe_load` forgets where a value stood; an error message and the audit
ledger both need it, so lines are kept beside the data.
"""

from __future__ import annotations

import codecs
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from livingreview.base.errors import Problem, ReviewError, shortened, value_text

Location = tuple[str | int, ...]
# Limits of a document, far beyond what anyone writes by hand: a record of 40 effects has 100,000
# bytes and 9 levels.
LARGEST = 2_000_000
DEEPEST = 30
# Words for what a file may and may not contain.
REPEATED = "a repeated key"
VISIBLE_TEXT = "text that can be seen"
EXACT_NUMBER = "a number of at most 15 digits that count, from 1e-300 to 1e300 in size"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOLVER = yaml.resolver.Resolver()
# Characters that are refused anywhere: control characters, line ends other than \n, marks that
# turn the direction of the text, halves of surrogate pairs, and code points that are no character.
_HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
# A text of these alone shows nothing: blanks, and characters that only join or part letters.
_INVISIBLE = re.compile(r"[\s\xad\u115f\u1160\u180e\u200b-\u200f\u2060-\u2064\u3164\ufeff\uffa0]+")
_PLAIN_NUMBER = re.compile(r"[-+]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][-+]?\d+)?")


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
    comments : dict
        What YAML passes over on the line on which a text without quotes ends.
    """

    file: str
    data: dict[str, Any]
    lines: dict[Location, int] = field(repr=False)
    comments: dict[Location, str] = field(default_factory=dict, repr=False)

    def line(self, location: Location) -> int:
        """Line of a location, or of its nearest parent that stands in the file."""
        for end in range(len(location), -1, -1):
            if location[:end] in self.lines:
                return self.lines[location[:end]]
        return 1

    def value(self, location: Location) -> Any:
        """What stands at a location."""
        node: Any = self.data
        for part in location:
            node = node[part]
        return node

    def problem(self, location: Location, found: str, allowed: str) -> Problem:
        """Make the message about one location of this file."""
        return Problem(self.file, self.line(location), field_path(location), found, allowed)


def field_path(location: Location) -> str:
    """A location the way a user reads it: ``effects[0].evidence[1].p``."""
    text = "".join(
        f"[{part}]" if isinstance(part, int) else f".{shortened(part)}" for part in location
    )
    return text.removeprefix(".")


def texts(node: Any, at: Location = ()) -> Iterator[tuple[Location, str]]:
    """Every text below a node of plain data, with its location."""
    if isinstance(node, str):
        yield at, node
    children = node.items() if isinstance(node, dict) else ()
    for key, child in enumerate(node) if isinstance(node, list) else children:
        yield from texts(child, (*at, key))


def read_document(path: Path) -> Document:
    """Read one YAML file.

    Raises
    ------
    ReviewError
        If the file is not there, not a file, too large, not UTF-8, not YAML, or not a mapping;
        repeats a key, uses an alias or a tag, nests too deeply, or holds control characters.
    """
    return document_of(str(path), _text(path))


def document_of(name: str, text: str) -> Document:
    """The same of a text that stands in no file yet, or in a file of that name."""
    if hidden := _HIDDEN.search(text):
        line = text[: hidden.start()].count("\n") + 1
        raise ReviewError([Problem(name, line, "", *_hidden_character(hidden))])
    try:
        return _DocumentReader(name, text).read(yaml.parse(text, Loader=_LOADER))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line = mark.line + 1 if mark else 0
        cause = getattr(error, "problem", None) or getattr(error, "context", None)
        found = f"YAML that cannot be read ({cause or value_text(str(error))})"
        raise ReviewError([Problem(name, line, "", found, "valid YAML")]) from None


def scalar(text: str) -> str:
    """A text as YAML writes it on one line."""
    dumped = yaml.safe_dump(text, default_flow_style=True, width=10_000, allow_unicode=True)
    return dumped.removesuffix("\n").removesuffix("\n...")


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
    """Text of a file in UTF-8, its line ends made alike."""
    content = read_bytes(path).removeprefix(codecs.BOM_UTF8)
    try:
        return content.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        found = f"byte 0x{content[error.start]:02x}, which is not UTF-8"
        raise ReviewError([Problem(str(path), line, "", found, "UTF-8 text")]) from None


def _hidden_character(hidden: re.Match[str]) -> tuple[str, str]:
    """What was found, and what is allowed in its place."""
    return f"the control character U+{ord(hidden[0]):04X}", VISIBLE_TEXT


class _DocumentReader:
    """Builds the data of a file from YAML events; collects lines and problems.

    Only events tell which tags were written out. To compose nodes would overflow the stack on
    a file that nests without end.
    """

    def __init__(self, name: str, text: str):
        self._name = name
        self._text = text.split("\n")
        self._comments: dict[Location, str] = {}
        self._lines: dict[Location, int] = {}
        self._problems: list[Problem] = []

    def read(self, events: Iterator[yaml.Event]) -> Document:
        """Read the one mapping of a file."""
        starts = (yaml.StreamStartEvent, yaml.DocumentStartEvent)
        first = next(event for event in events if not isinstance(event, starts))
        if not isinstance(first, yaml.MappingStartEvent):
            nothing = isinstance(first, yaml.StreamEndEvent)
            found = "an empty file" if nothing else "a file that is not a mapping"
            raise ReviewError([Problem(self._name, 1, "", found, "`field: value` lines")])
        data = self._value(first, (), events)
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._refuse(event, (), "a second document", "one document")
        if self._problems:
            raise ReviewError(self._problems)
        return Document(self._name, data, self._lines, self._comments)

    def _refuse(self, event: yaml.Event, at: Location, found: str, allowed: str) -> None:
        self._problems.append(Problem(self._name, _line(event), field_path(at), found, allowed))

    def _value(self, event: yaml.Event, at: Location, events: Iterator[yaml.Event]) -> Any:
        """Value that starts with an event."""
        self._lines.setdefault(at, _line(event))
        if len(at) > DEEPEST:
            allowed = f"at most {DEEPEST} levels"
            self._refuse(event, at[:DEEPEST], "values nested too deeply", allowed)
            raise ReviewError(self._problems)
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, at, "a YAML alias", "the value itself")
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
            if not is_exact(event.value):
                self._refuse(event, at, shortened(event.value), EXACT_NUMBER)
        elif value and _INVISIBLE.fullmatch(event.value):
            self._refuse(event, at, value_text(event.value), VISIBLE_TEXT)
        if isinstance(value, str) and not event.style and (comment := self._comment(event)):
            self._comments[at] = comment
        return value

    def _comment(self, event: yaml.ScalarEvent) -> str:
        """Comment behind a plain text, from its sign on; empty where there is none."""
        assert event.end_mark is not None
        line = self._text[event.end_mark.line] if event.end_mark.line < len(self._text) else ""
        rest = line[event.end_mark.column :].lstrip()
        return rest if rest.startswith("#") else ""

    def _mapping(self, at: Location, events: Iterator[yaml.Event]) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for event in itertools.takewhile(_goes_on, events):
            if isinstance(event, yaml.ScalarEvent):
                key = event.value.strip()
                self._check(event, at)
            else:
                key = "?"
                self._refuse(event, at, "a key that is no text", "a name as key")
                self._value(event, (*at, key), events)
            if key in mapping:
                self._refuse(event, (*at, key), REPEATED, "each key once")
            self._lines[(*at, key)] = _line(event)
            mapping[key] = self._value(next(events), (*at, key), events)
        return mapping

    def _check(self, event: yaml.Event, at: Location) -> None:
        """Refuse tags, and escaped control characters in a key or a value."""
        assert isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)
        if event.tag is not None:
            self._refuse(
                event, at, f"the YAML tag {value_text(event.tag)}", "the value without a tag"
            )
        if isinstance(event, yaml.ScalarEvent) and (hidden := _HIDDEN.search(event.value)):
            self._refuse(event, at, *_hidden_character(hidden))


def _line(event: yaml.Event) -> int:
    assert event.start_mark is not None
    return event.start_mark.line + 1


def _goes_on(event: yaml.Event) -> bool:
    return not isinstance(event, yaml.CollectionEndEvent)


def _scalar(event: yaml.ScalarEvent) -> Any:
    """Value of one scalar; blanks around a text are dropped.

    A date stays text, since no field here is a date. So does infinity, and what YAML 1.1 takes
    for a number in another base, such as `010` (8) or `1:30` (90).
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
            return int(text) if is_exact(text) else float(text)
        case "float" if _PLAIN_NUMBER.fullmatch(text):
            return float(text)
    stripped = text.strip()
    # What made a text of a number, such as a no-break space, stays: the message names it.
    return text if _PLAIN_NUMBER.fullmatch(stripped) else stripped


def is_exact(number: str) -> bool:
    """Whether a floating point number is what was written, digit for digit."""
    try:
        return Decimal(number) == Decimal(repr(float(number)))
    except InvalidOperation:  # the exponent is beyond what Decimal holds
        return False
