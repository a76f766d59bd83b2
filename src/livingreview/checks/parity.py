"""Do the two engines agree? Sampling is held against numerical integration, figure by figure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

import arviz_stats as azs
import numpy as np
import pandas as pd
import xarray as xr

from livingreview.models.posterior import QUANTILES, quantities
from livingreview.tables.checks import Parity

# Largest error of integration itself: the movement at which its grid is accepted.
INTEGRATION_ERROR = 1e-4


def parity_table(
    fits: Iterable[tuple[str, xr.DataTree]], integrated: pd.DataFrame, limit: float
) -> pd.DataFrame:
    """Compare mean, standard deviation and quantiles of every quantity that both engines give.

    `integrated`: rows of `livingreview.tables.models.Pooled`, engine ``quadrature``.
    `limit`: largest difference that passes, in Monte Carlo standard errors.
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
                common = {"fit": name, "quantity": quantity}
                for row in _compared(draws.reshape(shape), answers.loc[quantity]):
                    rows.append(common | row | {"agrees": row["errors_apart"] <= limit})
    return Parity.frame(rows)


def with_law_of_sampling(integrated: pd.DataFrame, laws: pd.DataFrame) -> pd.DataFrame:
    """Integrated answers with the law that sampling has of statements from small groups.

    `integrated`, `laws`: rows of `livingreview.tables.models.IntegratedPooled` and
    `StatementLaws`.
    """
    others = integrated[~integrated["fit"].isin(laws["fit"])]
    return pd.concat([others, laws.loc[laws["law"] == "normal", integrated.columns]])


def _compared(chains: np.ndarray, answer: pd.Series) -> Iterator[dict[str, Any]]:
    """One row per statistic of one quantity."""
    moments = {"mean": chains.mean(), "sd": chains.std(ddof=1)}
    for statistic, sampled in moments.items():
        integrated, error = answer[statistic], float(azs.mcse(chains, method=statistic))
        apart = max(0.0, abs(sampled - integrated) - INTEGRATION_ERROR) / error
        yield _row(statistic, sampled, integrated, error, apart)
    for statistic, level in QUANTILES.items():
        sampled, integrated = np.quantile(chains, level), answer[statistic]
        error = float(azs.mcse(chains, method="quantile", prob=level))
        apart = 0.0
        if abs(sampled - integrated) > INTEGRATION_ERROR:
            apart = _quantile_errors_apart(chains, integrated, level)
        yield _row(statistic, sampled, integrated, error, apart)


def _row(
    statistic: str, sampled: float, integrated: float, error: float, apart: float
) -> dict[str, Any]:
    figures = {"nuts": sampled, "quadrature": integrated, "mcse": error, "errors_apart": apart}
    return {"statistic": statistic} | figures


def _quantile_errors_apart(chains: np.ndarray, quantile: float, level: float) -> float:
    """Share of draws below an integrated quantile against its level, in standard errors of a share.

    The standard error of a sampled quantile needs the density there, which a tail of a few
    hundred draws gives badly; that of a share does not.
    """
    below = float((chains < quantile).mean())
    effective = float(azs.ess(chains, method="quantile", prob=level))
    return abs(below - level) / math.sqrt(level * (1 - level) / effective)
