"""Whether the sampler has done its work, for every quantity that is reported."""

from __future__ import annotations

from collections.abc import Iterable

import arviz_stats as azs
import pandas as pd
import xarray as xr

from livingreview.models.diagnostics import diagnostics
from livingreview.tables.checks import Sampling, Trajectories


def sampling_table(fits: Iterable[tuple[str, xr.DataTree]]) -> pd.DataFrame:
    """R-hat, effective sample sizes and Monte Carlo error of every reported quantity."""
    tables = [Sampling.frame([])]
    for name, fit in fits:
        found = diagnostics(fit["posterior"].to_dataset())
        table = found.rename_axis("quantity").reset_index()
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
