"""Usual slips in the writing of a number or a text, and the words that say how to mend them."""

from __future__ import annotations

import re
import unicodedata

import yaml

TRUE_OR_FALSE = "true or false"
_SEPARATORS = re.compile(r"(?<=[0-9])[\s,.'’_](?=[0-9]{3}(?![0-9]))")
_NUMBER = r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?"
_POWER_OF_TEN = re.compile(r"([-+]?[0-9]+)(\.[0-9]*)?[eE]([-+]?)([0-9]+)")
# A number with what a table prints beside it, such as `50%`, `~0.5`, `0.03*` or `12 people`.
_ADORNED = re.compile(r"~ ?[-+]?[0-9.]+|[-+]?[0-9]+(\.[0-9]+)? ?(%|\*+|[A-Za-z][A-Za-z ]*)")
_BOUNDS = ("<", ">", "≤", "≥", "⩽", "⩾")


def number_wanted(text: str, decimal: str = ".", *, whole: bool = False) -> str:
    """What is allowed in place of a text that is no number, with advice on the usual slips.

    Parameters
    ----------
    decimal : str
        The mark before decimals.
    whole : bool
        Whether it must be a whole number.
    """
    allowed = "a whole number such as 12" if whole else f"a number such as 0{decimal}5"
    if text.startswith("="):
        return f"{allowed}, not a formula"
    if text.startswith(_BOUNDS):
        return f"{allowed}, not a bound; a bound on p is a finding"
    advice = signs_to_leave_out(text)
    other = "," if decimal == "." else "."
    if _SEPARATORS.search(text):
        advice = ["without thousands separators"]
        advice[0] += "" if whole else f" and with `{decimal}` before decimals"
    elif not whole and re.search(rf"[0-9]{re.escape(other)}[0-9]", text):
        advice.append(f"with `{decimal}` before decimals")
    elif re.fullmatch(r"[-+]?0[0-9]+", text):
        advice.append("without a zero before it")
    elif not advice and _ADORNED.fullmatch(text):
        advice.append("the number alone")
    return ", ".join([allowed, *dict.fromkeys(advice)])


def number_in_yaml(value: object, *, whole: bool = False) -> str:
    """What is allowed in place of a value of a YAML file that is no number."""
    if not isinstance(value, str):
        return number_wanted("", whole=whole)
    allowed = number_wanted(value, whole=whole)
    if re.fullmatch(_NUMBER, value):
        return f"{allowed}, without quotes"
    if not whole and (power := _POWER_OF_TEN.fullmatch(value)):
        before, decimals, sign, exponent = power.groups()
        written = f"{before}{decimals or '.0'}e{sign or '+'}{exponent}"
        return f"{allowed} (YAML wants a point and a sign in powers of ten: {written})"
    return allowed


def flag_in_yaml(value: object) -> str:
    """What is allowed in place of a value of a YAML file that is no flag."""
    is_quoted = isinstance(value, str) and value.lower() in yaml.SafeLoader.bool_values
    return f"{TRUE_OR_FALSE}, without quotes" if is_quoted else TRUE_OR_FALSE


def text_in_yaml(value: object, allowed: str) -> str:
    """What is allowed in place of a value of a YAML file that is no text, or not that one."""
    if isinstance(value, bool):
        return f"{allowed} (in quotes: YAML takes yes, no, on and off without them for a flag)"
    if isinstance(value, int | float):
        return f"{allowed} (in quotes: YAML takes it for a number without them)"
    return allowed


def signs_to_leave_out(text: str) -> list[str]:
    """Advice on each character that no number and no identifier has."""
    return [_without(sign) for sign in dict.fromkeys(text) if not sign.isascii()]


def _without(sign: str) -> str:
    """Advice on one of these characters."""
    if unicodedata.decimal(sign, None) is not None:
        return "with the digits 0 to 9"
    kind, name = unicodedata.category(sign), unicodedata.name(sign, "character").lower()
    if kind == "Pd" or "minus" in name:
        return f"with a hyphen (-) as minus, not the {name} U+{ord(sign):04X}"
    return f"without the {name} U+{ord(sign):04X}"
