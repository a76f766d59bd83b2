"""Draft the entry of the changelog from what changed since the last release."""

from pathlib import Path

from livingreview.base.markdown import markdown
from livingreview.base.saving import write_text
from livingreview.base.steps import run_step
from livingreview.protocol.review import read_protocol
from livingreview.report.claims import Claims
from livingreview.report.sentences.changes import ATTRIBUTION, CHANGES, FLOW, MOVES, what_changed
from livingreview.tables.table import read_table
from livingreview.tables.updates import Attribution, Changes, Moves, PrismaFlow


def main(snakemake) -> None:
    """Read the comparison, word it, write."""
    given = snakemake.input
    tables = {
        CHANGES: read_table(given.changes, Changes),
        MOVES: read_table(given.moves, Moves),
        ATTRIBUTION: read_table(given.attribution, Attribution),
        FLOW: read_table(given.flow, PrismaFlow),
    }
    said = what_changed(Claims(tables), tables, read_protocol(Path(given.protocol)))
    write_text(snakemake.output.changelog, markdown(Path(given.template), changes=said))


if __name__ == "__main__":
    run_step(main, snakemake)
