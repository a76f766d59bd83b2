"""Verdict of every check: its worst value compared with its limit, and the consequence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from livingreview.base.measures import Measure
from livingreview.checks.duplicates import duplicate_pairs
from livingreview.protocol.checks import CheckThresholds, Threshold
from livingreview.tables.checks import (
    Checks,
    Influence,
    Parity,
    PowerScaling,
    Predictive,
    Reml,
    Sampling,
    SmallGroups,
    Trajectories,
)
from livingreview.tables.effects import Terms

AT_MOST, AT_LEAST = True, False

_MORE_DRAWS = "Draw more: raise `sampler: draws` in config/config.yaml, and `tune` with it."
_SMALLER_STEPS = (
    "Sample with smaller steps: raise `sampler: target_accept` in config/config.yaml towards 1."
)
_LOOK_AT_DATA = (
    "More draws rarely help here: look at the records behind this fit, and at its priors in the"
    " protocol. If both are right, the fault is ours."
)
# What to do about a check that stops a build. A limit is moved in the protocol, with a reason.
_REMEDIES = {
    **dict.fromkeys(("r_hat", "ess_bulk", "ess_tail"), _MORE_DRAWS),
    **dict.fromkeys(("divergences", "e_bfmi"), _SMALLER_STEPS),
    "parity": _LOOK_AT_DATA,
    "duplicate_evidence": "One of the two may be a copy: correct or delete its record.",
}
_BY_PROTOCOL = "The protocol stops here, and gives its reason under `checks`."


@dataclass(frozen=True)
class CheckTables:
    """Tables that the checks are judged by; columns as in `livingreview.tables.checks`.

    Attributes
    ----------
    measure : Measure
        Of the effects.
    terms : dict of DataFrame
        Likelihood terms by outcome.
    distinct : set of pairs of str
        Studies that a record confirms to be two, the same numbers notwithstanding.
    """

    measure: Measure

    sampling: pd.DataFrame
    trajectories: pd.DataFrame
    parity: pd.DataFrame
    predictive: pd.DataFrame
    influence: pd.DataFrame
    power_scaling: pd.DataFrame
    reml: pd.DataFrame
    small_groups: pd.DataFrame
    terms: dict[str, pd.DataFrame]
    distinct: frozenset[tuple[str, str]] = frozenset()


def judge(tables: CheckTables, limits: CheckThresholds) -> pd.DataFrame:
    """One row per fit and check (columns of `livingreview.tables.checks.Checks`)."""
    rows: list[dict[str, Any]] = []
    for judged in (
        _sampler,
        _engines,
        _predictions,
        _influence,
        _sensitivity,
        _reml,
        _small_groups,
        _duplicates,
    ):
        rows += judged(tables, limits)
    return Checks.frame(rows)


def stops(checks: pd.DataFrame) -> list[str]:
    """One line for each check that stops the build, and one for what to do about each sort."""
    stopping = checks[checks["verdict"] == "stop"]
    remedies = (_REMEDIES.get(check, _BY_PROTOCOL) for check in stopping["check"])
    return [*_lines(stopping), *dict.fromkeys(remedies)]


def warnings(checks: pd.DataFrame) -> list[str]:
    """One line for each check that the report warns of."""
    return _lines(checks[checks["verdict"] == "warn"])


def _lines(checks: pd.DataFrame) -> list[str]:
    return [
        f"{row.fit}: {row.check} of {row.quantity} is {row.value:.4g}, limit {row.threshold:g}"
        f" (see {row.file})"
        for row in checks.itertuples()
    ]


def _row(
    check: str,
    fit: str,
    worst: tuple[str, float],
    limit: Threshold,
    at_most: bool,
    file: str,
) -> dict[str, Any]:
    """Row of one check. NaN fails: a chain that did not move has no R-hat."""
    quantity, value = worst
    passed = value <= limit.value if at_most else value >= limit.value
    return {
        "check": check,
        "fit": fit,
        "quantity": quantity,
        "value": value,
        "threshold": limit.value,
        "verdict": "pass" if passed else limit.consequence,
        "file": file,
    }


def _worst(table: pd.DataFrame, name: str, column: str, at_most: bool) -> tuple[str, float]:
    """Name and value of the row farthest beyond, or one whose value is missing."""
    values = table[column]
    if values.isna().any():
        return str(table.loc[values.isna(), name].iloc[0]), np.nan
    at = values.idxmax() if at_most else values.idxmin()
    return str(table.loc[at, name]), float(values[at])


def _by_fit(table: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    for fit, rows in table.groupby("fit", sort=False):
        yield str(fit), rows


def _sampler(tables: CheckTables, limits: CheckThresholds) -> Iterator[dict[str, Any]]:
    file = Sampling.file
    trajectories = tables.trajectories.set_index("fit")
    for fit, table in _by_fit(tables.sampling):
        for check, limit, at_most in (
            ("r_hat", limits.r_hat_at_most, AT_MOST),
            ("ess_bulk", limits.ess_bulk_at_least, AT_LEAST),
            ("ess_tail", limits.ess_tail_at_least, AT_LEAST),
        ):
            worst = _worst(table, "quantity", check, at_most)
            yield _row(check, fit, worst, limit, at_most, file)
        of_fit, moved = trajectories.loc[fit], Trajectories.file
        diverged = ("all", float(of_fit["divergences"]))
        yield _row("divergences", fit, diverged, limits.divergences_at_most, AT_MOST, moved)
        energy = ("energy", float(of_fit["e_bfmi"]))
        yield _row("e_bfmi", fit, energy, limits.e_bfmi_at_least, AT_LEAST, moved)


def _engines(tables: CheckTables, limits: CheckThresholds) -> Iterator[dict[str, Any]]:
    limit, file = limits.parity_errors_at_most, Parity.file
    for fit, table in _by_fit(tables.parity):
        figures = table.assign(figure=table["statistic"] + " of " + table["quantity"])
        worst = _worst(figures, "figure", "errors_apart", AT_MOST)
        yield _row("parity", fit, worst, limit, AT_MOST, file)


def _predictions(tables: CheckTables, limits: CheckThresholds) -> Iterator[dict[str, Any]]:
    file = Predictive.file
    tails = tables.predictive[["p_at_least", "p_at_most"]].min(axis=1)
    for fit, rows in _by_fit(tables.predictive.assign(tail=tails)):
        new = rows[(rows["based_on"] == "prior") & (rows["statistic"] == "new_effect")]
        either_way = tables.measure.natural(new[["q2_5", "q97_5"]].abs().max(axis=1))
        new = new.assign(either_way=either_way)
        worst = _worst(new, "statistic", "either_way", AT_MOST)
        yield _row("prior_effect", fit, worst, limits.prior_effect_at_most, AT_MOST, file)
        for based_on, limit in (
            ("prior", limits.prior_predictive_p_at_least),
            ("posterior", limits.posterior_predictive_p_at_least),
        ):
            compared = rows[(rows["based_on"] == based_on) & rows["observed"].notna()]
            if compared.empty:
                continue
            worst = _worst(compared, "statistic", "tail", AT_LEAST)
            yield _row(f"{based_on}_predictive_p", fit, worst, limit, AT_LEAST, file)


def _influence(tables: CheckTables, limits: CheckThresholds) -> Iterator[dict[str, Any]]:
    file = Influence.file
    for fit, table in _by_fit(tables.influence):
        weighted = table[~table["refitted"]]
        if not weighted.empty:
            worst = _worst(weighted, "study_id", "pareto_k", AT_MOST)
            yield _row("pareto_k", fit, worst, limits.pareto_k_at_most, AT_MOST, file)
        # Two-sided, and every study was tried (Bonferroni).
        p = 2 * len(table) * np.minimum(table["pit"], 1 - table["pit"])
        table = table.assign(p=p.clip(upper=1.0))
        worst = _worst(table, "study_id", "p", AT_LEAST)
        yield _row("loo_pit_p", fit, worst, limits.loo_pit_p_at_least, AT_LEAST, file)


def _sensitivity(tables: CheckTables, limits: CheckThresholds) -> Iterator[dict[str, Any]]:
    file = PowerScaling.file
    of_prior, of_likelihood = (
        limits.prior_sensitivity_at_most,
        limits.likelihood_sensitivity_at_least,
    )
    for fit, table in _by_fit(tables.power_scaling):
        worst = _worst(table, "quantity", "prior", AT_MOST)
        yield _row("prior_sensitivity", fit, worst, of_prior, AT_MOST, file)
        worst = _worst(table, "quantity", "likelihood", AT_LEAST)
        yield _row("likelihood_sensitivity", fit, worst, of_likelihood, AT_LEAST, file)


def _reml(tables: CheckTables, limits: CheckThresholds) -> Iterator[dict[str, Any]]:
    for fit, table in _by_fit(tables.reml):
        worst = _worst(table, "quantity", "sds_apart", AT_MOST)
        yield _row("reml_sds", fit, worst, limits.reml_sds_at_most, AT_MOST, Reml.file)


def _small_groups(tables: CheckTables, limits: CheckThresholds) -> Iterator[dict[str, Any]]:
    limit, file = limits.small_group_sds_at_most, SmallGroups.file
    for fit, table in _by_fit(tables.small_groups):
        moved = pd.concat(
            [
                pd.DataFrame({"by": table["quantity"] + words, "sds": table[column]})
                for column, words in (
                    ("normal_sds", " with the normal law"),
                    ("wald_sds", " with Wald's test"),
                )
            ],
            ignore_index=True,
        )
        worst = _worst(moved, "by", "sds", AT_MOST)
        yield _row("small_group_sds", fit, worst, limit, AT_MOST, file)


def _duplicates(tables: CheckTables, limits: CheckThresholds) -> Iterator[dict[str, Any]]:
    limit = limits.duplicate_evidence_at_most
    for outcome, terms in tables.terms.items():
        pairs = [pair for pair in duplicate_pairs(terms) if pair not in tables.distinct]
        worst = (" ".join(pairs[0]) if pairs else "none", float(len(pairs)))
        file = Terms.file.format(outcome=outcome)
        yield _row("duplicate_evidence", outcome, worst, limit, AT_MOST, file)
