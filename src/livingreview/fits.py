"""Files of fits: one netCDF file per outcome, one branch per model."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import xarray as xr

from livingreview.saving import replacing


def write_fits(path: str | Path, fits: dict[str, xr.DataTree]) -> None:
    """Save the fits of one outcome; equal fits give equal bytes."""
    tree = xr.DataTree.from_dict(
        {f"{model}/{name}": group for model, fit in fits.items() for name, group in fit.items()}
    )
    with replacing(path) as aside:
        tree.to_netcdf(aside, engine="h5netcdf")


def read_fits(paths: Iterable[str | Path]) -> list[tuple[str, xr.DataTree]]:
    """Load fits, named ``outcome/model``, in the order of files and models."""
    fits = []
    for path in map(Path, paths):
        with xr.open_datatree(path, engine="h5netcdf") as tree:
            fits += [(f"{path.stem}/{model}", fit.load()) for model, fit in tree.children.items()]
    return fits
