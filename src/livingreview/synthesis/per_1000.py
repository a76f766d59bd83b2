"""Pooled effects as counts per 1,000 people, at each stated share without treatment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd
import xarray as xr
from scipy.special import expit, logit

from livingreview.models.posterior import Draws, median_and_interval
from livingreview.protocol.models import OVERALL
from livingreview.protocol.outcomes import Baseline, Outcome
from livingreview.tables.synthesis import Per1000

CITED = "cited"


def treated_probability(mu: Draws, control: float) -> Draws:
    """Probability in the treated arm: expit(logit p + m), with control probability p."""
    treated: Draws = expit(logit(control) + mu)
    return treated


def stated_shares(baseline: Baseline) -> Iterator[tuple[str, float]]:
    """Shares without treatment that the protocol states: the cited one, then those assumed.

    ``cited`` or the name of a setting, and the probability; a setting has a prior, of which this
    is the centre.
    """
    if baseline.cited is not None:
        yield CITED, baseline.cited.probability
    for name, prior in baseline.settings.items():
        yield name, float(expit(prior.arguments[0]))


def per_1000_table(
    fits: Iterable[tuple[str, xr.DataTree]], outcomes: dict[str, Outcome]
) -> pd.DataFrame:
    """One row per outcome with a pooled effect and share without treatment."""
    rows = []
    for name, fit in fits:
        outcome, model = name.split("/")
        # Other measures do not turn one share of people into another.
        if model != OVERALL or outcomes[outcome].measure != "odds_ratio":
            continue
        mu = fit["posterior"]["mu"].to_numpy().ravel()
        for baseline, share in stated_shares(outcomes[outcome].control):
            treated = 1000 * treated_probability(mu, share)
            rows.append(
                {
                    "outcome": outcome,
                    "baseline": baseline,
                    "assumed": baseline != CITED,
                    "control_per_1000": 1000 * share,
                    **median_and_interval("treated_per_1000", treated),
                }
            )
    return Per1000.frame(rows)
