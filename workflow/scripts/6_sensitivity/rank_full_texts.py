"""Rank studies by what their full texts would do to the pooled effects."""

from livingreview.base.measures import Measure
from livingreview.base.steps import run_step
from livingreview.protocol.decisions import Decisions
from livingreview.protocol.models import ModelSpecification
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.sensitivity import ReadingList as Plan
from livingreview.sensitivity.reading_list import reading_list
from livingreview.synthesis.size import LearntSizes
from livingreview.tables.effects import Terms
from livingreview.tables.models import SizeEvidence
from livingreview.tables.records import Effects, Studies
from livingreview.tables.sensitivity import ReadingList


def main(snakemake) -> None:
    """Read, simulate, write."""
    inputs, params = snakemake.input, snakemake.params
    decisions, measure = Decisions.model_validate(params.decisions), Measure(**params.measure)
    table = reading_list(
        Terms.read_by_outcome(inputs.terms),
        Effects.read(inputs.effects),
        Studies.read(inputs.studies),
        {outcome: BaselinePriors.model_validate(b) for outcome, b in params.baselines.items()},
        ModelSpecification.model_validate(params.model),
        decisions,
        measure,
        params.sampling_correlation,
        Plan.model_validate(params.plan),
        params.seed,
        LearntSizes.judged(SizeEvidence.read(inputs.sizes), decisions.size, measure),
    )
    ReadingList.write(snakemake.output.reading_list, table)


if __name__ == "__main__":
    run_step(main, snakemake)
