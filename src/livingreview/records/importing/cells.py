"""From the text of a spreadsheet cell to a value, or to what is allowed there."""

from __future__ import annotations

import hashlib
import re
from decimal import Decimal

from livingreview.base.patterns import LONGEST_NAME, near_identifier
from livingreview.base.slips import TRUE_OR_FALSE, number_wanted
from livingreview.records.importing.readings import Reads

# Spreadsheets and statistics software print a whole number with decimals of 0.
_WHOLE = r"[0-9]{{1,15}}({decimal}0+)?"
_FORMULA = tuple("=+-@＝＋－＠")
# A year that ends a text, such as a label: `Ash 1990`, `Ash and Oak (1990a)`.
_YEAR_AT_END = re.compile(r"(?<![0-9])(?P<year>(19|20)[0-9]{2})[a-z]?[)\]]?$")
# Numbers lie between these and their negatives, or are 0.
_LEAST, _LARGEST = 1e-300, 1e300
_WITHIN = f"0, or a number from {_LEAST:g} to {_LARGEST:g} in size"


class NotAllowed(ValueError):
    """A cell holds a value that is not allowed; the message says what is allowed."""


def value_of(text: str, reads: Reads, decimal: str, stem: str = "") -> str | int | float | None:
    """Value of a cell that is not blank; None where it holds none.

    Parameters
    ----------
    text
        Content of the cell.
    reads
        What to read.
    decimal
        The mark before its decimals.
    stem
        What stands before a name that begins with a digit.

    Raises
    ------
    NotAllowed
        With what is allowed.
    """
    match reads:
        case "text":
            return _text(text)
        case "name":
            return _name(text, stem)
        case "year":
            found = _YEAR_AT_END.search(text)
            return int(found["year"]) if found else None
        case "flag":
            if text.lower() not in ("true", "false"):
                raise NotAllowed(f"{TRUE_OR_FALSE}, or `words` in the mapping that say which")
            return text.lower() == "true"
        case "whole":
            if not re.fullmatch(_WHOLE.format(decimal=re.escape(decimal)), text):
                raise NotAllowed(number_wanted(text, decimal, whole=True))
            return int(text.partition(decimal)[0])
        case "percent":
            text = text.removesuffix("%").rstrip()
    return _number(text, decimal)


def decimals_of(number: str) -> int:
    """Decimals that a number is printed with: two in `0.50`, `12,34%` and `1.234e1`."""
    exponent = Decimal(number.removesuffix("%").rstrip().replace(",", ".")).as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


def _text(text: str) -> str:
    if text.startswith(_FORMULA):
        raise NotAllowed("a text that no spreadsheet takes for a formula (it may not start so)")
    if not text.isprintable():
        raise NotAllowed("a text without control characters")
    return text


def _name(text: str, stem: str) -> str:
    """Name made of a text; other letters than Latin ones are left out, where any of these stay."""
    latin = "".join(c for c in text if c.isascii())
    name = near_identifier(text, stem) or near_identifier(latin, stem)
    if len(latin) > LONGEST_NAME:  # its end may be what tells it from others
        end = hashlib.sha256(text.encode()).hexdigest()[:8]
        name = near_identifier(latin[: LONGEST_NAME - len(stem) - len(end) - 2] + f" {end}", stem)
    if name is None:
        raise NotAllowed(
            f"a text of which a name can be made (Latin letters and digits), or a"
            f" column of names for `{stem}_id`"
        )
    return name


def _number(text: str, decimal: str) -> int | float:
    mark = re.escape(decimal)
    if not re.fullmatch(rf"[-+]?([0-9]+({mark}[0-9]*)?|{mark}[0-9]+)([eE][-+]?[0-9]+)?", text):
        other = "," if decimal == "." else "."
        has_other = re.fullmatch(rf"[-+]?[0-9]*{re.escape(other)}[0-9]+", text)
        option = f"; or `--decimal {other}`, if all numbers have it" if has_other else ""
        raise NotAllowed(number_wanted(text, decimal) + option)
    number = float(text.replace(decimal, "."))
    is_zero = not re.search(r"[1-9]", re.split("[eE]", text)[0])
    if not (is_zero or _LEAST <= abs(number) <= _LARGEST):
        raise NotAllowed(_WITHIN)
    # Digits beyond those that a double holds are rounded away.
    return int(text) if re.fullmatch(r"[-+]?[0-9]{1,15}", text) else number
