"""Density of draws, by ArviZ."""

from __future__ import annotations

import arviz_stats  # noqa: F401  # gives xarray its accessor `azstats`
import numpy as np
import xarray as xr

POINTS = 200


def density(draws: xr.DataArray) -> tuple[np.ndarray, np.ndarray]:
    """Points and density of draws over chain and draw, each of shape (`POINTS`,).

    Corrected for bounds at the ends of the draws: a spread has one at 0.
    """
    found = draws.azstats.kde(dim=["chain", "draw"], bound_correction=True, grid_len=POINTS)
    x, y = (found.sel(plot_axis=axis).to_numpy() for axis in ("x", "y"))
    return x, y
