"""Where a body of evidence starts, by how groups were formed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from livingreview.protocol.certainty import CertaintyLimit
from livingreview.synthesis.certainty.body import Body
from livingreview.synthesis.certainty.step import Domain, Step


class Start(Domain):
    """High, or two steps below where randomised studies are not most of the evidence."""

    name = "start"
    label = "How groups were formed"

    def steps(self, body: Body) -> Iterator[Step]:
        """By the share of people in randomised studies."""
        rule = self.protocol.certainty.randomised_at_least
        step = Step.by_limits(
            "randomised_at_least",
            "people in randomised studies",
            body.share(body.randomised(self.protocol)),
            "share",
            CertaintyLimit(one_step=rule.value, two_steps=rule.value, reason=rule.reason),
            "below",
        )
        # High is two steps above low: nothing lies between.
        yield replace(step, flips_to=2 - step.steps)
