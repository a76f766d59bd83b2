"""Field-by-field differences of plain data, and which of them are differences in words alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from livingreview.base.types import Source, Text

FieldPath = tuple[str, ...]
# Fields that may name an item of a list; the first one that the item has is its name.
_NAMES = ("study_id", "id", "arm", "name", "url", "kind")
_ORDER = "(order)"
# Texts whose presence decides what is analysed.
_DECIDING = {"set_aside"}


@dataclass(frozen=True)
class Difference:
    """One field that differs, its values as text; None where the field is absent.

    The path holds the keys from the top; an item of a list has its name in brackets.
    """

    path: FieldPath
    before: str | None
    after: str | None

    @property
    def field(self) -> str:
        """Path the way a reader knows it: ``effects[first].evidence[counts].arms[visit]``."""
        text = "".join(part if part.startswith("[") else f".{part}" for part in self.path)
        return text.removeprefix(".")


def differences(before: Any, after: Any) -> list[Difference]:
    """All fields that differ, those of `before` in their order, then new ones.

    Items of lists are matched by their name, so that a new one in front is one addition.
    """
    old, new = dict(_leaves(before, ())), dict(_leaves(after, ()))
    return [
        Difference(path, old.get(path), new.get(path))
        for path in dict.fromkeys([*old, *new])
        if old.get(path) != new.get(path)
    ]


def _leaves(node: Any, path: FieldPath) -> Iterator[tuple[FieldPath, str]]:
    if isinstance(node, dict):
        if path and path[-1] == "levels":
            # The first level of a moderator is its reference.
            yield (*path, _ORDER), ", ".join(node)
        for key, child in node.items():
            yield from _leaves(child, (*path, str(key)))
    elif isinstance(node, list) and any(isinstance(item, dict) for item in node):
        seen: dict[str, int] = {}
        for item in node:
            name = str(next((item[key] for key in _NAMES if key in item), "item"))
            seen[name] = seen.get(name, 0) + 1
            label = name if seen[name] == 1 else f"{name} {seen[name]}"
            yield from _leaves(item, (*path, f"[{label}]"))
    elif isinstance(node, list):
        yield path, ", ".join(map(_text, node))
    else:
        yield path, _text(node)


def _text(value: Any) -> str:
    """A scalar as the record files write it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def only_words(difference: Difference, model: type[BaseModel]) -> bool:
    """Whether a difference lies in texts or sources, which no number depends on.

    Read off the model's own annotations. The words of a verdict count as a result, a text
    that sets an effect aside as a choice, and a whole new entry as more than words.
    """
    path = difference.path
    if path[0] == "decisions" and path[-1] != "reason":
        return False
    reached: list[Any] = [model]
    parents: list[Any] = []
    for part in path:
        parents = reached
        reached = [below for above in reached for below in _below(above, part)]
        if Source in reached:
            return True
    if not reached or not all(_is_text(annotation) for annotation in reached):
        return False
    both = difference.before is not None and difference.after is not None
    return both or (all(map(_is_model, parents)) and path[-1] not in _DECIDING)


def _below(annotation: Any, part: str) -> list[Any]:
    """Annotations one step down; several where a union leaves open which member is meant."""
    if _is_model(annotation):
        hint = _hints(annotation).get(part)
        return [] if hint is None else _members(hint)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is list:
        return _members(arguments[0])
    return _members(arguments[1]) if origin is dict and part != _ORDER else []


def _members(annotation: Any) -> list[Any]:
    """Members of a union, without what `Annotated` adds, but `Text` whole; None left out."""
    if annotation == Text:
        return [Text]
    if get_origin(annotation) is Annotated:
        return _members(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [m for member in get_args(annotation) for m in _members(member)]
    return [] if annotation is type(None) else [annotation]


def _is_text(annotation: Any) -> bool:
    of_list = get_origin(annotation) is list and get_args(annotation)[0] == Text
    return of_list or annotation == Text


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


@cache
def _hints(model: type[BaseModel]) -> dict[str, Any]:
    return get_type_hints(model, include_extras=True)
