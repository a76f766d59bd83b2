"""Make models with moderators again with each value that sources give for a disputed one."""

from livingreview.base.measures import Measure
from livingreview.base.steps import run_step
from livingreview.protocol.decisions import Decisions
from livingreview.protocol.models import ModelSpecification
from livingreview.protocol.moderators import Coding
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.sensitivity.disputed_moderators import ModeratorEvidence, disputed_moderators
from livingreview.synthesis.size import LearntSizes
from livingreview.tables.effects import Terms
from livingreview.tables.models import SizeEvidence
from livingreview.tables.records import ModeratorValues, Studies
from livingreview.tables.sensitivity import DisputedModerators


def main(snakemake) -> None:
    """Read studies, values and terms, integrate, write."""
    inputs, params, outcome = snakemake.input, snakemake.params, snakemake.wildcards.outcome
    decisions, measure = Decisions.model_validate(params.decisions), Measure(**params.measure)
    evidence = ModeratorEvidence(
        outcome=outcome,
        studies=Studies.read(inputs.studies),
        values=ModeratorValues.read(inputs.moderator_values),
        terms=Terms.read(inputs.terms),
        baseline=BaselinePriors.model_validate(params.baseline),
        sampling_correlation=params.sampling_correlation,
    )
    table = disputed_moderators(
        evidence,
        models={name: ModelSpecification.model_validate(m) for name, m in params.models.items()},
        codings={name: Coding.model_validate(c) for name, c in params.codings.items()},
        rules=decisions.moderators,
        measure=measure,
        learnt=LearntSizes.judged(SizeEvidence.read(inputs.sizes), decisions.size, measure),
    )
    DisputedModerators.write(snakemake.output.disputed_moderators, table)


if __name__ == "__main__":
    run_step(main, snakemake)
