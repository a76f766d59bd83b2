"""Whether the studies are of the people, places and times that an answer is wanted for."""

from __future__ import annotations

import math
from collections.abc import Iterator

from livingreview.base.labels import in_sentence
from livingreview.synthesis.certainty.body import MODERATOR, Body
from livingreview.synthesis.certainty.step import Domain, Step

NO_INTEREST = "the protocol names no people, place or time of interest"


class Indirectness(Domain):
    """Share of people outside what is of interest, field by field."""

    name = "indirectness"
    label = "Studies unlike the question (indirectness)"

    def steps(self, body: Body) -> Iterator[Step]:
        """By each field; a study that does not tell counts as outside."""
        interest = self.protocol.certainty.interest.get(body.outcome)
        outside: dict[str, tuple[str, float]] = {}
        if interest is not None:
            for name, levels in interest.moderators.items():
                words = f"people outside what is of interest: {in_sentence(self._label(name))}"
                inside = body.studies[MODERATOR + name].isin(levels)
                outside[name] = words, body.share(~inside)
            if (since := interest.published_since) is not None:
                words = f"people in studies published before {since}"
                outside["period"] = words, body.share((body.studies["year"] < since).fillna(True))
        if not outside:
            outside["interest"] = "people outside what is of interest", math.nan
        for name, (words, share) in outside.items():
            yield Step.by_limits(
                f"outside_interest_at_most: {name}",
                words,
                share,
                "share",
                self.protocol.certainty.outside_interest_at_most,
                "above",
                NO_INTEREST if math.isnan(share) else "",
            )

    def lowered(self, steps: list[Step]) -> int:
        """Differences in place, time and people add up, to two steps at most."""
        return min(2, sum(step.steps for step in steps))

    def _label(self, moderator: str) -> str:
        return self.protocol.moderators[moderator].label
