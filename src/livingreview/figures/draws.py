"""Posterior draws that figures show: those of the model without moderators."""

from __future__ import annotations

from collections.abc import Iterable

import xarray as xr

MODEL = "overall"
QUANTITIES = ["mu", "tau"]
UNFITTED = "No model could be fitted to this outcome."


def overall_draws(fits: Iterable[tuple[str, xr.DataTree]]) -> dict[str, xr.Dataset]:
    """Draws of the pooled effect and of the spread, by outcome.

    Parameters
    ----------
    fits : iterable of (str, DataTree)
        As `livingreview.models.fits.read_fits` returns them.

    Returns
    -------
    dict of Dataset
        Variables `QUANTITIES` over chain and draw; no entry where the model was not fitted.
    """
    found = {}
    for name, fit in fits:
        outcome, model = name.split("/")
        if model == MODEL:
            found[outcome] = fit["posterior"].to_dataset()[QUANTITIES]
    return found
