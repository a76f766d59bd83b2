"""Write pooled effects, study effects, the summary, and counts per 1,000 people."""

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
from livingreview.synthesis.size import LearntSizes, sizes_learnt
from livingreview.tables.checks import Sampling
from livingreview.tables.models import IntegratedPooled, Pooled, SizeEvidence
from livingreview.tables.synthesis import Contrasts, Per1000, SizesLearnt, StudyEffects, Summary


def main(snakemake) -> None:
    """Read fits and diagnostics, summarise, write."""
    params, output = snakemake.params, snakemake.output
    fits = read_fits(snakemake.input.fits)
    sampling = Sampling.read(snakemake.input.sampling)
    decisions = Decisions.model_validate(params.decisions)
    measure = Measure(**params.measure)
    outcomes = {name: Outcome.model_validate(o) for name, o in params.outcomes.items()}
    sizes = sizes_learnt(SizeEvidence.read(snakemake.input.sizes), decisions.size, measure)
    integrated = IntegratedPooled.read(snakemake.input.integrated)
    pooled = pooled_table(fits, sampling, integrated, LearntSizes(sizes), measure)
    SizesLearnt.write(output.sizes_learnt, sizes)
    Pooled.write(output.pooled, pooled)
    StudyEffects.write(output.study_effects, study_effects_table(fits))
    Contrasts.write(output.contrasts, contrast_table(fits, decisions, measure))
    Summary.write(output.summary, summary_table(fits, pooled, outcomes, decisions, measure))
    Per1000.write(output.per_1000, per_1000_table(pooled, outcomes))


if __name__ == "__main__":
    run_step(main, snakemake)
