"""What a new file holds where a person has to write something, and where it still does."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from livingreview.base.documents import Document, Location, texts
from livingreview.base.errors import Problem, value_text

TO_FILL_IN = "TO FILL IN"
ADDRESS_TO_FILL_IN = "https://example.org/to-fill-in"


def unfilled(document: Document, wanted: Callable[[Location], str]) -> Iterator[Problem]:
    """Places of a file that still wait for a person, and what is wanted at each."""
    for at, text in texts(document.data):
        if TO_FILL_IN in text or text == ADDRESS_TO_FILL_IN:
            yield document.problem(at, value_text(text), wanted(at))
