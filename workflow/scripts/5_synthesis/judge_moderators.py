"""Write what could be learned of each moderator, and the verdict it earns."""

from livingreview.base.errors import told_plainly
from livingreview.protocol.decisions import ModeratorDecisions
from livingreview.protocol.models import ModelSpecification
from livingreview.protocol.moderators import Coding
from livingreview.synthesis.moderator_verdicts import moderators_table
from livingreview.tables.checks import LeftOut
from livingreview.tables.effects import Terms
from livingreview.tables.models import Pooled
from livingreview.tables.records import Studies
from livingreview.tables.synthesis import Moderators


def main(snakemake) -> None:
    """Read posteriors, studies and terms, judge, write."""
    given, params = snakemake.input, snakemake.params
    table = moderators_table(
        pooled=Pooled.read(given.pooled),
        models={name: ModelSpecification.model_validate(m) for name, m in params.models.items()},
        codings={name: Coding.model_validate(c) for name, c in params.codings.items()},
        studies=Studies.read(given.studies),
        terms=Terms.read_by_outcome(given.terms),
        left_out=LeftOut.read(given.left_out),
        rules=ModeratorDecisions.model_validate(params.rules),
    )
    Moderators.write(snakemake.output.moderators, table)


if __name__ == "__main__":
    with told_plainly(snakemake.log[0]):
        main(snakemake)
