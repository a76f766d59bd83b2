"""The effects that a fit is reported by, as draws: pooled and new, in each setting."""

from __future__ import annotations

import numpy as np
import xarray as xr

from livingreview.effects.design_matrix import DesignMatrix


def reported_effects(
    posterior: xr.Dataset, design: DesignMatrix, rng: np.random.Generator
) -> dict[str, xr.DataArray]:
    """Pooled effect in each setting, and the effect of a new study there."""
    setting = xr.DataArray(
        design.setting_columns,
        dims=("setting", "coefficient"),
        coords={"setting": list(design.settings), "coefficient": list(design.coefficients)},
    )
    pooled = posterior["mu"].expand_dims(setting=list(design.settings), axis=-1)
    scale = posterior["tau"]
    if "omega" in posterior:
        scale = (scale**2 + posterior["omega"] ** 2) ** 0.5
    if design.coefficients:
        pooled = pooled + xr.dot(posterior["beta"], setting, dim="coefficient")
    noise = xr.zeros_like(pooled) + rng.standard_normal(pooled.shape)
    return {"pooled": pooled, "theta_new": pooled + scale * noise}
