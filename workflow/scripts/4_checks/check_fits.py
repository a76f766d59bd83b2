"""Write sampling diagnostics, the comparison of engines, and what both mean for the gate."""

from livingreview.checks import check_fits, sampling_table
from livingreview.errors import told_plainly
from livingreview.fits import read_fits
from livingreview.parity import parity_table
from livingreview.protocol.checks import CheckThresholds
from livingreview.saving import write_table
from livingreview.tables.base import read_table
from livingreview.tables.checks import Checks, Parity, Sampling
from livingreview.tables.models import Pooled


def main(snakemake) -> None:
    """Read fits and integrated answers, diagnose, compare, judge, write."""
    given, output = snakemake.input, snakemake.output
    fits = read_fits(given.fits)
    limits = CheckThresholds.model_validate(snakemake.params.limits)
    sampling = sampling_table(fits)
    integrated = read_table(given.integrated, Pooled)
    parity = parity_table(fits, integrated, limits.parity_errors_at_most.value)
    write_table(output.sampling, sampling, Sampling)
    write_table(output.parity, parity, Parity)
    write_table(output.checks, check_fits(fits, sampling, parity, limits), Checks)


if __name__ == "__main__":
    with told_plainly(snakemake.log[0]):
        main(snakemake)
