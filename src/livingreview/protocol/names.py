"""Errors about names and labels in a protocol that are unknown, reserved or alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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


def alike(labels: dict[Location, str]) -> Iterator[PydanticCustomError]:
    """Errors about labels that a reader could not tell from an earlier one."""
    places = list(labels.items())
    for i in repeats(" ".join(label.casefold().split()) for label in labels.values()):
        at, label = places[i]
        yield misfit(at, shown(label), "words that nothing else of its kind has")
