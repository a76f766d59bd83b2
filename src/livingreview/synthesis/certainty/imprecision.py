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
    label = "Too little information (imprecision)"

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
        # Of a score people count, as Murad and others have it.
        scores = body.studies["events"].isna().any()
        yield Step.by_limits(
            "events_at_least",
            "people" if scores else "people with the outcome",
            body.people if scores else float(body.studies["events"].sum()),
            "whole",
            rules.events_at_least,
            "below",
            "" if scores else EXPECTED,
        )

    def _by_interval(self, body: Body) -> Step:
        """By limits of practically none within the interval of the average.

        The decision flips where the end that is nearest to one of them passes it.
        """
        rule, measure = self.protocol.certainty.thresholds_crossed_at_most, self.protocol.measure
        limits = (-measure.limit_on_line, measure.limit_on_line)
        ends = body.interval("effect_low", "effect_high", measure)

        def step(low: float, high: float) -> Step:
            return Step.by_limits(
                "thresholds_crossed_at_most",
                "limits of practically none within the interval of the average",
                float(sum(low < at < high for at in limits)),
                "whole",
                rule,
                "above",
            )

        decided, flips = step(*ends), {}
        for at in limits:
            for i, end in enumerate(ends):
                for beyond in (-math.inf, math.inf):
                    moved = math.nextafter(at, beyond)
                    other = step(moved, ends[1]) if i == 0 else step(ends[0], moved)
                    if other.steps != decided.steps:
                        flips[abs(end - at)] = other.steps
        if not flips:
            return decided
        nearest = min(flips)
        return replace(
            decided,
            distance=float(measure.natural(nearest)),
            distance_style=measure.rounding("plain") or "words",
            flips_to=flips[nearest],
        )
