"""Simulate new trials of an outcome, and how often they move its verdict."""

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


def main(snakemake) -> None:
    """Read, simulate, write."""
    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    decisions, measure = Decisions.model_validate(params.decisions), Measure(**params.measure)
    outcome = TrialOutcome(
        snakemake.wildcards.outcome,
        Terms.read(inputs.terms),
        BaselinePriors.model_validate(params.baseline),
        params.expected,
    )
    chances, summary = next_trial_tables(
        outcome,
        ModelSpecification.model_validate(params.model),
        NextTrial.model_validate(params.plan),
        decisions,
        params.sampling_correlation,
        params.seed,
        measure,
        LearntSizes.judged(SizeEvidence.read(inputs.sizes), decisions.size, measure),
    )
    NextTrialChances.write(output.next_trial, chances)
    NextTrialSummary.write(output.next_trial_summary, summary)


if __name__ == "__main__":
    run_step(main, snakemake)
