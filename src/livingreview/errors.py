"""What is wrong with a user's input, said so that the user can mend it."""

import difflib
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LONGEST_VALUE_SHOWN = 80


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake in one place.

    Attributes
    ----------
    file : str
        File as the user knows it.
    line : int
        Line of the field, counted from 1; 0 when the whole file is meant.
    field : str
        Path of the field inside the file, such as ``effects[0].outcome``.
    found : str
        What stands there.
    allowed : str
        What may stand there.
    """

    file: str
    line: int
    field: str
    found: str
    allowed: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        field = f" {self.field}:" if self.field else ""
        return _seen(f"{place}:{field} found {self.found}; allowed: {self.allowed}")


class Stop(Exception):
    """The build cannot go on, for a reason that its text states in full."""


class ReviewError(Stop):
    """The input cannot be used; carries every problem found, not only the first.

    Parameters
    ----------
    problems : iterable of Problem
        At least one.
    """

    def __init__(self, problems: Iterable[Problem]):
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(p) for p in self.problems))

    def __str__(self) -> str:
        count = len(self.problems)
        head = "1 problem" if count == 1 else f"{count} problems"
        lines = "\n".join(f"  {p}" for p in self.problems)
        return f"{head} in the input; nothing was changed by this run.\n{lines}"


def _seen(text: str) -> str:
    """Text whose control characters are spelled out, as a terminal would obey them."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def shown(value: object) -> str:
    """Render a found value on one line, shortened when long."""
    return shortened(repr(value) if isinstance(value, str) else str(value))


def shortened(text: str) -> str:
    """Text on one line, cut where it is long."""
    text = " ".join(text.split())
    if len(text) > LONGEST_VALUE_SHOWN:
        return f"{text[:LONGEST_VALUE_SHOWN]}… ({len(text)} characters)"
    return text


def one_of(found: object, names: Iterable[str]) -> str:
    """Say which names are allowed, the one closest to what was found first."""
    names = [shortened(name) for name in names]
    # Nothing is near to a long text, and to look for it takes minutes.
    close = difflib.get_close_matches(str(found)[: LONGEST_VALUE_SHOWN + 1], names, n=1)
    meant = f"did you mean `{close[0]}`? " if close else ""
    return f"{meant}one of {', '.join(names)}" if names else "none"


@contextmanager
def told_plainly(log: str | Path) -> Iterator[None]:
    """Turn a `Stop` into its message, on the screen and in the log, and exit 1.

    Parameters
    ----------
    log : path
        File that keeps the message; it is written, empty, when all goes well.
    """
    log = Path(log)
    log.write_text("")
    try:
        yield
    except Stop as error:
        log.write_text(f"{error}\n")
        print(f"\n{error}\n", file=sys.stderr)
        raise SystemExit(1) from None
