"""Names that the files of a review may use, as its protocol has them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Vocabulary:
    """Names that a review's protocol lets records and published conclusions use.

    Attributes
    ----------
    outcomes : tuple of str
    moderators : dict
        Levels of each moderator; None for a numeric one.
    domains : tuple of str
        Risk-of-bias domains.
    results : tuple of str
        What published conclusions may be compared with (`Protocol.result_names`).
    review : str
        Name of the review, which its narrative bears; empty to leave that unchecked.
    """

    outcomes: tuple[str, ...]
    moderators: dict[str, tuple[str, ...] | None]
    domains: tuple[str, ...]
    results: tuple[str, ...] = ()
    review: str = ""
