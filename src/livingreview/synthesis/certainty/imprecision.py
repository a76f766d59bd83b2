"""Whether there is enough evidence to tell."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from livingreview.synthesis.certainty.body import Body
from livingreview.synthesis.certainty.inconsistency import NOT_POOLED
from livingreview.synthesis.certainty.step import Domain, Step

EXPECTED = "expected at the share of the control arm where they were not counted"


class Imprecision(Domain):
    """The interval against what is practically none, or the direction; and the events."""

    name = "imprecision"
    label = "Imprecision"

    def steps(self, body: Body) -> Iterator[Step]:
        """By the interval where the size is learnt, else by the direction; and by the events."""
        rules, pooled = self.protocol.certainty, body.pooled
        if pooled is not None and pooled["size_learnt"]:
            yield self._by_interval(body)
        else:
            yield Step.by_limits(
                "direction_at_least",
                "probability of the direction",
                math.nan if pooled is None else max(pooled["p_more"], pooled["p_less"]),
                "percent",
                rules.direction_at_least,
                "below",
                NOT_POOLED if pooled is None else "",
            )
        yield Step.by_limits(
            "events_at_least",
            "people with the outcome",
            float(body.studies["events"].sum()),
            "whole",
            rules.events_at_least,
            "below",
            EXPECTED,
        )

    def _by_interval(self, body: Body) -> Step:
        """By limits of practically none within the interval of the average.

        The decision flips where the end that is nearest to one of them passes it.
        """
        rule = self.protocol.certainty.thresholds_crossed_at_most
        limit = self.protocol.decisions.practically_none_odds_ratio
        low, high = body.interval("odds_ratio_low", "odds_ratio_high")

        def step(low: float, high: float) -> Step:
            return Step.by_limits(
                "thresholds_crossed_at_most",
                "limits of practically none within the interval of the average",
                float(sum(low < at < high for at in (1 / limit, limit))),
                "whole",
                rule,
                "above",
            )

        moves = {}
        for at in (1 / limit, limit):
            beyond = {math.nextafter(at, 0), math.nextafter(at, math.inf)}
            for moved in beyond:
                moves[abs(math.log(low / at)), moved, high] = step(moved, high)
                moves[abs(math.log(high / at)), low, moved] = step(low, moved)
        decided = step(low, high)
        flips = {at: other for at, other in moves.items() if other.steps != decided.steps}
        if not flips:
            return decided
        nearest = min(flips)
        return replace(
            decided,
            distance=math.exp(nearest[0]),
            distance_style="two_decimals",
            flips_to=flips[nearest].steps,
        )
