"""Simulate new trials of each outcome, and how often they move its verdict."""

from pathlib import Path

from livingreview.base.measures import Measure
from livingreview.base.steps import run_step
from livingreview.protocol.decisions import Decisions
from livingreview.protocol.models import ModelSpecification
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.sensitivity import NextTrial
from livingreview.sensitivity.next_trial import TrialOutcome, next_trial_tables
from livingreview.synthesis.size import LearntSizes
from livingreview.tables.effects import Terms
from livingreview.tables.models import SizeEvidence
from livingreview.tables.sensitivity import NextTrialChances, NextTrialSummary


def outcomes(snakemake):
    """Each outcome with its terms and what is known of its control arms."""
    params = snakemake.params
    for path in snakemake.input.terms:
        name = Path(path).stem
        baseline = BaselinePriors.model_validate(params.baselines[name])
        yield TrialOutcome(name, Terms.read(path), baseline, params.expected[name])


def main(snakemake) -> None:
    """Read, simulate, write."""
    params, output = snakemake.params, snakemake.output
    decisions, measure = Decisions.model_validate(params.decisions), Measure(**params.measure)
    evidence = SizeEvidence.read(snakemake.input.sizes)
    chances, summary = next_trial_tables(
        outcomes(snakemake),
        ModelSpecification.model_validate(params.model),
        NextTrial.model_validate(params.plan),
        decisions,
        params.sampling_correlation,
        params.seed,
        measure,
        LearntSizes.judged(evidence, decisions.size, measure),
    )
    NextTrialChances.write(output.chances, chances)
    NextTrialSummary.write(output.summary, summary)


if __name__ == "__main__":
    run_step(main, snakemake)
