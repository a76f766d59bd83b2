"""What is told of names in the protocol that are unknown, reserved or repeated."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic_core import PydanticCustomError

from livingreview.base.documents import Location
from livingreview.base.errors import one_of, shown
from livingreview.base.validation import misfit, repeats


def unknown_name(at: Location, found: str, known: Iterable[str]) -> PydanticCustomError:
    """Error of a validator that names the field, what was found, and all known names."""
    return misfit(at, found, one_of(found, known))


def reserved_name(at: Location, found: str) -> PydanticCustomError:
    """Error of a validator about a name that already means something else in the results."""
    return misfit(at, found, "any other name, as results use this one")


def all_differ(texts: dict[Location, str]) -> None:
    """Refuse a text that a reader could not tell from an earlier one, by where they stand."""
    seen = [" ".join(text.casefold().split()) for text in texts.values()]
    for i in repeats(seen):
        at, text = list(texts.items())[i]
        raise misfit(at, shown(text), "words that nothing else of its kind has")
