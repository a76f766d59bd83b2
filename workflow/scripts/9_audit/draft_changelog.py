"""Draft the entry of the changelog from what changed since the last release."""

from pathlib import Path

from livingreview.base.markdown import markdown
from livingreview.base.saving import write_text
from livingreview.base.steps import run_step
from livingreview.protocol.review import read_protocol
from livingreview.report.claims import Claims
from livingreview.report.sentences.changes import what_changed
from livingreview.tables.registry import read_results


def main(snakemake) -> None:
    """Read the comparison, word it, write."""
    given = snakemake.input
    tables = read_results(given)
    said = what_changed(Claims(tables), tables, read_protocol(Path(given.protocol)))
    write_text(snakemake.output.changelog, markdown(Path(given.template), changes=said))


if __name__ == "__main__":
    run_step(main, snakemake)
