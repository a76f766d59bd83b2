"""Rank plots of a calibration, by ArviZ: departures from uniform, with a test of each."""

from __future__ import annotations

import arviz_plots as azp
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from livingreview.calibration.nuts import RANKS

# More panels than this are unreadable; study effects are exchangeable, so the first stand for all.
MOST_PANELS = 12


def rank_figure(ranks: pd.DataFrame) -> Figure:
    """Difference between the ranks' distribution and the uniform one, a panel per quantity.

    Parameters
    ----------
    ranks : DataFrame
        Of one case (columns of `livingreview.tables.Ranks`).
    """
    wide = ranks.pivot(index="data_set", columns="quantity", values="rank")
    kept = [q for q in ranks["quantity"].unique() if not q.startswith("theta")]
    kept += [q for q in ranks["quantity"].unique() if q.startswith("theta")]
    # Ranks are whole numbers: the middle of each step is the probability integral transform.
    pit = (wide[kept[:MOST_PANELS]] + 0.5) / (RANKS + 1)
    data = xr.Dataset({name: ("sample", pit[name].to_numpy()) for name in pit})
    tree = xr.DataTree.from_dict({"prior_sbc": data})
    plot = azp.plot_ecdf_pit(tree, sample_dims=["sample"], method="pot_c", backend="matplotlib")
    figure = plot.viz["figure"].item()
    for axes in figure.axes:
        # Labels of inner panels would run into the titles below.
        axes.label_outer()
    return figure
