"""Posterior draws that figures show, those of the model without moderators, and their density."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import xarray as xr

MODEL = "overall"
UNFITTED = "No model could be fitted to this outcome."
POINTS = 200


def overall_draws(fits: Iterable[tuple[str, xr.DataTree]]) -> dict[str, xr.Dataset]:
    """Posterior draws by outcome; no entry where the model was not fitted.

    `fits` are those of `livingreview.models.fits.read_fits`.
    """
    by_name = ((name.split("/"), fit) for name, fit in fits)
    return {
        outcome: fit["posterior"].to_dataset()
        for (outcome, model), fit in by_name
        if model == MODEL
    }


def density(draws: xr.DataArray) -> tuple[np.ndarray, np.ndarray]:
    """Points and density of draws over chain and draw, each of shape (`POINTS`,).

    Corrected for bounds at the ends of the draws: a spread has one at 0.
    """
    # Gives xarray the accessor `azstats`; takes a second.
    import arviz_stats  # noqa: F401

    kde = draws.azstats.kde(dim=["chain", "draw"], bound_correction=True, grid_len=POINTS)
    x, y = (kde.sel(plot_axis=dimension).to_numpy() for dimension in ("x", "y"))
    return x, y
