"""Draws of the posteriors as tables on the scales that people read: `pooled.csv` and the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from livingreview.base.measures import Measure
from livingreview.effects.design_matrix import ALL_STUDIES
from livingreview.models.posterior import QUANTILES, Draws, quantities
from livingreview.protocol.decisions import Decisions
from livingreview.protocol.models import JOINT
from livingreview.protocol.outcomes import Outcome
from livingreview.synthesis.per_1000 import ControlGroups, treated_probability, usual_share
from livingreview.synthesis.printed import interval, printed
from livingreview.synthesis.size import LearntSizes
from livingreview.synthesis.verdicts import verdict
from livingreview.tables.models import IntegratedPooled
from livingreview.tables.synthesis import StudyEffects, Summary

if TYPE_CHECKING:
    import xarray as xr

PROBABILITIES = ("p_above_zero", "p_below_zero", "p_practically_none")


def pooled_table(
    fits: Iterable[tuple[str, xr.DataTree]],
    sampling: pd.DataFrame,
    integrated: pd.DataFrame,
    learnt: LearntSizes,
    measure: Measure,
) -> pd.DataFrame:
    """One row per fit, engine and quantity, on the scale of θ (columns of `Pooled`).

    Parameters
    ----------
    sampling : DataFrame
        Diagnostics by fit and quantity, of stage 4.
    integrated : DataFrame
        Columns of `livingreview.tables.models.IntegratedPooled`.
    learnt : LearntSizes
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
    table = pd.concat([IntegratedPooled.frame(rows), integrated], ignore_index=True)
    return table.assign(size_learnt=[*map(learnt.of_quantity, table["fit"], table["quantity"])])


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


def study_effects_table(
    fits: Iterable[tuple[str, xr.DataTree]], learnt: LearntSizes
) -> pd.DataFrame:
    """Posterior of each effect in each fit (columns of `StudyEffects`)."""
    rows = []
    for name, fit in fits:
        outcome, model = name.split("/")
        theta = fit["posterior"]["theta"]
        for effect in theta["effect"].to_numpy():
            draws = theta.sel(effect=effect).to_numpy().ravel()
            summary = _summary(draws)
            study, of_outcome = str(effect).split("/")[:2]
            rows.append(
                {
                    "fit": name,
                    "outcome": outcome,
                    "model": model,
                    "effect_id": effect,
                    "study_id": study,
                    "size_learnt": learnt.of_all_studies(of_outcome),
                    **{k: summary[k] for k in ("mean", "sd", "q2_5", "q50", "q97_5")},
                    "p_above_zero": float(np.mean(draws > 0)),
                }
            )
    return StudyEffects.frame(rows)


def summary_table(
    fits: Iterable[tuple[str, xr.DataTree]],
    pooled: pd.DataFrame,
    outcomes: dict[str, Outcome],
    decisions: Decisions,
    measure: Measure,
    controls: Mapping[str, ControlGroups | None],
) -> pd.DataFrame:
    """One row per fit and setting: effect, intervals, probabilities, per 1,000, verdict.

    Columns of `Summary`. A size that is not learnt from the studies is left empty. Counts per
    1,000 are empty where neither a readable source nor a control group on record gives a baseline,
    or the effect is no odds ratio.

    `pooled`: columns of `livingreview.tables.models.Pooled`; `controls`: by outcome.
    """
    rows = []
    answers = printed(pooled)
    for name, fit in fits:
        outcome, model = name.split("/")
        if outcome == JOINT:
            continue
        posterior = fit["posterior"]
        counts = np.atleast_1d(posterior.attrs["setting_studies"])
        for setting, studies in zip(posterior["setting"].to_numpy(), counts, strict=True):
            common = {"fit": name, "outcome": outcome, "model": model, "setting": str(setting)}
            row = verdict_row(
                answers.loc[name], str(setting), int(studies), outcomes[outcome], decisions, measure
            )
            if row["size_learnt"]:
                mu = answers.loc[name].loc[_named("mu", str(setting))]
                row |= _per_1000(mu, outcomes[outcome], controls.get(outcome))
            rows.append(common | row)
    return Summary.frame(rows)


def _named(quantity: str, setting: str) -> str:
    return quantity if setting == ALL_STUDIES else f"{quantity}[{setting}]"


def verdict_row(
    of_fit: pd.DataFrame,
    setting: str,
    studies: int,
    outcome: Outcome,
    decisions: Decisions,
    measure: Measure,
) -> dict[str, Any]:
    """What a row of `Summary` says of one fit and setting.

    Parameters
    ----------
    of_fit : DataFrame
        Rows of `printed` of the fit, by quantity.
    studies : int
        Studies in the setting.
    """
    mu, new = of_fit.loc[_named("mu", setting)], of_fit.loc[_named("theta_new", setting)]
    more, less, none = mu[list(PROBABILITIES)]
    learnt = bool(mu["size_learnt"])
    reached = verdict(more, less, none if learnt else np.nan, studies, decisions, outcome.sides)
    row = {
        "engine": mu["engine"],
        "studies": studies,
        "size_learnt": learnt,
        **interval("tau", of_fit.loc["tau"]),
        "p_more": more,
        "p_less": less,
        "p_practically_none": none,
        "p_new_setting_more": new["p_above_zero"],
        "verdict": reached.id,
        "verdict_words": reached.words,
    }
    if "omega" in of_fit.index:
        row |= interval("sd_within_study", of_fit.loc["omega"])
    if learnt:
        row |= interval("effect", mu, measure.natural)
        row |= {"new_setting_low": measure.natural(new["q2_5"])}
        row |= {"new_setting_high": measure.natural(new["q97_5"])}
    return row


def _per_1000(mu: pd.Series, outcome: Outcome, on_record: ControlGroups | None) -> dict[str, float]:
    """Difference per 1,000 people, of an odds ratio when the control probability is known."""
    share = usual_share(outcome.control, on_record)
    if share is None or outcome.measure != "odds_ratio":
        return {}
    difference = partial(_difference_per_1000, control=share)
    return {"baseline_per_1000": 1000 * share} | interval("difference_per_1000", mu, difference)


def _difference_per_1000(mu: float, control: float) -> float:
    return 1000 * (treated_probability(mu, control) - control)
