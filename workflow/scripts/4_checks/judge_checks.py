"""Hold every check against the protocol's limits."""

from pathlib import Path

from livingreview.base.errors import told_plainly
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
    Trajectories,
)
from livingreview.tables.effects import Terms
from livingreview.tables.table import read_table, write_table


def main(snakemake) -> None:
    """Read the tables of all checks, judge, write."""
    given = snakemake.input
    evidence = CheckTables(
        sampling=read_table(given.sampling, Sampling),
        trajectories=read_table(given.trajectories, Trajectories),
        parity=read_table(given.parity, Parity),
        predictive=read_table(given.predictive, Predictive),
        influence=read_table(given.influence, Influence),
        power_scaling=read_table(given.power_scaling, PowerScaling),
        reml=read_table(given.reml, Reml),
        terms={Path(path).stem: read_table(path, Terms) for path in given.terms},
    )
    limits = CheckThresholds.model_validate(snakemake.params.limits)
    write_table(snakemake.output.checks, judge(evidence, limits), Checks)


if __name__ == "__main__":
    with told_plainly(snakemake.log[0]):
        main(snakemake)
