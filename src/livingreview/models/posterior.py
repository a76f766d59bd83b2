"""Draws of the quantities that are reported, by their names in `pooled.csv`."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

QUANTILES = {"q2_5": 0.025, "q5": 0.05, "q50": 0.5, "q95": 0.95, "q97_5": 0.975}


def quantities(posterior: xr.Dataset) -> dict[str, tuple[str, NDArray[np.float64]]]:
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

    def take(variable: str, dimension: str, name: str | None = None) -> None:
        for label in map(str, draws[dimension].to_numpy()):
            values = draws[variable].sel({dimension: label})
            draws_by_name[f"{name or variable}[{label}]"] = (f"{variable}[{label}]", values)

    if "setting" not in draws.dims:
        for variable in ("mu", "tau", "theta_new"):
            take(variable, "outcome")
        take("correlation", "pair")
        if "contrast" in draws:
            take("contrast", "difference")
    else:
        first = str(draws["setting"].to_numpy()[0])
        for variable in ("mu", "tau", "omega", "printed"):
            if variable in draws:
                draws_by_name[variable] = (variable, draws[variable])
        new = draws["theta_new"].sel(setting=first)
        draws_by_name["theta_new"] = (f"theta_new[{first}]", new)
        if "beta" in draws:
            take("beta", "coefficient")
            take("pooled", "setting", "mu")
            take("theta_new", "setting")
    return {name: (sampled, values.to_numpy()) for name, (sampled, values) in draws_by_name.items()}
