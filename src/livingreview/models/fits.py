"""Files of fits: one netCDF file per outcome, one branch per model."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import h5py
import xarray as xr

from livingreview.base.errors import damaged
from livingreview.base.saving import replacing


def write_fits(path: str | Path, fits: dict[str, xr.DataTree]) -> None:
    """Save the fits of one outcome; equal fits give equal bytes."""
    tree = xr.DataTree.from_dict(
        {f"{model}/{name}": group for model, fit in fits.items() for name, group in fit.items()}
    )
    with replacing(path) as aside:
        tree.to_netcdf(aside, engine="h5netcdf")


def is_sampled(fit: xr.DataTree) -> bool:
    """Whether a fit was sampled; else it was drawn from an integrated posterior."""
    return "sample_stats" in fit


def read_fits(paths: Iterable[str | Path]) -> list[tuple[str, xr.DataTree]]:
    """Load fits, named ``outcome/model``, in the order of files and models.

    Read through h5py: xarray's reader looks up every dimension of every variable many
    times over, and takes thirty times as long.

    Raises `Stop` if a file is damaged.
    """
    fits = []
    for path in map(Path, paths):
        try:
            branches = _branches(path)
        except FileNotFoundError:
            raise
        except (OSError, RuntimeError, KeyError, ValueError) as error:
            raise damaged(path, error) from None
        fits += [(f"{path.stem}/{model}", tree) for model, tree in branches.items()]
    return fits


def _branches(path: Path) -> dict[str, xr.DataTree]:
    """Fits of one file by the names of their models."""
    with h5py.File(path) as file:
        return {
            model: xr.DataTree.from_dict({name: _dataset(group) for name, group in branch.items()})
            for model, branch in file.items()
        }


def _dataset(group: h5py.Group) -> xr.Dataset:
    """Variables and coordinates of one group of a netCDF file."""
    variables, members = {}, dict(group.items())
    # HDF5 searches a file for a dimension's name.
    names = {member: name for name, member in members.items() if member.is_scale}
    for name, variable in members.items():
        if variable.attrs.get("NAME", b"").startswith(b"This is a netCDF dimension but not"):
            continue
        scales = [variable] if variable.is_scale else [scale[0] for scale in variable.dims]
        if h5py.check_string_dtype(variable.dtype) is not None:
            values = variable.asstr()[()]
        elif variable.attrs.get("dtype") == "bool":
            values = variable[()].astype(bool)
        else:
            values = variable[()]
        variables[name] = ([names[scale] for scale in scales], values)
    attributes = {k: v for k, v in group.attrs.items() if not k.startswith("_")}
    return xr.Dataset(variables, attrs=attributes)
