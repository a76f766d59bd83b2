"""Whether the sampler has done its work, for every quantity that is reported."""

from __future__ import annotations

from collections.abc import Iterable

import arviz_stats as azs
import pandas as pd
import xarray as xr

from livingreview.tables.checks import Sampling, Trajectories

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
    """R-hat, effective sample sizes and Monte Carlo error of every reported quantity."""
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


def trajectory_table(fits: Iterable[tuple[str, xr.DataTree]]) -> pd.DataFrame:
    """Divergences, and the energy's fraction of missing information (Betancourt 2016)."""
    rows = []
    for name, fit in fits:
        diverging = fit["sample_stats"]["diverging"]
        row = {"fit": name, "transitions": diverging.size, "divergences": int(diverging.sum())}
        rows.append(row | {"e_bfmi": float(azs.bfmi(fit)["energy"].min())})
    return Trajectories.frame(rows)
