"""Rank each known parameter among its draws, in some data sets of a case."""

from livingreview.base.steps import run_step
from livingreview.calibration.cases import calibration_cases
from livingreview.calibration.nuts import ranks
from livingreview.protocol.run_config import Sampler
from livingreview.tables.calibration import Ranks

# Short chains: many data sets tell more than many draws.
SAMPLER = Sampler(chains=2, tune=500, draws=250, target_accept=0.95)


def main(snakemake) -> None:
    """Take this part's share of the data sets, rank, write."""
    params, wildcards = snakemake.params, snakemake.wildcards
    case = calibration_cases()[wildcards.case]
    sets = range(int(wildcards.part), params.data_sets, params.parts)
    table = ranks(case, sets, params.data_sets, SAMPLER, params.seed)
    Ranks.write(snakemake.output.ranks, table)


if __name__ == "__main__":
    run_step(main, snakemake)
