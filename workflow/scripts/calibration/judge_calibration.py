"""Judge the ranks of every quantity, and draw them."""

from pathlib import Path

from livingreview.base.steps import run_step
from livingreview.calibration.nuts import verdicts
from livingreview.calibration.quadrature import quadrature_verdicts
from livingreview.calibration.rank_plots import rank_figure
from livingreview.figures.saving import write_figure
from livingreview.tables.calibration import Calibration, PlacedTruths, QuadratureCalibration, Ranks


def main(snakemake) -> None:
    """Read all parts, test, draw, write."""
    table = Ranks.read(*snakemake.input.ranks)
    table = table.sort_values(["case", "data_set"], kind="stable")
    folder = Path(snakemake.output.verdicts).parent
    for case, ranks in table.groupby("case"):
        write_figure(rank_figure(ranks), folder / f"{case}.svg", folder / f"{case}.png")
    Calibration.write(snakemake.output.verdicts, verdicts(table))
    placed = PlacedTruths.read(*snakemake.input.placed)
    placed = placed.sort_values(["case", "data_set"], kind="stable")
    QuadratureCalibration.write(snakemake.output.quadrature, quadrature_verdicts(placed))


if __name__ == "__main__":
    run_step(main, snakemake)
