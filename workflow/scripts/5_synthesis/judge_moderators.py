"""Write what could be learned of each moderator, and the verdict."""

from pathlib import Path

from livingreview.base.errors import told_plainly
from livingreview.protocol.decisions import ModeratorDecisions
from livingreview.protocol.models import ModelSpecification
from livingreview.protocol.moderators import Coding
from livingreview.synthesis.moderator_verdicts import ModeratorTables, moderators_table
from livingreview.tables.checks import LeftOut
from livingreview.tables.effects import Terms
from livingreview.tables.models import Pooled
from livingreview.tables.records import Studies
from livingreview.tables.synthesis import Moderators
from livingreview.tables.table import read_table, write_table


def main(snakemake) -> None:
    """Read posteriors, studies and terms, judge, write."""
    given, params = snakemake.input, snakemake.params
    results = ModeratorTables(
        pooled=read_table(given.pooled, Pooled),
        studies=read_table(given.studies, Studies),
        left_out=read_table(given.left_out, LeftOut),
        terms={Path(path).stem: read_table(path, Terms) for path in given.terms},
    )
    table = moderators_table(
        results,
        models={name: ModelSpecification.model_validate(m) for name, m in params.models.items()},
        codings={name: Coding.model_validate(c) for name, c in params.codings.items()},
        rules=ModeratorDecisions.model_validate(params.rules),
    )
    write_table(snakemake.output.moderators, table, Moderators)


if __name__ == "__main__":
    with told_plainly(snakemake.log[0]):
        main(snakemake)
