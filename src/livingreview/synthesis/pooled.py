"""Draws of the posteriors as tables on the scales that people read: `pooled.csv` and the others."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import xarray as xr

from livingreview.base.measures import Measure
from livingreview.models.posterior import QUANTILES, Draws, median_and_interval, quantities
from livingreview.protocol.decisions import Decisions
from livingreview.protocol.models import JOINT
from livingreview.protocol.outcomes import Outcome
from livingreview.synthesis.per_1000 import treated_probability
from livingreview.synthesis.verdicts import verdict
from livingreview.tables.models import Pooled
from livingreview.tables.synthesis import StudyEffects, Summary

PROBABILITIES = ("p_above_zero", "p_below_zero", "p_practically_none")


def pooled_table(
    fits: Iterable[tuple[str, xr.DataTree]], sampling: pd.DataFrame, measure: Measure
) -> pd.DataFrame:
    """One row per fit and quantity, on the scale of θ.

    `sampling`: diagnostics by fit and quantity, of stage 4.
    """
    diagnostics = sampling.set_index(["fit", "quantity"])
    limit, rows = measure.limit_on_line, []
    for name, fit in fits:
        outcome, model = name.split("/")
        posterior = fit["posterior"].to_dataset()
        for quantity, (sampled, draws) in quantities(posterior).items():
            rows.append(
                {
                    "fit": name,
                    "outcome": outcome,
                    "model": model,
                    "engine": "nuts",
                    "quantity": quantity,
                    **_summary(draws),
                    **dict(zip(PROBABILITIES, _probabilities(draws, limit), strict=True)),
                    **diagnostics.loc[(name, sampled), ["ess_bulk", "ess_tail", "r_hat"]],
                }
            )
    return Pooled.frame(rows)


def _probabilities(draws: Draws, limit: float) -> tuple[float, float, float]:
    """Shares of draws above 0, below 0, and within the limit of practically none."""
    shares = (np.mean(draws > 0), np.mean(draws < 0), np.mean(np.abs(draws) < limit))
    above, below, none = map(float, shares)
    return above, below, none


def _summary(draws: Draws) -> dict[str, float]:
    levels = np.quantile(draws, list(QUANTILES.values()))
    return {
        "mean": float(draws.mean()),
        "sd": float(draws.std(ddof=1)),
        **dict(zip(QUANTILES, map(float, levels), strict=True)),
    }


def study_effects_table(fits: Iterable[tuple[str, xr.DataTree]]) -> pd.DataFrame:
    """Posterior of each effect in each fit (columns of `StudyEffects`)."""
    rows = []
    for name, fit in fits:
        outcome, model = name.split("/")
        theta = fit["posterior"]["theta"]
        for effect in theta["effect"].to_numpy():
            draws = theta.sel(effect=effect).to_numpy().ravel()
            summary = _summary(draws)
            rows.append(
                {
                    "fit": name,
                    "outcome": outcome,
                    "model": model,
                    "effect_id": effect,
                    "study_id": effect.split("/")[0],
                    **{k: summary[k] for k in ("mean", "sd", "q2_5", "q50", "q97_5")},
                    "p_above_zero": float(np.mean(draws > 0)),
                }
            )
    return StudyEffects.frame(rows)


def summary_table(
    fits: Iterable[tuple[str, xr.DataTree]],
    outcomes: dict[str, Outcome],
    decisions: Decisions,
    measure: Measure,
) -> pd.DataFrame:
    """One row per fit and setting: effect, intervals, probabilities, per 1,000, verdict.

    Columns of `Summary`. Counts per 1,000 are empty where no readable source
    gives a baseline, or where the effect is no odds ratio.
    """
    limit, rows = measure.limit_on_line, []
    for name, fit in fits:
        outcome, model = name.split("/")
        if outcome == JOINT:
            continue
        posterior = fit["posterior"].to_dataset().stack(sample=("chain", "draw"))
        tau = median_and_interval("tau", posterior["tau"].to_numpy())
        within = {}
        if "omega" in posterior:
            within = median_and_interval("sd_within_study", posterior["omega"].to_numpy())
        counts = np.atleast_1d(fit["posterior"].attrs["setting_studies"])
        for setting, studies in zip(posterior["setting"].to_numpy(), counts, strict=True):
            mu = posterior["pooled"].sel(setting=setting).to_numpy()
            new = posterior["theta_new"].sel(setting=setting).to_numpy()
            more, less, none = _probabilities(mu, limit)
            reached = verdict(more, less, none, int(studies), decisions)
            low, high = measure.natural(np.quantile(new, [0.025, 0.975]))
            rows.append(
                {
                    "fit": name,
                    "outcome": outcome,
                    "model": model,
                    "setting": str(setting),
                    "studies": int(studies),
                    **median_and_interval("effect", mu, measure.natural),
                    "new_setting_low": low,
                    "new_setting_high": high,
                    **tau,
                    **within,
                    "p_more": more,
                    "p_less": less,
                    "p_practically_none": none,
                    "p_new_setting_more": float(np.mean(new > 0)),
                    **_per_1000(mu, outcomes[outcome]),
                    "verdict": reached.id,
                    "verdict_words": reached.words,
                }
            )
    return Summary.frame(rows)


def _per_1000(mu: Draws, outcome: Outcome) -> dict[str, float]:
    """Difference per 1,000 people, of an odds ratio when the control probability is cited."""
    cited = outcome.control.cited
    if cited is None or outcome.measure != "odds_ratio":
        return {}
    difference = 1000 * (treated_probability(mu, cited.probability) - cited.probability)
    baseline = {"baseline_per_1000": 1000 * cited.probability}
    return baseline | median_and_interval("difference_per_1000", difference)
