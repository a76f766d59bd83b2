"""Pooled effects as counts per 1,000 people, at each stated share without treatment."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pandas as pd
from scipy.special import expit, logit

from livingreview.protocol.models import OVERALL
from livingreview.protocol.outcomes import Baseline, Outcome
from livingreview.synthesis.printed import interval, printed
from livingreview.tables.synthesis import Per1000

CITED = "cited"


def treated_probability(mu: float, control: float) -> float:
    """Probability in the treated arm: expit(logit p + m), with control probability p."""
    return float(expit(logit(control) + mu))


def stated_shares(baseline: Baseline) -> Iterator[tuple[str, float]]:
    """Shares without treatment that the protocol states: the cited one, then those assumed.

    ``cited`` or the name of a setting, and the probability; a setting has a prior, of which this
    is the centre.
    """
    if baseline.cited is not None:
        yield CITED, baseline.cited.probability
    for name, prior in baseline.settings.items():
        yield name, float(expit(prior.arguments[0]))


def per_1000_table(pooled: pd.DataFrame, outcomes: dict[str, Outcome]) -> pd.DataFrame:
    """One row per outcome with a size that is learnt, and share without treatment.

    `pooled`: columns of `livingreview.tables.models.Pooled`.
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
        for baseline, share in stated_shares(outcome.control):
            rows.append(
                {
                    "outcome": name,
                    "baseline": baseline,
                    "assumed": baseline != CITED,
                    "control_per_1000": 1000 * share,
                    **interval("treated_per_1000", answers.loc[at], partial(_treated, share)),
                }
            )
    return Per1000.frame(rows)


def _treated(control: float, mu: float) -> float:
    return 1000 * treated_probability(mu, control)
