"""What is wrong with a user's input, said so that the user can mend it."""

import difflib
import errno
import os
from collections.abc import Iterable
from dataclasses import dataclass

LONGEST_VALUE_SHOWN = 80
# A message lists at most so many names.
MOST_NAMES = 40

_AGAIN = "run the same command again; what was whole is kept."
_MEMORY = f"Give it more memory, or fewer steps at once (--cores 1), and {_AGAIN}"
_FULL = f"The disk is full: make room, and {_AGAIN}"
_UNWRITABLE = f"Results cannot be written here: make their folder writable, and {_AGAIN}"
# Errors of the operating system, whichever library raises them, and what to do about each.
_REFUSED = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EROFS: _UNWRITABLE,
    errno.EACCES: _UNWRITABLE,
    errno.ENOMEM: f"Memory ran out. {_MEMORY}",
}


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
    study : str
        Study that a row of a spreadsheet is about; empty elsewhere.
    """

    file: str
    line: int
    field: str
    found: str
    allowed: str
    study: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        field = f" {self.field}:" if self.field else ""
        study = f" study {shortened(self.study)}:" if self.study else ""
        return _seen(f"{place}:{study}{field} found {self.found}; allowed: {self.allowed}")


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
        lines = [f"  {problem}" for problem in self.problems]
        return "\n".join([f"{head} in the input; nothing was changed by this run.", *lines])


def _seen(text: str) -> str:
    """Text with control characters written as escapes, which a terminal does not obey."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def value_text(value: object) -> str:
    """Text of a value found in a file, on one line, shortened when it is long."""
    return shortened(repr(value) if isinstance(value, str) else str(value))


def shortened(text: str) -> str:
    """Text on one line, cut where it is long."""
    text = " ".join(text.split())
    if len(text) > LONGEST_VALUE_SHOWN:
        return f"{text[:LONGEST_VALUE_SHOWN]}… ({len(text)} characters)"
    return text


def nearest(found: object, names: Iterable[str], likeness: float = 0.6) -> str | None:
    """Name that is most like what was found, where one is as like as `likeness`; 1 is the same."""
    # Nothing is near to a long text, and to look for it takes minutes.
    text = str(found)[: LONGEST_VALUE_SHOWN + 1]
    return next(iter(difflib.get_close_matches(text, list(names), n=1, cutoff=likeness)), None)


def one_of(found: object, names: Iterable[str], likeness: float = 0.6) -> str:
    """Say which names are allowed, the one closest to what was found first.

    None is named first that is less like it than `likeness`, where 1 is the same.
    """
    every = list(names)
    names = [shortened(name) for name in every[:MOST_NAMES]]
    close = nearest(found, names, likeness)
    meant = f"did you mean `{close}`? " if close else ""
    more = f" and {len(every) - MOST_NAMES:,} more" if len(every) > MOST_NAMES else ""
    return f"{meant}one of {', '.join(names)}{more}" if names else "none"


def damaged(path: object, why: object) -> Stop:
    """A result that cannot be what its rule wrote, and how to have it again."""
    return Stop(
        f"{path} is damaged or was edited: {shortened(str(why))}\n"
        "Delete it and run the same command again: it is made anew."
    )


def remedy(error: Exception) -> str:
    """What a user can do about an error; nothing where it is a fault of the program."""
    if isinstance(error, Stop):
        return str(error)
    if isinstance(error, MemoryError):
        return f"{_REFUSED[errno.ENOMEM]}\n{error}".strip()
    # Libraries in C raise errors of other kinds, or without a number, but quote the system.
    for number, words in _REFUSED.items():
        if getattr(error, "errno", None) == number or os.strerror(number) in str(error):
            return f"{words}\n{shortened(str(error))}"
    return ""
