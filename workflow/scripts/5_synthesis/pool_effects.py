"""Write pooled effects, study effects, the summary, and counts per 1,000 people."""

import pandas as pd

from livingreview.base.measures import Measure
from livingreview.base.steps import run_step
from livingreview.models.fits import is_sampled, read_fits
from livingreview.models.quadrature.contrasts import ANSWER, chosen
from livingreview.protocol.decisions import Decisions
from livingreview.protocol.outcomes import Outcome
from livingreview.synthesis.contrasts import contrast_table
from livingreview.synthesis.per_1000 import ControlGroups, per_1000_table
from livingreview.synthesis.pooled import pooled_table, study_effects_table, summary_table
from livingreview.synthesis.size import LearntSizes
from livingreview.tables.checks import Sampling
from livingreview.tables.effects import Terms
from livingreview.tables.models import (
    IntegratedContrasts,
    IntegratedPooled,
    Pooled,
    SizeEvidence,
)
from livingreview.tables.synthesis import Contrasts, Per1000, SizesLearnt, StudyEffects, Summary


def main(snakemake) -> None:
    """Read fits and diagnostics, summarise, write."""
    params, output = snakemake.params, snakemake.output
    fits = read_fits(snakemake.input.fits)
    sampled = [(name, fit) for name, fit in fits if is_sampled(fit)]
    sampling = Sampling.read(snakemake.input.sampling)
    decisions = Decisions.model_validate(params.decisions)
    measure = Measure(**params.measure)
    outcomes = {name: Outcome.model_validate(o) for name, o in params.outcomes.items()}
    evidence = SizeEvidence.read(snakemake.input.sizes)
    learnt = LearntSizes.judged(evidence, decisions.size, measure)
    integrated = IntegratedPooled.read(snakemake.input.integrated)
    contrasts = IntegratedContrasts.read(snakemake.input.integrated_contrasts)
    answers = chosen(contrasts, ANSWER)[integrated.columns]
    every = pd.concat([part for part in (integrated, answers) if len(part)], ignore_index=True)
    pooled = pooled_table(sampled, sampling, every, learnt, measure)
    SizesLearnt.write(output.sizes_learnt, learnt.table)
    Pooled.write(output.pooled, pooled)
    StudyEffects.write(output.study_effects, study_effects_table(sampled, learnt))
    compared = contrast_table(sampled, contrasts, decisions, measure, learnt)
    Contrasts.write(output.contrasts, compared)
    terms = zip(outcomes, snakemake.input.terms, strict=True)
    controls = {name: ControlGroups.of(Terms.read(path)) for name, path in terms}
    summary = summary_table(fits, pooled, outcomes, decisions, measure, controls)
    Summary.write(output.summary, summary)
    Per1000.write(output.per_1000, per_1000_table(pooled, outcomes, controls))


if __name__ == "__main__":
    run_step(main, snakemake)
