"""Place the truth between the engine's quantiles in some of a way's data sets."""

from livingreview.base.steps import run_step
from livingreview.calibration.quadrature import placed_truths, quadrature_cases
from livingreview.tables.calibration import PlacedTruths
from livingreview.tables.table import write_table


def main(snakemake) -> None:
    """Take this part's share of the data sets, place, write."""
    params, wildcards = snakemake.params, snakemake.wildcards
    sets = range(int(wildcards.part), params.data_sets, params.parts)
    table = placed_truths(quadrature_cases()[wildcards.way], sets, params.seed)
    table.insert(0, "case", wildcards.way)
    write_table(snakemake.output.placed, table, PlacedTruths)


if __name__ == "__main__":
    run_step(main, snakemake)
