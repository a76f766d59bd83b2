"""Numbers and words that sources report: their types, and the limits of numbers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from livingreview.base.validation import field_error

# Reported numbers lie between these; so do ratios, above the second. Arithmetic keeps its
# digits between them.
LARGEST_AMOUNT = 1e9
LEAST_AMOUNT = 1e-9
LEAST_P = 1e-300

Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
Size = Annotated[int, Field(ge=1, le=1_000_000_000)]
Amount = Annotated[float, Field(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT)]
Positive = Annotated[float, Field(ge=LEAST_AMOUNT, le=LARGEST_AMOUNT)]


def _low_and_high(pair: Any) -> Any:
    if not isinstance(pair, list) or len(pair) != 2:
        commas = isinstance(pair, list) and len(pair) == 4
        advice = ", with `.` before decimals" if commas else ""
        raise field_error((), None, f"two numbers in brackets, [low, high]{advice}")
    return pair


Pair = Annotated[list[Amount], Field(min_length=2, max_length=2), BeforeValidator(_low_and_high)]
Direction = Literal["increase", "decrease", "none", "unclear"]
Significance = Literal["significant", "not_significant", "not_stated"]
