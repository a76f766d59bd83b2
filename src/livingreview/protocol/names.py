"""How a name that the protocol does not know is told."""

from __future__ import annotations

from pydantic_core import PydanticCustomError

from livingreview.errors import one_of


def unknown_name(field: tuple[str | int, ...], found: str, known: list[str]) -> PydanticCustomError:
    """Error of a validator that names the field, what was found, and all known names."""
    context = {"field": field, "found": found, "allowed": one_of(found, known)}
    return PydanticCustomError("unknown_name", "{allowed}", context)
