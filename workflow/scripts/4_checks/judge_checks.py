"""Compare the result of every check with the limit that the protocol sets."""

from livingreview.base.measures import Measure
from livingreview.base.steps import run_step
from livingreview.checks.duplicates import confirmed_pairs
from livingreview.checks.gate import CheckTables, judge
from livingreview.protocol.checks import CheckThresholds
from livingreview.tables.checks import (
    Checks,
    Influence,
    Parity,
    PowerScaling,
    Predictive,
    Reml,
    Sampling,
    SmallGroups,
    Trajectories,
)
from livingreview.tables.effects import Terms
from livingreview.tables.records import Questions


def main(snakemake) -> None:
    """Read the tables of all checks, judge, write."""
    inputs = snakemake.input
    evidence = CheckTables(
        measure=Measure(**snakemake.params.measure),
        sampling=Sampling.read(inputs.sampling),
        trajectories=Trajectories.read(inputs.trajectories),
        parity=Parity.read(inputs.parity),
        predictive=Predictive.read(inputs.predictive),
        influence=Influence.read(inputs.influence),
        power_scaling=PowerScaling.read(inputs.power_scaling),
        reml=Reml.read(inputs.reml),
        small_groups=SmallGroups.read(inputs.small_groups),
        terms=Terms.read_by_outcome(inputs.terms),
        distinct=confirmed_pairs(Questions.read(inputs.questions)),
    )
    limits = CheckThresholds.model_validate(snakemake.params.limits)
    Checks.write(snakemake.output.checks, judge(evidence, limits))


if __name__ == "__main__":
    run_step(main, snakemake)
