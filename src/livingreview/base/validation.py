"""Pydantic models of users' files, and what is wrong with a document that does not fit one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from livingreview.base.documents import Document, Location
from livingreview.base.errors import Problem, ReviewError, nearest, one_of, value_text
from livingreview.base.patterns import IDENTIFIER, WORDS_OF_PATTERN, near_identifier
from livingreview.base.slips import flag_in_yaml, number_in_yaml, signs_to_leave_out, text_in_yaml

_QUOTED = re.compile(r"'([^']*)'")


class Strict(BaseModel):
    """Base of all models of user files: unknown keys and silent conversions are refused."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, str_strip_whitespace=True
    )


def validated[Model: BaseModel](
    document: Document, model: type[Model], context: object = None, strict: bool | None = None
) -> Model:
    """Check a document against a model.

    Parameters
    ----------
    context
        What validators of the model read from `ValidationInfo.context`.
    strict
        False lets texts stand for numbers.

    Raises
    ------
    ReviewError
        With one problem for each field that does not fit.
    """
    try:
        return model.model_validate(document.data, strict=strict, context=context)
    except ValidationError as error:
        errors = _without_echoes(error.errors())
        problems = sorted(_problem(document, model, e) for e in errors)
    # Each member of a union has an error of its own.
    alike = groupby(problems, lambda p: (p.file, p.line, p.field, p.found))
    raise ReviewError(
        Problem(*place, " or ".join(dict.fromkeys(p.allowed for p in group)))
        for place, group in alike
    )


def field_error(
    at: Location, found: object, allowed: str, *, beside: bool = False
) -> PydanticCustomError:
    """Error that a validator raises about a field inside the object that it validates.

    Parameters
    ----------
    at : tuple
        From what is validated down to the field.
    found
        What stands there; None for the value in the document.
    allowed : str
        What may stand there.
    beside : bool
        Whether `at` starts at the model of the field that is validated, for a field beside it.
    """
    found = "" if found is None else str(found)
    context = {"at": at, "found": found, "allowed": allowed, "beside": beside}
    return PydanticCustomError("misfit", "{allowed}", context)


def refuse(misfits: Iterable[PydanticCustomError], inner: ValidationError | None = None) -> None:
    """Raise all errors of a validator at once, if there are any.

    A validator around another one (mode `wrap`) passes the error of that one as `inner`.
    """
    errors = [InitErrorDetails(type=error, input=None) for error in misfits]
    for error in inner.errors() if inner is not None else ():
        kind, context = error["type"], error.get("ctx", {})
        errors.append(
            InitErrorDetails(
                type=PydanticCustomError(kind, "{allowed}", context) if kind == "misfit" else kind,
                loc=error["loc"],
                input=error["input"],
                ctx=context,
            )
        )
    if errors:
        raise ValidationError.from_exception_data("misfits", errors)


def repeated_positions(names: Iterable[str]) -> Iterator[int]:
    """Positions of the names that repeat an earlier name."""
    used: set[str] = set()
    for i, name in enumerate(names):
        if name in used:
            yield i
        used.add(name)


def repeated(items: Sequence[BaseModel], field: str) -> Iterator[PydanticCustomError]:
    """Errors about items that have the same name in a field as an earlier one."""
    names = [getattr(item, field) for item in items]
    allowed = f"{'an' if field == 'id' else 'a'} {field} not used before"
    for i in repeated_positions(names):
        yield field_error((i, field), names[i], allowed)


