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

    `ranks` are those of one case, with the columns of `livingreview.tables.calibration.Ranks`.
    """
    wide = ranks.pivot(index="data_set", columns="quantity", values="rank")
    quantities = sorted(ranks["quantity"].unique(), key=lambda name: name.startswith("theta"))
    # Ranks are whole numbers: the middle of each step is the probability integral transform.
    pit = (wide[quantities[:MOST_PANELS]] + 0.5) / (RANKS + 1)
    data = xr.Dataset({name: ("sample", pit[name].to_numpy()) for name in pit})
    tree = xr.DataTree.from_dict({"prior_sbc": data})
    plot = azp.plot_ecdf_pit(tree, sample_dims=["sample"], method="pot_c", backend="matplotlib")
    figure = plot.viz["figure"].item()
    for axes in figure.axes:
        # Labels of inner panels would run into the titles below.
        axes.label_outer()
    return figure
