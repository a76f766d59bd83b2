"""Write what could be learned of each moderator, and the verdict it earns."""

from pathlib import Path

from livingreview.base.steps import run_step
from livingreview.protocol.decisions import ModeratorDecisions
from livingreview.protocol.models import ModelSpecification
from livingreview.protocol.moderators import Coding
from livingreview.synthesis.moderator_verdicts import moderators_table
from livingreview.tables.checks import LeftOut
from livingreview.tables.effects import Terms
from livingreview.tables.models import Pooled
from livingreview.tables.records import Studies
from livingreview.tables.synthesis import Moderators
from livingreview.tables.table import read_table, write_table


def main(snakemake) -> None:
    """Read posteriors, studies and terms, judge, write."""
    given, params = snakemake.input, snakemake.params
    table = moderators_table(
        pooled=read_table(given.pooled, Pooled),
        models={name: ModelSpecification.model_validate(m) for name, m in params.models.items()},
        codings={name: Coding.model_validate(c) for name, c in params.codings.items()},
        studies=read_table(given.studies, Studies),
        terms={Path(path).stem: read_table(path, Terms) for path in given.terms},
        left_out=read_table(given.left_out, LeftOut),
        rules=ModeratorDecisions.model_validate(params.rules),
    )
    write_table(snakemake.output.moderators, table, Moderators)


if __name__ == "__main__":
    run_step(main, snakemake)
