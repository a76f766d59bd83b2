"""Write pooled effects, study effects, the summary, and counts per 1,000 people."""

import pandas as pd

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
from livingreview.tables.models import Pooled
from livingreview.tables.synthesis import Contrasts, Per1000, StudyEffects, Summary
from livingreview.tables.table import read_table, write_table


def main(snakemake) -> None:
    """Read fits and diagnostics, summarise, write."""
    params, output = snakemake.params, snakemake.output
    fits = read_fits(snakemake.input.fits)
    sampling = read_table(snakemake.input.sampling, Sampling)
    decisions = Decisions.model_validate(params.decisions)
    outcomes = {name: Outcome.model_validate(o) for name, o in params.outcomes.items()}
    integrated = read_table(snakemake.input.integrated, Pooled)
    pooled = pd.concat([pooled_table(fits, sampling, decisions), integrated], ignore_index=True)
    write_table(output.pooled, pooled, Pooled)
    write_table(output.study_effects, study_effects_table(fits), StudyEffects)
    write_table(output.contrasts, contrast_table(fits, decisions), Contrasts)
    write_table(output.summary, summary_table(fits, outcomes, decisions), Summary)
    write_table(output.per_1000, per_1000_table(fits, outcomes), Per1000)


if __name__ == "__main__":
    run_step(main, snakemake)
