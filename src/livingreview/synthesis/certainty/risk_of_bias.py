"""Risk of bias of the studies behind an answer."""

from __future__ import annotations

from collections.abc import Iterator

from livingreview.synthesis.certainty.body import JUDGED, RISK, Body
from livingreview.synthesis.certainty.step import Domain, Step


class RiskOfBias(Domain):
    """Whether studies at high risk carry the evidence, and whether it could be judged."""

    name = "risk_of_bias"
    label = "Risk of bias"

    def steps(self, body: Body) -> Iterator[Step]:
        """By people in studies at high risk, and by judgements that could not be made."""
        rules = self.protocol.certainty
        randomised = body.randomised(self.protocol)
        risks = body.studies[[RISK + name for name in self.protocol.risk_of_bias_domains]]
        high = body.studies["at_high_risk"]
        words = "people in studies at high risk of bias"
        # A body that starts as low was lowered for this already.
        if body.share(randomised) >= rules.randomised_at_least.value:
            high = high | ~randomised
            words += " or not randomised"
        yield Step.by_limits(
            "high_risk_at_most", words, body.share(high), "share", rules.high_risk_at_most, "above"
        )
        yield Step.by_limits(
            "not_judged_at_most",
            "judgements of bias that could not be made",
            body.share((~risks.isin(JUDGED)).mean(axis=1)),
            "share",
            rules.not_judged_at_most,
            "above",
            "" if self.protocol.risk_of_bias_domains else "the protocol names no domain of bias",
        )
