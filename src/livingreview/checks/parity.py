"""Do the two engines agree? Sampling is held against numerical integration, figure by figure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import arviz_stats as azs
import numpy as np
import pandas as pd
import xarray as xr

from livingreview.synthesis import QUANTILES, quantities
from livingreview.tables.checks import Parity

# What integration itself may be wrong by: the movement at which its grid is accepted.
INTEGRATION_ERROR = 1e-4


def parity_table(
    fits: Iterable[tuple[str, xr.DataTree]], integrated: pd.DataFrame, limit: float
) -> pd.DataFrame:
    """Compare mean, standard deviation and quantiles of every quantity that both engines give.

    Parameters
    ----------
    fits : iterable of (name, fit)
        Sampled.
    integrated : DataFrame
        Rows of `livingreview.tables.Pooled`, engine ``quadrature``.
    limit : float
        Largest difference that passes, in Monte Carlo standard errors.

    Returns
    -------
    DataFrame
        Columns of `livingreview.tables.Parity`.
    """
    by_fit = dict(iter(integrated.groupby("fit", sort=False)))
    rows = []
    for name, fit in fits:
        if name not in by_fit:
            continue
        posterior = fit["posterior"].to_dataset()
        shape = (posterior.sizes["chain"], posterior.sizes["draw"])
        answers = by_fit[name].set_index("quantity")
        for quantity, (_, draws) in quantities(posterior).items():
            if quantity in answers.index:
                chains = draws.reshape(shape)
                rows += list(_compared(name, quantity, chains, answers.loc[quantity], limit))
    return Parity.frame(rows)


def _compared(
    fit: str, quantity: str, chains: np.ndarray, answer: pd.Series, limit: float
) -> Iterable[dict[str, Any]]:
    """One row per statistic of one quantity."""
    statistics: dict[str, tuple[float, float]] = {
        "mean": (chains.mean(), float(azs.mcse(chains, method="mean"))),
        "sd": (chains.std(ddof=1), float(azs.mcse(chains, method="sd"))),
    }
    for column, level in QUANTILES.items():
        error = float(azs.mcse(chains, method="quantile", prob=level))
        statistics[column] = (float(np.quantile(chains, level)), error)
    for statistic, (sampled, error) in statistics.items():
        difference = abs(sampled - answer[statistic])
        yield {
            "fit": fit,
            "quantity": quantity,
            "statistic": statistic,
            "nuts": sampled,
            "quadrature": answer[statistic],
            "mcse": error,
            "errors_apart": max(0.0, difference - INTEGRATION_ERROR) / error,
            "agrees": bool(difference <= limit * error + INTEGRATION_ERROR),
        }
