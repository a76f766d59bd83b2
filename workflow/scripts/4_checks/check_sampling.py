"""Write sampling diagnostics, and the comparison of sampling with integration."""

import pandas as pd

from livingreview.base.steps import run_step
from livingreview.checks.parity import parity_table, with_law_of_sampling
from livingreview.checks.sampling import sampling_table, trajectory_table
from livingreview.checks.small_groups import small_groups_table
from livingreview.models.fits import is_sampled, read_fits
from livingreview.models.quadrature.contrasts import SAMPLED, chosen
from livingreview.tables.checks import Parity, Sampling, SmallGroups, Trajectories
from livingreview.tables.models import IntegratedContrasts, IntegratedPooled, StatementLaws


def main(snakemake) -> None:
    """Read fits and integrated answers, diagnose, compare, write."""
    inputs, output = snakemake.input, snakemake.output
    fits = [(name, fit) for name, fit in read_fits(inputs.fits) if is_sampled(fit)]
    integrated = IntegratedPooled.read(inputs.integrated)
    Sampling.write(output.sampling, sampling_table(fits))
    Trajectories.write(output.trajectories, trajectory_table(fits))
    laws = StatementLaws.read(inputs.laws)
    SmallGroups.write(output.small_groups, small_groups_table(integrated, laws))
    contrasts = chosen(IntegratedContrasts.read(inputs.integrated_contrasts), SAMPLED)
    comparable = pd.concat([with_law_of_sampling(integrated, laws), contrasts[integrated.columns]])
    parity = parity_table(fits, comparable, snakemake.params.parity_errors)
    Parity.write(output.parity, parity)


if __name__ == "__main__":
    run_step(main, snakemake)