def _without_echoes(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """Errors but for fields that are missing because their name is misspelt beside."""
    missing: dict[Location, set[str]] = {}
    for error in errors:
        if error["type"] == "missing":
            *parent, name = error["loc"]
            missing.setdefault(tuple(parent), set()).add(str(name))
    for error in errors:
        if error["type"] == "extra_forbidden":
            *parent, name = error["loc"]
            beside = missing.get(tuple(parent), set())
            beside.discard(nearest(name, beside) or "")
    return [
        error
        for error in errors
        if error["type"] != "missing" or error["loc"][-1] in missing[error["loc"][:-1]]
    ]


def _problem(document: Document, model: type[BaseModel], error: ErrorDetails) -> Problem:
    """Translate one pydantic error."""
    kind, loc, value = error["type"], error["loc"], error["input"]
    context = error.get("ctx", {})
    if kind == "misfit":
        # Pydantic ends the location of a mapping's key in `[key]`.
        loc = loc[: len(loc) - (context["beside"] or loc[-1:] == ("[key]",))] + context["at"]
    location = _location(document.data, loc, may_be_absent=kind in ("missing", "misfit"))
    found, allowed = _shown(value), context.get("allowed") or requirement(error["msg"])
    match kind:
        case "misfit":
            found = context["found"] or value_text(document.value(location))
        case "missing":
            found, allowed = "nothing", "this field is required"
        case "too_short":
            count = context["actual_length"]
            found = f"{count} item{'s' if count != 1 else ''}"
            allowed = f"{context['min_length']} or more"
        case "too_long":
            found, allowed = f"{context['actual_length']} items", f"at most {context['max_length']}"
        case "extra_forbidden":
            found = f"unknown field {value_text(loc[-1])}"
            allowed = one_of(loc[-1], field_names(model, loc[:-1]))
        case "float_type" | "int_type" | "float_parsing" | "int_parsing" | "int_from_float":
            allowed = number_in_yaml(value, whole=kind.startswith("int"))
        case "bool_type" | "bool_parsing":
            allowed = flag_in_yaml(value)
        case "string_type":
            allowed = text_in_yaml(value, "a text")
        case "union_tag_not_found":
            found, allowed = "no `kind`", "a mapping with a `kind`"
        case "union_tag_invalid":
            given = value.get("kind") is not None
            found = f"kind {value_text(context['tag'])}" if given else "no `kind`"
            allowed = one_of(context["tag"], _QUOTED.findall(context["expected_tags"]))
        case "literal_error":
            allowed = text_in_yaml(value, one_of(value, _QUOTED.findall(context["expected"])))
        case "string_pattern_mismatch":
            allowed = WORDS_OF_PATTERN.get(context["pattern"], allowed)
            if context["pattern"] == IDENTIFIER:
                near = near_identifier(str(value), _stem(location))
                meant = f"did you mean `{near}`? " if near else ""
                allowed = ", ".join([f"{meant}{allowed}", *signs_to_leave_out(str(value))])
    return document.problem(location, found, allowed)


def _stem(location: Location) -> str:
    """What an identifier at a location is of: `study`, `arm`, `effect`, `outcome`."""
    names = [part for part in location if isinstance(part, str)]
    of = names[-2:-1] if names[-1:] == ["id"] else names[-1:]
    return "".join(of).removesuffix("_id").removesuffix("s")


def _shown(value: object) -> str:
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
    return value_text(value)


def requirement(message: str) -> str:
    """Turn pydantic's `Input should be …` into what is allowed."""
    message = re.sub(r"^(Value error, |[A-Z]\w+ should (be|have) )", "", message)
    return re.sub(r"^a valid dictionary.*", "a mapping", message)


def _location(data: Any, loc: Location, may_be_absent: bool) -> Location:
    """Drop the parts of a pydantic location that name union members, not fields.

    A field that is absent from the data can only be the last part of its location.
    """
    location: list[str | int] = []
    for i, part in enumerate(loc):
        absent = may_be_absent and i == len(loc) - 1
        if isinstance(data, dict) and (part in data or absent):
            location.append(part)
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            location.append(part)
            data = data[part]
    return tuple(location)


def field_names(model: type[BaseModel], loc: Location) -> list[str]:
    """Names of the fields that a model allows at a pydantic error location."""
    schema = model.model_json_schema()
    node = schema
    for part in (*loc, None):
        # Of `X | None`, X; of a plain value or a model, the model; of a reference, what it names.
        members = node.get("anyOf", []) + (
            node.get("oneOf", []) if "discriminator" not in node else []
        )
        node = next((member for member in members if "$ref" in member), node)
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rpartition("/")[2]]
        if part is not None:
            node = _below(node, part)
    return sorted(node.get("properties", ()))


def _below(node: dict[str, Any], part: str | int) -> dict[str, Any]:
    """JSON schema of a field, an item, an entry, or the union member with that tag."""
    tags = node.get("discriminator", {}).get("mapping", {})
    if part in tags:
        return {"$ref": tags[part]}
    entries = [node.get("items"), node.get("additionalProperties")]
    entries += node.get("patternProperties", {}).values()
    return node.get("properties", {}).get(part) or next(filter(None, entries), node)
