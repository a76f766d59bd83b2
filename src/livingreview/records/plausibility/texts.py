"""Texts that are not what they seem: look-alike letters, placeholders, and a lost end."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from livingreview.base.documents import Location, field_path, texts
from livingreview.base.errors import value_text
from livingreview.records.plausibility.question import Oddity, Record, Review

# Fields that a person fills in in words of their own.
IN_WORDS = {
    *("label", "text", "identifier", "eligibility", "people", "detail", "reason", "locator"),
    *("note", "notes", "measure", "set_aside", "confirmed"),
}
_PLACEHOLDER = re.compile(
    r"(n\W?a\W?|x{2,}|[\W_]+|none|null|nil|tb[acd]|(todo|fixme|xxx)\b.*|lorem ipsum.*|to be \w+)",
    re.IGNORECASE | re.DOTALL,
)
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-z]")
# Cyrillic letters, and those Greek ones that look like Latin ones.
_LIKE_LATIN = re.compile(
    r"[\u0400-\u04ff\u0391\u0392\u0395-\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf]"
)
# Characters without width where Latin letters, digits or the ends of a text are on both sides;
# other scripts and signs join or part letters by them.
_WITHOUT_WIDTH = re.compile(r"(?:^|(?<=[ -~]))([\xad\u200b-\u200f\u2060-\u2064\ufeff])(?=$|[ -~])")


def _in_words(record: Record) -> Iterator[tuple[Location, str]]:
    for at, text in texts(record[0].data):
        if any(part in IN_WORDS for part in at[-2:]) and at[-2:-1] != ("moderators",):
            yield at, text


def _unlike_seen(text: str) -> str | None:
    """The first character that is not what a reader takes it for, if there is one."""
    if text.isascii():
        return None
    mixed = (_LIKE_LATIN.search(word) for word in _WORD.findall(text) if _LATIN.search(word))
    odd = next(filter(None, mixed), None) or _WITHOUT_WIDTH.search(text)
    return odd and odd[0]


def look_alike_letters(review: Review) -> Iterator[Oddity]:
    """Find letters of another alphabet within Latin words, and characters without width."""
    for record in review.records:
        for at, text in texts(record[0].data):
            if odd := _unlike_seen(text):
                name = unicodedata.name(odd, "a character").lower()
                why = f"it has U+{ord(odd):04X}, {name}, and is another text than the one seen"
                yield Oddity(record, at, value_text(text), why, about=field_path(at))


def placeholders(review: Review) -> Iterator[Oddity]:
    """Find texts that hold the place of another."""
    for record in review.records:
        for at, text in _in_words(record):
            if _PLACEHOLDER.fullmatch(text):
                why = "it says nothing in the place of a text"
                instead = "Say what is known, or leave the field out where it may be"
                yield Oddity(record, at, value_text(text), why, instead, about=field_path(at))


def lost_ends(review: Review) -> Iterator[Oddity]:
    """Find texts whose end YAML takes for a comment."""
    for record in review.records:
        for at, text in _in_words(record):
            if comment := record[0].comments.get(at):
                why = f"YAML passes over what follows ` #`, here {value_text(comment)}"
                instead = "Put the text in quotes, or the comment on a line of its own"
                yield Oddity(record, at, value_text(text), why, instead, about=field_path(at))
