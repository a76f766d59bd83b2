"""Stage 4: whether the sampler has done its work, for every quantity that is reported."""

from __future__ import annotations

from collections.abc import Iterable

import arviz_stats as azs
import numpy as np
import pandas as pd
import xarray as xr

from livingreview.protocol.checks import CheckThresholds
from livingreview.tables.checks import Checks, Sampling

# Quantities of a posterior that reach a table, a figure or a sentence.
REPORTED = (
    "mu",
    "tau",
    "omega",
    "beta",
    "printed",
    "correlation",
    "contrast",
    "pooled",
    "theta_new",
    "theta",
)


def reported_variables(posterior: xr.Dataset) -> list[str]:
    """Variables of a posterior that are reported."""
    return [name for name in REPORTED if name in posterior]


def sampling_table(fits: Iterable[tuple[str, xr.DataTree]]) -> pd.DataFrame:
    """R-hat, effective sample sizes and Monte Carlo error of every reported quantity.

    Parameters
    ----------
    fits : iterable of (name, fit)

    Returns
    -------
    DataFrame
        Columns of `livingreview.tables.Sampling`.
    """
    tables = [Sampling.frame([])]
    for name, fit in fits:
        posterior = fit["posterior"].to_dataset()
        summary = azs.summary(
            posterior[reported_variables(posterior)], kind="diagnostics", round_to="none"
        )
        columns = ["r_hat", "ess_bulk", "ess_tail", "mcse_mean"]
        table = summary[columns].rename_axis("quantity").reset_index()
        table.insert(0, "fit", name)
        tables.append(table)
    return pd.concat(tables[1:] or tables, ignore_index=True)


def check_fits(
    fits: Iterable[tuple[str, xr.DataTree]],
    sampling: pd.DataFrame,
    parity: pd.DataFrame,
    limits: CheckThresholds,
) -> pd.DataFrame:
    """Hold each fit against the protocol's limits, by its worst quantity.

    Parameters
    ----------
    fits : iterable of (name, fit)
    sampling : DataFrame
        From `sampling_table`.
    parity : DataFrame
        From `livingreview.parity.parity_table`.
    limits : CheckThresholds

    Returns
    -------
    DataFrame
        Columns of `livingreview.tables.Checks`. A value that is not a number
        fails: a chain that did not move has no R-hat.
    """
    rows = []
    for name, fit in fits:
        table = sampling[sampling["fit"] == name].set_index("quantity")
        for check, column, limit in (
            ("r_hat", "r_hat", limits.r_hat_at_most.value),
            ("ess_bulk", "ess_bulk", limits.ess_bulk_at_least.value),
            ("ess_tail", "ess_tail", limits.ess_tail_at_least.value),
        ):
            values = table[column]
            if values.isna().any():
                worst, value = str(values.index[values.isna()][0]), np.nan
            else:
                worst = str(values.idxmax() if check == "r_hat" else values.idxmin())
                value = float(values[worst])
            passed = value <= limit if check == "r_hat" else value >= limit
            rows.append(_row(check, name, worst, value, limit, passed))
        divergences = float(fit["sample_stats"]["diverging"].sum())
        limit = limits.divergences_at_most.value
        rows.append(_row("divergences", name, "all", divergences, limit, divergences <= limit))
        bfmi = float(azs.bfmi(fit)["energy"].min())
        limit = limits.e_bfmi_at_least.value
        rows.append(_row("e_bfmi", name, "energy", bfmi, limit, bfmi >= limit))
    limit = limits.parity_errors_at_most.value
    for name, table in parity.groupby("fit", sort=False):
        worst = table.loc[table["errors_apart"].idxmax()]
        figure = f"{worst['statistic']} of {worst['quantity']}"
        row = _row("parity", str(name), figure, worst["errors_apart"], limit, table["agrees"].all())
        rows.append(row | {"file": "4_checks/parity.csv"})
    return Checks.frame(rows)


def _row(
    check: str, fit: str, quantity: str, value: float, threshold: float, passed: bool
) -> dict[str, object]:
    return {
        "check": check,
        "fit": fit,
        "quantity": quantity,
        "value": value,
        "threshold": threshold,
        "passed": bool(passed),
        "file": "4_checks/sampling.csv",
    }


def failures(checks: pd.DataFrame) -> list[str]:
    """One line per failed check, for the person whose build stops."""
    return [
        f"{row.fit}: {row.check} of {row.quantity} is {row.value:.4g}, limit {row.threshold:g}"
        f" (see {row.file})"
        for row in checks[~checks["passed"]].itertuples()
    ]
