"""Pooled effects as counts per 1,000 people, at each stated share without treatment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import pandas as pd
from scipy.special import expit, logit

from livingreview.protocol.models import OVERALL
from livingreview.protocol.outcomes import Baseline, Outcome
from livingreview.synthesis.printed import interval, printed
from livingreview.tables.synthesis import Per1000

CITED, ON_RECORD = "cited", "on_record"


@dataclass(frozen=True)
class ControlGroups:
    """How common an outcome was in the control groups on record that gave counts.

    The share of a study is that of all its control groups together; `share` is the median over
    studies, `lowest` and `highest` are their ends.
    """

    studies: int
    share: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, terms: pd.DataFrame) -> ControlGroups | None:
        """Control groups of an outcome, by rows of `Terms`; None without counts of people."""
        counted = terms[(terms["likelihood"] == "binomial") & (terms["treated"] == 0)]
        sums = counted.groupby("study_id")[["events", "total"]].sum()
        if sums.empty:
            return None
        shares = sums["events"] / sums["total"]
        median, ends = float(shares.median()), (float(shares.min()), float(shares.max()))
        # At 0 or 1 odds have no ratio: such a share is no place to start from.
        return cls(len(shares), median, *ends) if 0 < median < 1 else None


def treated_probability(mu: float, control: float) -> float:
    """Probability in the treated arm: expit(logit p + m), with control probability p."""
    return float(expit(logit(control) + mu))


def usual_share(baseline: Baseline, on_record: ControlGroups | None) -> float | None:
    """Share without treatment: the cited one, else that of the control groups on record."""
    if baseline.cited is not None:
        return baseline.cited.probability
    return on_record.share if on_record else None


def stated_shares(
    baseline: Baseline, on_record: ControlGroups | None
) -> Iterator[tuple[str, float]]:
    """Shares without treatment: the cited one, else that on record; then those assumed.

    ``cited``, ``on_record`` or the name of a setting, and the probability; a setting has a prior,
    of which this is the centre.
    """
    usual = usual_share(baseline, on_record)
    if usual is not None:
        yield CITED if baseline.cited else ON_RECORD, usual
    for name, prior in baseline.settings.items():
        yield name, float(expit(prior.arguments[0]))


def per_1000_table(
    pooled: pd.DataFrame,
    outcomes: dict[str, Outcome],
    controls: Mapping[str, ControlGroups | None],
) -> pd.DataFrame:
    """One row per outcome with a size that is learnt, and share without treatment.

    `pooled`: columns of `livingreview.tables.models.Pooled`; `controls`: by outcome.
    """
    rows = []
    answers = printed(pooled)
    for name, outcome in outcomes.items():
        at = (f"{name}/{OVERALL}", "mu")
        # Other measures do not turn one share of people into another.
        if outcome.measure != "odds_ratio" or at not in answers.index:
            continue
        if not answers.loc[at, "size_learnt"]:
            continue
        on_record = controls.get(name)
        for baseline, share in stated_shares(outcome.control, on_record):
            row = {
                "outcome": name,
                "baseline": baseline,
                "assumed": baseline not in (CITED, ON_RECORD),
                "control_per_1000": 1000 * share,
                **interval("treated_per_1000", answers.loc[at], partial(_treated, share)),
            }
            if baseline == ON_RECORD and on_record is not None:
                row |= {
                    "control_studies": on_record.studies,
                    "control_lowest": 1000 * on_record.lowest,
                    "control_highest": 1000 * on_record.highest,
                }
            rows.append(row)
    return Per1000.frame(rows)


def _treated(control: float, mu: float) -> float:
    return 1000 * treated_probability(mu, control)
