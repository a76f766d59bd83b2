"""What a field of a user's file may hold, in words, drawn from the JSON schema of its model."""

from __future__ import annotations

from typing import Any

from livingreview.base.patterns import WORDS_OF_PATTERN

Schema = dict[str, Any]

_WORDS_OF_TYPE = {"integer": "a whole number", "number": "a number", "array": "a list"}
# Larger bounds only keep out slips of the keyboard, and need no words.
_BOUND_WORTH_WORDS = 100_000


def allowed(schema: Schema) -> str:
    """Say in words what a field may hold; empty when the fields below it say it.

    Parameters
    ----------
    schema : dict
        Of one field, as pydantic's `model_json_schema` gives it.

    Raises
    ------
    KeyError
        If the field's text must match a pattern for which there are no words here.
    """
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return "one of " + ", ".join(schema["enum"])
    if "anyOf" in schema:
        of_members = [allowed(m) for m in schema["anyOf"] if m.get("type") != "null"]
        return " or ".join(words for words in of_members if words)
    match schema.get("type"):
        case "string":
            return WORDS_OF_PATTERN[schema["pattern"]] if "pattern" in schema else "text"
        case "boolean":
            return "true or false"
        case "integer" | "number":
            return " ".join((_WORDS_OF_TYPE[schema["type"]], *_bounds(schema))).replace(" , ", ", ")
        case "array":
            return _list(schema)
        case _:
            return ""


def _bounds(schema: Schema) -> list[str]:
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    words = []
    if low is not None:
        words.append(f"from {low}")
    if above is not None:
        words.append(f"above {above}")
    if high is not None and high < _BOUND_WORTH_WORDS:
        words.append(f"to {high}" if low is not None else f"and at most {high}")
    if below is not None:
        words.append(f"and below {below}")
    return words


def _list(schema: Schema) -> str:
    least, most = schema.get("minItems", 0), schema.get("maxItems")
    if least and least == most:
        return f"a list of {least}"
    return f"a list of {least} or more" if least else "a list"
