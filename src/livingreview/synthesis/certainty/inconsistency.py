"""Whether the effect differs between places in a way that matters."""

from __future__ import annotations

import math
from collections.abc import Iterator

from livingreview.synthesis.certainty.body import Body
from livingreview.synthesis.certainty.step import Domain, Step

NOT_POOLED = "the studies were not pooled"
ONE_STUDY = "one study cannot disagree with others"


class Inconsistency(Domain):
    """The interval for a new setting against what is practically none; or its direction alone."""

    name = "inconsistency"
    label = "Studies that disagree (inconsistency)"

    def steps(self, body: Body) -> Iterator[Step]:
        """By the interval where the size is learnt, and else by the direction."""
        rules, pooled = self.protocol.certainty, body.pooled
        note = NOT_POOLED if pooled is None else ONE_STUDY if len(body.studies) < 2 else ""
        if pooled is not None and pooled["size_learnt"]:
            yield Step.by_limits(
                "settings_reach_at_most",
                "how much further the interval for a new setting reaches to the other side than"
                " that of the average",
                math.nan if note else self._reach(body),
                self.protocol.measure.rounding("effect") or "words",
                rules.settings_reach_at_most,
                "above",
                note,
            )
            return
        agree = math.nan
        if pooled is not None and not note:
            more = float(pooled["p_new_setting_more"])
            agree = more if body.direction == "more" else 1 - more
        yield Step.by_limits(
            "settings_agree_at_least",
            "probability that a new setting has the direction of the average",
            agree,
            "percent",
            rules.settings_agree_at_least,
            "below",
            note,
        )

    def _reach(self, body: Body) -> float:
        """How much further the one interval reaches to the other side of no effect."""
        measure = self.protocol.measure
        of_setting, _ = body.interval("new_setting_low", "new_setting_high", measure)
        of_average, _ = body.interval("effect_low", "effect_high", measure)
        return float(measure.natural(max(0.0, -of_setting) - max(0.0, -of_average)))
