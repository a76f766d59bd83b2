"""Write sampling diagnostics and their verdicts."""

from livingreview.checks import check_sampling, sampling_table
from livingreview.errors import told_plainly
from livingreview.fits import read_fits
from livingreview.protocol import CheckThresholds
from livingreview.saving import write_table
from livingreview.tables import Checks, Sampling


def main(snakemake) -> None:
    """Read fits, diagnose, judge, write."""
    fits = read_fits(snakemake.input.fits)
    sampling = sampling_table(fits)
    limits = CheckThresholds.model_validate(snakemake.params.limits)
    write_table(snakemake.output.sampling, sampling, Sampling)
    write_table(snakemake.output.checks, check_sampling(fits, sampling, limits), Checks)


if __name__ == "__main__":
    with told_plainly(snakemake.log[0]):
        main(snakemake)
