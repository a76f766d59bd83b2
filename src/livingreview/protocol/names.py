"""Errors about names and labels in a protocol that are unknown, reserved or alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic_core import PydanticCustomError

from livingreview.base.documents import Location
from livingreview.base.errors import one_of, value_text
from livingreview.base.validation import field_error, repeated_positions


def unknown_name(at: Location, found: str, known: Iterable[str]) -> PydanticCustomError:
    """Error of a validator that names the field, what was found, and all known names."""
    return field_error(at, found, one_of(found, known))


def reserved_name(at: Location, found: str) -> PydanticCustomError:
    """Error of a validator about a name that already means something else in the results."""
    return field_error(at, found, "any other name, as results use this one")


def repeated_labels(labels: dict[Location, str]) -> Iterator[PydanticCustomError]:
    """Errors about labels that differ from an earlier one in case or spaces at most."""
    places = list(labels.items())
    for i in repeated_positions(" ".join(label.casefold().split()) for label in labels.values()):
        at, label = places[i]
        yield field_error(at, value_text(label), "words that nothing else of its kind has")
