"""Simulate new trials of each outcome, and how often they would move its verdict."""

from pathlib import Path

from livingreview.errors import told_plainly
from livingreview.next_trial import next_trial_tables
from livingreview.protocol.decisions import Decisions
from livingreview.protocol.models import Priors
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.sensitivity import NextTrial
from livingreview.saving import write_table
from livingreview.tables.base import read_table
from livingreview.tables.effects import Terms
from livingreview.tables.sensitivity import NextTrial as NextTrialTable
from livingreview.tables.sensitivity import NextTrialSummary


def main(snakemake) -> None:
    """Read, simulate, write."""
    params, output = snakemake.params, snakemake.output
    chances, summary = next_trial_tables(
        {Path(path).stem: read_table(path, Terms) for path in snakemake.input.terms},
        {name: BaselinePriors.model_validate(b) for name, b in params.baselines.items()},
        params.control_probabilities,
        Priors.model_validate(params.priors),
        NextTrial.model_validate(params.plan),
        Decisions.model_validate(params.decisions),
        params.seed,
    )
    write_table(output.chances, chances, NextTrialTable)
    write_table(output.summary, summary, NextTrialSummary)


if __name__ == "__main__":
    with told_plainly(snakemake.log[0]):
        main(snakemake)
