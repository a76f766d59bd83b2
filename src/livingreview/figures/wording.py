"""How figures speak of outcomes and statements."""

from __future__ import annotations

from dataclasses import dataclass

from livingreview.claims import significant

# Statements by direction and significance, as words.
STATEMENTS = {
    ("increase", "significant"): "significant increase",
    ("increase", "not_significant"): "increase, not significant",
    ("increase", "not_stated"): "increase, significance not stated",
    ("decrease", "significant"): "significant decrease",
    ("decrease", "not_significant"): "decrease, not significant",
    ("decrease", "not_stated"): "decrease, significance not stated",
    ("none", "significant"): "no difference",
    ("none", "not_significant"): "no significant difference",
    ("none", "not_stated"): "no difference, significance not stated",
    ("unclear", "significant"): "significant, direction unclear",
    ("unclear", "not_significant"): "not significant, direction unclear",
    ("unclear", "not_stated"): "direction and significance unclear",
}


@dataclass(frozen=True)
class OutcomeWords:
    """An outcome as the protocol words it.

    Attributes
    ----------
    label : str
        Heading.
    phrase : str
        As it stands inside a sentence.
    better : {"lower", "higher"}
    """

    label: str
    phrase: str
    better: str

    def side(self, direction: str) -> str:
        """Whether ``less`` or ``more`` of the outcome is the better side."""
        return "better" if (direction == "less") == (self.better == "lower") else "worse"


def interval_text(low: float, high: float) -> str:
    """Interval of odds ratios, rounded as in the report's sentences."""
    return f"{significant(low)} to {significant(high)}"
