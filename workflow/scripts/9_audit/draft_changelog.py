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
    """Read the comparison, put it into words, write."""
    inputs = snakemake.input
    protocol = read_protocol(Path(inputs.protocol))
    changes = what_changed(Claims(read_results(inputs), protocol.measure), protocol)
    write_text(snakemake.output.changelog, markdown(Path(inputs.template), changes=changes))


if __name__ == "__main__":
    run_step(main, snakemake)
