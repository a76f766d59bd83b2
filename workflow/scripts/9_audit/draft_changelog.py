"""Draft the entry of the changelog from what changed since the last release."""

from pathlib import Path

from livingreview.base.errors import told_plainly
from livingreview.base.markdown import markdown
from livingreview.base.saving import write_text
from livingreview.protocol.review import read_protocol
from livingreview.report.claims import Claims
from livingreview.report.files import ATTRIBUTION, CHANGES, FLOW, MOVES
from livingreview.report.sentences.changes import what_changed
from livingreview.tables.table import read_table
from livingreview.tables.updates import Attribution, Changes, Moves, PrismaFlow


def main(snakemake) -> None:
    """Read the comparison, put it into words, write."""
    inputs = snakemake.input
    tables = {
        CHANGES: read_table(inputs.changes, Changes),
        MOVES: read_table(inputs.moves, Moves),
        ATTRIBUTION: read_table(inputs.attribution, Attribution),
        FLOW: read_table(inputs.flow, PrismaFlow),
    }
    changes = what_changed(Claims(tables), read_protocol(Path(inputs.protocol)))
    write_text(snakemake.output.changelog, markdown(Path(inputs.template), changes=changes))


if __name__ == "__main__":
    with told_plainly(snakemake.log[0]):
        main(snakemake)
