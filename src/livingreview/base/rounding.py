"""Numbers as they are printed: one style for each kind of quantity."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any


def significant(value: float, digits: int = 2) -> str:
    """Round to significant digits, without an exponent."""
    if value == 0 or not math.isfinite(value):
        return str(value)
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    rounded = round(value, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{rounded:.{decimals}f}"


def percent(probability: float) -> str:
    """Round a probability to a percentage, never to a certainty."""
    if probability < 0.01:
        return "under 1%"
    if probability > 0.99:
        return "over 99%"
    return f"{100 * probability:.0f}%"


def share(part: float) -> str:
    """Round a share of things that were counted: unlike a probability it may be all or none."""
    return {0.0: "none", 1.0: "all"}.get(part) or percent(part)


def change(count: float) -> str:
    """Word a difference in a count: ``84 more``, ``12 fewer``."""
    rounded = round(count)
    if rounded == 0:
        return "no more and no fewer"
    return f"{abs(rounded)} {'more' if rounded > 0 else 'fewer'}"


def difference(value: float) -> str:
    """Round a difference to significant digits."""
    return significant(value).replace("-", "−")


def signed_difference(value: float) -> str:
    """The same, with its sign unless it is 0."""
    return f"{'+' if value > 0 else ''}{difference(value)}"


def signed(value: float) -> str:
    """Round a difference to two decimals, always with its sign unless it rounds to 0."""
    text = f"{value:+.2f}".replace("-", "−")
    return "0.00" if text.endswith("0.00") else text


STYLES: dict[str, Callable[[Any], str]] = {
    "ratio": significant,
    "exponential": lambda value: significant(math.exp(value)),
    "factor": lambda value: f"{math.exp(value):.2f}",
    "signed": signed,
    "difference": difference,
    "signed_difference": signed_difference,
    "two_decimals": lambda value: f"{value:.2f}",
    "three_decimals": lambda value: f"{value:.3f}",
    "percent": percent,
    "share": share,
    "whole": lambda value: f"{round(value):,}",
    "change": change,
    "studies": lambda value: f"{value} {'study' if value == 1 else 'studies'}",
    "words": str,
}


def labelled(names: object, labels: Mapping[str, str]) -> str:
    """Labels of names, which are separated by spaces in `names`."""
    return ", ".join(labels[name] for name in str(names).split(" "))
