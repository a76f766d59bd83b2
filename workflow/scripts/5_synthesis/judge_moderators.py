"""Write the evidence on each moderator, and the verdict."""

from livingreview.base.measures import Measure
from livingreview.base.steps import run_step
from livingreview.effects.data_set import dataset
from livingreview.protocol.decisions import ModeratorDecisions
from livingreview.protocol.models import ModelSpecification
from livingreview.protocol.moderators import Coding
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.synthesis.moderator_verdicts import ModeratorTables, moderators_table
from livingreview.synthesis.size import LearntSizes
from livingreview.tables.checks import LeftOut
from livingreview.tables.effects import StudyModerators, Terms
from livingreview.tables.models import Pooled
from livingreview.tables.synthesis import Moderators, SizesLearnt


def main(snakemake) -> None:
    """Read posteriors, studies and terms, judge, write."""
    inputs, params = snakemake.input, snakemake.params
    terms = Terms.read_by_outcome(inputs.terms)
    results = ModeratorTables(
        pooled=Pooled.read(inputs.pooled),
        left_out=LeftOut.read(inputs.left_out),
        terms=terms,
        data={
            outcome: dataset(
                rows,
                BaselinePriors.model_validate(params.baselines[outcome]),
                params.sampling_correlation,
            )
            for outcome, rows in terms.items()
            if len(rows)
        },
        moderators=StudyModerators.read_by_outcome(inputs.moderators),
    )
    table = moderators_table(
        results,
        models={name: ModelSpecification.model_validate(m) for name, m in params.models.items()},
        codings={name: Coding.model_validate(c) for name, c in params.codings.items()},
        rules=ModeratorDecisions.model_validate(params.rules),
        measure=Measure(**params.measure),
        learnt=LearntSizes(SizesLearnt.read(inputs.sizes_learnt)),
    )
    Moderators.write(snakemake.output.moderators, table)


if __name__ == "__main__":
    run_step(main, snakemake)
