"""Names that records may use: the outcomes, moderators and risk-of-bias domains of a protocol."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Vocabulary:
    """Names that a review's protocol lets its records use.

    Attributes
    ----------
    outcomes : tuple of str
    moderators : dict
        Levels of each moderator; None for a numeric one.
    domains : tuple of str
        Risk-of-bias domains.
    """

    outcomes: tuple[str, ...]
    moderators: dict[str, tuple[str, ...] | None]
    domains: tuple[str, ...]
