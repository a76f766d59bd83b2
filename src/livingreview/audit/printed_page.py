"""What stands on a rendered page: its claims, and the words around them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

# Tags within a sentence; any other one starts a new stretch of words.
INLINE = frozenset({"a", "abbr", "b", "code", "data", "em", "i", "small", "span", "strong", "sub"})
# Style has no words. A figure is drawn from result tables, and its file has a checksum.
SKIPPED = frozenset({"style", "script", "svg"})


@dataclass
class PrintedClaim:
    """A claim as the page prints it: its place and value in the tables, and the words around."""

    title: str
    value: str
    text: str = ""
    around: str = ""


@dataclass
class Stretch:
    """Words of one sentence, cell or paragraph; claims are cut out, for the numbers that remain."""

    words: str = ""
    unclaimed: str = ""
    claims: list[PrintedClaim] = field(default_factory=list)


class _PageReader(HTMLParser):
    """Splits a page into stretches."""

    def __init__(self) -> None:
        super().__init__()
        self.stretches = [Stretch()]
        self._skipping: list[str] = []
        self._claim: PrintedClaim | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SKIPPED or self._skipping:
            self._skipping.append(tag)
        if self._skipping:
            return
        if tag not in INLINE:
            self.stretches.append(Stretch())
        named = dict(attrs)
        if tag == "data" and "claim" in (named.get("class") or "").split():
            self._claim = PrintedClaim(named.get("title") or "", named.get("value") or "")
            self.stretches[-1].claims.append(self._claim)

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
            self.stretches.append(Stretch())

    def handle_data(self, data: str) -> None:
        if self._skipping:
            return
        here = self.stretches[-1]
        here.words += data
        if self._claim:
            self._claim.text += data
            here.unclaimed += "…"
        else:
            here.unclaimed += data


def stretches(page: str) -> list[Stretch]:
    """Stretches of words of a page, spaces made single, empty ones left out."""
    reader = _PageReader()
    reader.feed(page)
    reader.close()
    for stretch in reader.stretches:
        stretch.words = single_spaced(stretch.words)
        stretch.unclaimed = single_spaced(stretch.unclaimed)
        for claim in stretch.claims:
            claim.around = stretch.words
    return [stretch for stretch in reader.stretches if stretch.words]


def printed_claims(page: str) -> list[PrintedClaim]:
    """Every claim in the order of the page."""
    return [claim for stretch in stretches(page) for claim in stretch.claims]


def single_spaced(text: str) -> str:
    """Text with every run of white space made one space."""
    return " ".join(text.split())
