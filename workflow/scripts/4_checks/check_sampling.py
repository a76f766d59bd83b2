"""Write sampling diagnostics, and the comparison of sampling with integration."""

from livingreview.base.steps import run_step
from livingreview.checks.parity import parity_table
from livingreview.checks.sampler import sampling_table, trajectory_table
from livingreview.models.fits import read_fits
from livingreview.tables.checks import Parity, Sampling, Trajectories
from livingreview.tables.models import Pooled
from livingreview.tables.table import read_table, write_table


def main(snakemake) -> None:
    """Read fits and integrated answers, diagnose, compare, write."""
    given, output = snakemake.input, snakemake.output
    fits = read_fits(given.fits)
    integrated = read_table(given.integrated, Pooled)
    write_table(output.sampling, sampling_table(fits), Sampling)
    write_table(output.trajectories, trajectory_table(fits), Trajectories)
    parity = parity_table(fits, integrated, snakemake.params.parity_errors)
    write_table(output.parity, parity, Parity)


if __name__ == "__main__":
    run_step(main, snakemake)
