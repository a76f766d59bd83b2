"""What names and addresses in users' files look like, as patterns and in words."""

from __future__ import annotations

import re
from unicodedata import combining, normalize

LONGEST_NAME = 60
IDENTIFIER = r"^[a-z][a-z0-9_]{0,59}$"
ADDRESS = r"^(https?://|doi:)\S+$"

WORDS_OF_PATTERN = {
    IDENTIFIER: "a name (a to z, 0 to 9 and _, a letter first, at most 60)",
    ADDRESS: "an address that starts with http://, https:// or doi:",
}


def is_identifier(text: str) -> bool:
    """Whether a text can name a study, an arm, an effect, and so on."""
    return re.fullmatch(IDENTIFIER, text) is not None and not text.endswith("\n")


def near_identifier(text: str, stem: str = "") -> str | None:
    """Identifier closest to a text, such as `jolin_1998` for `Jolin 1998`; None where none is.

    `stem` stands before what begins with a digit: `study_7`.
    """
    # An accented letter is one letter and its accents.
    letters = "".join(c for c in normalize("NFKD", text.lower()) if not combining(c))
    name = re.sub(r"[^a-z0-9]+", "_", letters).strip("_")
    if stem and name[:1].isdigit():
        name = f"{stem}_{name}"
    return name if is_identifier(name) and letters.isascii() else None
