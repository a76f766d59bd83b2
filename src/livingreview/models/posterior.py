"""Draws of the quantities that are reported, by their names in `pooled.csv`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import xarray as xr

Draws = NDArray[np.float64]

QUANTILES = {"q2_5": 0.025, "q5": 0.05, "q50": 0.5, "q95": 0.95, "q97_5": 0.975}


def quantities(posterior: xr.Dataset) -> dict[str, tuple[str, Draws]]:
    """Draws of every pooled quantity.

    Returns
    -------
    dict
        By the name in `pooled.csv`: the name in the sampling table, and the draws.
        ``mu``, ``tau`` and ``theta_new`` hold in the first setting; the other
        settings of a moderator follow as ``mu[design=experimental]`` and so on.
        A joint model has them by outcome instead.
    """
    draws = posterior.stack(sample=("chain", "draw"))
    draws_by_name: dict[str, tuple[str, xr.DataArray]] = {}

    def add(variable: str, dimension: str, name: str | None = None) -> None:
        for label in map(str, draws[dimension].to_numpy()):
            values = draws[variable].sel({dimension: label})
            draws_by_name[f"{name or variable}[{label}]"] = (f"{variable}[{label}]", values)

    if "setting" not in draws.dims:
        for variable in ("mu", "tau", "theta_new"):
            add(variable, "outcome")
        add("correlation", "pair")
        if "contrast" in draws:
            add("contrast", "difference")
    else:
        first = str(draws["setting"].to_numpy()[0])
        for variable in ("mu", "tau", "omega", "kappa", "printed"):
            if variable in draws:
                draws_by_name[variable] = (variable, draws[variable])
        new = draws["theta_new"].sel(setting=first)
        draws_by_name["theta_new"] = (f"theta_new[{first}]", new)
        if "beta" in draws:
            add("beta", "coefficient")
            add("pooled", "setting", "mu")
            add("theta_new", "setting")
    return {name: (sampled, values.to_numpy()) for name, (sampled, values) in draws_by_name.items()}


def median_and_interval(
    name: str, draws: Draws, scale: Callable[[Draws], Draws] = np.asarray
) -> dict[str, float]:
    """Median and 95% interval as columns `name`, `name_low` and `name_high`, on a scale."""
    middle, low, high = map(float, scale(np.quantile(draws, [0.5, 0.025, 0.975])))
    return {name: middle, f"{name}_low": low, f"{name}_high": high}
