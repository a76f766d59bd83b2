"""What stands on a rendered page: its claims, and the words around them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

# Tags that stand within a sentence; any other tag starts a new passage.
INLINE = frozenset({"a", "abbr", "b", "code", "data", "em", "i", "small", "span", "strong", "sub"})
# Elements that are not read: style has no words; a figure is drawn from result tables, and its
# file has a checksum.
SKIPPED = frozenset({"style", "script", "svg"})


@dataclass
class PrintedClaim:
    """A claim as the page prints it: its place and value in the tables, and the words around."""

    title: str
    value: str
    text: str = ""
    around: str = ""


@dataclass
class Passage:
    """Words of one sentence, cell or paragraph; claims are cut out, for the numbers that remain."""

    words: str = ""
    unclaimed: str = ""
    claims: list[PrintedClaim] = field(default_factory=list)


class _PageReader(HTMLParser):
    """Splits a page into passages."""

    def __init__(self) -> None:
        super().__init__()
        self.passages = [Passage()]
        self._skipping: list[str] = []
        self._claim: PrintedClaim | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SKIPPED or self._skipping:
            self._skipping.append(tag)
        if self._skipping:
            return
        if tag not in INLINE:
            self.passages.append(Passage())
        named = dict(attrs)
        if tag == "data" and "claim" in (named.get("class") or "").split():
            self._claim = PrintedClaim(named.get("title") or "", named.get("value") or "")
            self.passages[-1].claims.append(self._claim)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """`<path/>` inside a figure opens nothing."""

    def handle_endtag(self, tag: str) -> None:
        if self._skipping:
            if tag == self._skipping[-1]:
                self._skipping.pop()
            return
        if tag == "data":
            self._claim = None
        if tag not in INLINE:
            self.passages.append(Passage())

    def handle_data(self, data: str) -> None:
        if self._skipping:
            return
        here = self.passages[-1]
        here.words += data
        if self._claim:
            self._claim.text += data
            here.unclaimed += "…"
        else:
            here.unclaimed += data


def passages(page: str) -> list[Passage]:
    """Passages of a page, spaces made single, empty ones left out."""
    reader = _PageReader()
    reader.feed(page)
    reader.close()
    for passage in reader.passages:
        passage.words = single_spaced(passage.words)
        passage.unclaimed = single_spaced(passage.unclaimed)
        for claim in passage.claims:
            claim.around = passage.words
    return [passage for passage in reader.passages if passage.words]


def printed_claims(page: str) -> list[PrintedClaim]:
    """Every claim in the order of the page."""
    return [claim for passage in passages(page) for claim in passage.claims]


def single_spaced(text: str) -> str:
    """Text with every run of white space made one space."""
    return " ".join(text.split())
