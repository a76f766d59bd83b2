"""Write pooled effects, study effects, the summary, and counts per 1,000 people."""

import pandas as pd

from livingreview.base.measures import Measure
from livingreview.base.steps import run_step
from livingreview.models.fits import read_fits
from livingreview.protocol.decisions import Decisions
from livingreview.protocol.outcomes import Outcome
from livingreview.synthesis.per_1000 import per_1000_table
from livingreview.synthesis.pooled import (
    contrast_table,
    pooled_table,
    study_effects_table,
    summary_table,
)
from livingreview.tables.checks import Sampling
from livingreview.tables.models import IntegratedPooled, Pooled
from livingreview.tables.synthesis import Contrasts, Per1000, StudyEffects, Summary


def main(snakemake) -> None:
    """Read fits and diagnostics, summarise, write."""
    params, output = snakemake.params, snakemake.output
    fits = read_fits(snakemake.input.fits)
    sampling = Sampling.read(snakemake.input.sampling)
    decisions = Decisions.model_validate(params.decisions)
    measure = Measure(**params.measure)
    outcomes = {name: Outcome.model_validate(o) for name, o in params.outcomes.items()}
    integrated = IntegratedPooled.read(snakemake.input.integrated)
    pooled = pd.concat([pooled_table(fits, sampling, measure), integrated], ignore_index=True)
    Pooled.write(output.pooled, pooled)
    StudyEffects.write(output.study_effects, study_effects_table(fits))
    Contrasts.write(output.contrasts, contrast_table(fits, decisions, measure))
    Summary.write(output.summary, summary_table(fits, outcomes, decisions, measure))
    Per1000.write(output.per_1000, per_1000_table(fits, outcomes))


if __name__ == "__main__":
    run_step(main, snakemake)
