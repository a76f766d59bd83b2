"""Write sampling diagnostics, and the comparison of sampling with integration."""

from livingreview.base.steps import run_step
from livingreview.checks.parity import parity_table
from livingreview.checks.sampling import sampling_table, trajectory_table
from livingreview.models.fits import read_fits
from livingreview.tables.checks import Parity, Sampling, Trajectories
from livingreview.tables.models import IntegratedPooled


def main(snakemake) -> None:
    """Read fits and integrated answers, diagnose, compare, write."""
    inputs, output = snakemake.input, snakemake.output
    fits = read_fits(inputs.fits)
    integrated = IntegratedPooled.read(inputs.integrated)
    Sampling.write(output.sampling, sampling_table(fits))
    Trajectories.write(output.trajectories, trajectory_table(fits))
    parity = parity_table(fits, integrated, snakemake.params.parity_errors)
    Parity.write(output.parity, parity)


if __name__ == "__main__":
    run_step(main, snakemake)
