"""Whether results are missing because of what they found."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from livingreview.synthesis.certainty.body import Body
from livingreview.synthesis.certainty.inconsistency import NOT_POOLED
from livingreview.synthesis.certainty.step import Domain, Step

NO_DIRECTION = "there is no direction that it could take away"


class ReportingBias(Domain):
    """Results known and not usable, the answer if results went unprinted, and the search."""

    name = "reporting_bias"
    label = "Results that may be missing (reporting bias)"

    def steps(self, body: Body) -> Iterator[Step]:
        """By results that are missing, by assumed printing, and by whether anyone searched."""
        rules, search = self.protocol.certainty, self.protocol.search
        yield Step.by_limits(
            "not_usable_at_most",
            "results known to exist that could not be used",
            body.not_usable / (body.not_usable + body.usable),
            "share",
            rules.not_usable_at_most,
            "above",
        )
        yield self._if_unprinted(body)
        yield self._if_unreported(body)
        yield Step.by_limits(
            "searches_at_least",
            "searches for studies on record",
            float(search.last is not None),
            "whole",
            rules.searches_at_least,
            "below",
        )

    def _if_unprinted(self, body: Body) -> Step:
        """The planned direction under the printing that leaves least of it."""
        limit, note, number = self.protocol.certainty.direction_if_unprinted_at_least, "", math.nan
        if body.pooled is None or body.fixed_weights.empty:
            note = NOT_POOLED
        else:
            side = "p_above_zero" if body.direction == "more" else "p_below_zero"
            planned = body.fixed_weights.loc[body.fixed_weights["weight"] == 1, side].max()
            if planned < limit.one_step:
                note = NO_DIRECTION
            else:
                number = float(body.fixed_weights[side].min())
        return Step.by_limits(
            "direction_if_unprinted_at_least",
            "least probability of the direction if results went unprinted",
            number,
            "percent",
            limit,
            "below",
            note,
        )

    def _if_unreported(self, body: Body) -> Step:
        """How many studies without effect would take the direction away, for each on record."""
        note, number, row = NOT_POOLED, math.nan, body.unreported
        if row is not None and pd.isna(row["probability"]):
            note = NO_DIRECTION
        elif row is not None:
            beyond = pd.isna(row["unreported"])
            number = float(row["most"] if beyond else row["unreported"]) / float(row["studies"])
            note = "as many as were tried do not" if beyond else ""
        return Step.by_limits(
            "unreported_at_least",
            "unreported studies without effect that would take the direction away, for each study"
            " on record",
            number,
            "two_decimals",
            self.protocol.certainty.unreported_at_least,
            "below",
            note,
        )
