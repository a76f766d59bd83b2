"""Check each fit: its predictions, each study left out, its priors, and REML for comparison."""

import pandas as pd

from livingreview.base.steps import run_step
from livingreview.checks.assembled_fits import assemble_fits, unchecked_fits
from livingreview.checks.influence import influence_tables
from livingreview.checks.predictive import predictive_table
from livingreview.checks.reml import reml_tables
from livingreview.models.fits import read_fits
from livingreview.protocol.checks import CheckThresholds
from livingreview.protocol.models import ModelSpecification
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.tables.checks import (
    Influence,
    LeftOut,
    PowerScaling,
    Predictive,
    Reml,
    Unchecked,
)
from livingreview.tables.effects import StudyModerators, Terms


def main(snakemake) -> None:
    """Read fits and the evidence behind them, check, write."""
    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    read = read_fits(inputs.fits)
    fits = assemble_fits(
        read,
        Terms.read_by_outcome(inputs.terms),
        StudyModerators.read_by_outcome(inputs.moderators),
        {name: ModelSpecification.model_validate(m) for name, m in params.models.items()},
        {name: BaselinePriors.model_validate(b) for name, b in params.baselines.items()},
        params.sampling_correlation,
    )
    limits = CheckThresholds.model_validate(params.limits)
    Predictive.write(output.predictive, predictive_table(fits, params.seed))
    reml, unlike = reml_tables(fits)
    Reml.write(output.reml, reml)
    influence, left_out, power_scaling, dependent = influence_tables(fits, limits, params.seed)
    Influence.write(output.influence, influence)
    LeftOut.write(output.left_out, left_out)
    PowerScaling.write(output.power_scaling, power_scaling)
    unchecked = pd.concat([unchecked_fits(read), dependent, unlike], ignore_index=True)
    Unchecked.write(output.unchecked, unchecked)


if __name__ == "__main__":
    run_step(main, snakemake)
