"""From the text of a spreadsheet cell to a value, or to what is allowed there."""

from __future__ import annotations

import re
from decimal import Decimal, localcontext

from livingreview.base.documents import EXACT_NUMBER, is_exact
from livingreview.base.slips import TRUE_OR_FALSE, number_wanted
from livingreview.records.importing.readings import Reads

# Spreadsheets and statistics software print a whole number with decimals of 0.
_WHOLE = r"[0-9]{{1,15}}({decimal}0+)?"
_FORMULA = tuple("=+-@＝＋－＠")


class NotAllowed(ValueError):
    """A cell holds a value that is not allowed; the message says what is allowed."""


def value_of(text: str, reads: Reads, decimal: str) -> str | int | float | bool:
    """Value of a cell that is not blank; `decimal` is the mark before its decimals.

    Raises
    ------
    NotAllowed
        With what is allowed.
    """
    match reads:
        case "text":
            return _text(text)
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


def _number(text: str, decimal: str) -> int | float:
    digits = (
        rf"([0-9]{{1,15}}({re.escape(decimal)}[0-9]{{1,50}})?|{re.escape(decimal)}[0-9]{{1,50}})"
    )
    if not re.fullmatch(rf"[-+]?{digits}([eE][-+]?[0-9]{{1,3}})?", text):
        raise NotAllowed(number_wanted(text, decimal))
    number = text.replace(decimal, ".")
    if not (is_exact(number) or _is_printed_in_full(number)):
        raise NotAllowed(EXACT_NUMBER)
    return float(number) if re.search(r"\D", text) else int(text)


def _is_printed_in_full(number: str) -> bool:
    """Whether software printed all digits of a number that it keeps in binary, as 0.4000…0222."""
    with localcontext(prec=400):
        written, kept = Decimal(number), Decimal(float(number))
        last = Decimal((0, (1,), int(written.as_tuple().exponent)))
        return kept.is_finite() and kept != 0 and kept.quantize(last) == written
