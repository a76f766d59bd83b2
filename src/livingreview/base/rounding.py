"""Numbers as they are printed: one style for each kind of quantity."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any


def significant(value: float, digits: int = 2) -> str:
    """Round to significant digits, without an exponent."""
    if value == 0 or not math.isfinite(value):
        return str(value)
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    rounded = round(value, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{rounded:.{decimals}f}"


def percent(probability: float, decimals: int = 0) -> str:
    """Round a probability to a percentage, never to a certainty."""
    least = 10.0 ** -(2 + decimals)
    if probability < least:
        return f"under {100 * least:g}%"
    if probability > 1 - least:
        return f"over {100 * (1 - least):g}%"
    return f"{100 * probability:.{decimals}f}%"


def share(part: float, decimals: int = 0) -> str:
    """Round a share of things that were counted: unlike a probability it may be all or none."""
    return {0.0: "none", 1.0: "all"}.get(part) or percent(part, decimals)


def exact_percent(probability: float) -> str:
    """A limit of the protocol as a percentage, with all its digits."""
    return f"{100 * probability:.12g}%"


def exact_share(part: float) -> str:
    """The same of a share, which may be all or none."""
    return {0.0: "none", 1.0: "all"}.get(part) or exact_percent(part)


def beside(value: float, limit: float, decimals: int = 2) -> str:
    """Round a number that stands beside a limit: with so many digits that they differ if they do.

    After six decimals a number counts as being at its limit.
    """
    for digits in range(decimals, 7):
        text = f"{value:.{digits}f}"
        if value == limit or float(text) != limit:
            return text
    return f"{value:.{decimals}f}"


def change(count: float) -> str:
    """Word a difference in a count: ``84 more``, ``12 fewer``."""
    rounded = round(count)
    if rounded == 0:
        return "no more and no fewer"
    return f"{abs(rounded)} {'more' if rounded > 0 else 'fewer'}"


def difference(value: float, digits: int = 2) -> str:
    """Round a difference to significant digits."""
    return significant(value, digits).replace("-", "−")


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
    "ratio_of_3_digits": partial(significant, digits=3),
    "ratio_of_4_digits": partial(significant, digits=4),
    "difference_of_3_digits": partial(difference, digits=3),
    "difference_of_4_digits": partial(difference, digits=4),
    "percent_to_a_tenth": partial(percent, decimals=1),
    "percent_to_a_hundredth": partial(percent, decimals=2),
    "share_to_a_tenth": partial(share, decimals=1),
    "share_to_a_hundredth": partial(share, decimals=2),
    "one_decimal": lambda value: f"{value:,.1f}",
    "four_decimals": lambda value: f"{value:.4f}",
    "exact_percent": exact_percent,
    "exact_share": exact_share,
}
# Styles with more digits, for a number beside a limit from which the usual style does not tell it.
FINER = {
    "ratio": ["ratio_of_3_digits", "ratio_of_4_digits"],
    "difference": ["difference_of_3_digits", "difference_of_4_digits"],
    "percent": ["percent_to_a_tenth", "percent_to_a_hundredth"],
    "share": ["share_to_a_tenth", "share_to_a_hundredth"],
    "two_decimals": ["three_decimals", "four_decimals"],
    "whole": ["one_decimal", "two_decimals"],
}
# Styles of limits, where the usual one would round them.
OF_LIMITS = {"percent": "exact_percent", "share": "exact_share"}


def labelled(names: object, labels: Mapping[str, str]) -> str:
    """Labels of names, which are separated by spaces in `names`."""
    return ", ".join(labels[name] for name in str(names).split(" "))
