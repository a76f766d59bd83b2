"""How well the sampler has explored every quantity that is reported."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import xarray as xr

# Quantities of a posterior that reach a table, a figure or a sentence.
REPORTED = (
    "mu",
    "tau",
    "omega",
    "kappa",
    "beta",
    "printed",
    "correlation",
    "contrast",
    "pooled",
    "theta_new",
    "theta",
)
# The tails' effective size is that of the quantiles at this level and at one less it.
TAIL = 0.89


@dataclass(frozen=True)
class SamplingLimits:
    """What the protocol's checks ask of every reported quantity."""

    r_hat_at_most: float
    ess_bulk_at_least: float
    ess_tail_at_least: float

    def missed(self, table: pd.DataFrame) -> str | None:
        """A diagnostic that misses its limit, in words; None where all keep theirs.

        `table`: as of `diagnostics`.
        """
        for name, limit, direction in (
            ("r_hat", self.r_hat_at_most, 1),
            ("ess_bulk", self.ess_bulk_at_least, -1),
            ("ess_tail", self.ess_tail_at_least, -1),
        ):
            worst = (direction * table[name]).idxmax()
            value = table.loc[worst, name]
            if direction * value > direction * limit:
                return f"{name} of {worst} is {value:.4g} (limit {limit:g})"
        return None


def reported_variables(posterior: xr.Dataset) -> list[str]:
    """Variables of a posterior that are reported."""
    return [name for name in REPORTED if name in posterior]


def diagnostics(posterior: xr.Dataset) -> pd.DataFrame:
    """R-hat, effective sample sizes and Monte Carlo error of every reported quantity.

    Returns
    -------
    DataFrame
        Columns r_hat, ess_bulk, ess_tail, mcse_mean; the index names quantities.
    """
    import arviz_stats as azs  # takes a second

    tables = []
    for name in reported_variables(posterior):
        variable = posterior[name].transpose("chain", "draw", ...)
        draws = variable.to_numpy()
        columns = {
            "r_hat": azs.rhat(draws),
            "ess_bulk": azs.ess(draws),
            "ess_tail": azs.ess(draws, method="tail", prob=TAIL),
            "mcse_mean": azs.mcse(draws),
        }
        labels = [f"{name}[{x}]" for dim in variable.dims[2:] for x in variable[dim].to_numpy()]
        tables.append(pd.DataFrame(columns, index=labels or [name]))
    return pd.concat(tables)
