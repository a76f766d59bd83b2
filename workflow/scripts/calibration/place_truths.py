"""Find between which quantiles of the integrated posterior each known parameter lies."""

from livingreview.base.steps import run_step
from livingreview.calibration.quadrature import placed_truths, quadrature_cases
from livingreview.tables.calibration import PlacedTruths


def main(snakemake) -> None:
    """Take this part's share of the data sets, place, write."""
    params, wildcards = snakemake.params, snakemake.wildcards
    case = quadrature_cases()[wildcards.way]
    sets = range(int(wildcards.part), round(case.share * params.data_sets), params.parts)
    table = placed_truths(case, sets, params.seed)
    table.insert(0, "case", wildcards.way)
    PlacedTruths.write(snakemake.output.placed, table)


if __name__ == "__main__":
    run_step(main, snakemake)
