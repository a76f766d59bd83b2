"""Judge the ranks of every quantity, and draw them."""

from pathlib import Path

import pandas as pd

from livingreview.base.steps import run_step
from livingreview.calibration.nuts import verdicts
from livingreview.calibration.quadrature import quadrature_verdicts
from livingreview.calibration.rank_plots import rank_figure
from livingreview.figures.saving import write_figure
from livingreview.tables.calibration import Calibration, PlacedTruths, QuadratureCalibration, Ranks
from livingreview.tables.table import read_table, write_table


def main(snakemake) -> None:
    """Read all parts, test, draw, write."""
    table = pd.concat([read_table(path, Ranks) for path in snakemake.input.ranks])
    table = table.sort_values(["case", "data_set"], kind="stable")
    folder = Path(snakemake.output.verdicts).parent
    for case, ranks in table.groupby("case"):
        write_figure(rank_figure(ranks), folder / f"{case}.svg", folder / f"{case}.png")
    write_table(snakemake.output.verdicts, verdicts(table), Calibration)
    placed = pd.concat([read_table(path, PlacedTruths) for path in snakemake.input.placed])
    placed = placed.sort_values(["case", "data_set"], kind="stable")
    write_table(snakemake.output.quadrature, quadrature_verdicts(placed), QuadratureCalibration)


if __name__ == "__main__":
    run_step(main, snakemake)
