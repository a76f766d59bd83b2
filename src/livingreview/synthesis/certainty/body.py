"""The body of evidence on one outcome: what the domains look at."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from livingreview.base.measures import Measure
from livingreview.protocol.models import OVERALL
from livingreview.protocol.review import Protocol
from livingreview.tables.effects import Precision
from livingreview.tables.records import Effects, Flow, Studies
from livingreview.tables.sensitivity import FixedWeights, UnreportedStudies
from livingreview.tables.statuses import ANALYSED, NOT_USABLE
from livingreview.tables.synthesis import Summary

# Risks of bias that count as judged; any other value says that no judgement could be made.
JUDGED = ("low", "some_concerns", "high")
MODERATOR, RISK = "moderator_", "risk_"

type Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True, eq=False)
class Body:
    """Evidence on one outcome.

    Attributes
    ----------
    outcome : str
    studies : DataFrame
        Rows of `Studies` that an analysed effect is of, with `people` and `events` of the largest
        analysed effect of each: effects of one study are of the same people. Of a score, which
        has no events, `events` is empty. `at_high_risk` says whether the outcome is at high risk
        of bias there, in any domain.
    pooled : Series or None
        Row of `Summary` of all studies; none where no model was fitted.
    fixed_weights : DataFrame
        Rows of `FixedWeights`.
    unreported : Series or None
        Row of `UnreportedStudies`; none where no model was fitted.
    usable, not_usable : int
        Results that are analysed, and those that are known to exist and could not be used:
        effects of which nothing could be analysed, and records that wait for their data, as any of
        them may be of this outcome.
    """

    outcome: str
    studies: pd.DataFrame
    pooled: pd.Series | None
    fixed_weights: pd.DataFrame
    unreported: pd.Series | None
    usable: int
    not_usable: int

    @property
    def people(self) -> float:
        """People in all studies."""
        return float(self.studies["people"].sum())

    def share(self, of_study: pd.Series | NDArray[np.float64]) -> float:
        """Share of people in studies that meet a condition; of shares by study, their mean."""
        return float(np.average(np.asarray(of_study, dtype=float), weights=self.studies["people"]))

    def randomised(self, protocol: Protocol) -> pd.Series:
        """Whether each study is randomised, as the protocol understands it."""
        rule = protocol.certainty.randomised
        if rule is None:
            return pd.Series(False, index=self.studies.index)
        return self.studies[MODERATOR + rule.moderator].isin(rule.levels)

    @property
    def direction(self) -> str:
        """Direction of the pooled effect: ``more`` or ``less``."""
        assert self.pooled is not None
        return "more" if self.pooled["p_more"] >= self.pooled["p_less"] else "less"

    def interval(self, low: str, high: str, measure: Measure) -> tuple[float, float]:
        """An interval on the line of models, turned so that the pooled effect lies above 0."""
        assert self.pooled is not None
        left, right = (float(measure.on_line(self.pooled[end])) for end in (low, high))
        return (left, right) if self.direction == "more" else (-right, -left)


def body_of(outcome: str, protocol: Protocol, tables: Tables) -> Body:
    """Body of evidence on an outcome, from tables by their files below the results folder."""
    effects, flow = tables[Effects.file], tables[Flow.file]
    effects = effects[effects["outcome"] == outcome]
    precision = tables[Precision.file.format(outcome=outcome)]
    largest = precision.groupby("study_id")[["people", "events"]].max()
    studies = tables[Studies.file].merge(largest, on="study_id")
    # At the share of the control arm that is expected, where nobody counted.
    baseline = protocol.outcomes[outcome].baseline
    expected = studies["people"] * (baseline.expected if baseline else math.nan)
    at_high_risk = effects.loc[effects["high_risk"].notna(), "study_id"]
    studies = studies.assign(
        events=studies["events"].fillna(expected),
        at_high_risk=studies["study_id"].isin(at_high_risk),
    )
    summary = tables[Summary.file]
    pooled = summary[(summary["outcome"] == outcome) & (summary["model"] == OVERALL)]
    weights = tables[FixedWeights.file]
    unreported = tables[UnreportedStudies.file]
    unreported = unreported[unreported["outcome"] == outcome]
    waiting = flow[(flow["level"] == "record") & (flow["status"] == "awaiting_data")]
    return Body(
        outcome=outcome,
        studies=studies,
        pooled=None if pooled.empty else pooled.iloc[0],
        fixed_weights=weights[weights["outcome"] == outcome],
        unreported=None if unreported.empty else unreported.iloc[0],
        usable=int((effects["status"] == ANALYSED).sum()),
        not_usable=int((effects["status"] == NOT_USABLE).sum() + waiting["count"].sum()),
    )
