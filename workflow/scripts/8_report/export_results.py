"""Write the results for other programs."""

from pathlib import Path

import yaml

from livingreview.base.saving import checksum, write_text
from livingreview.base.steps import run_step
from livingreview.protocol.review import read_protocol
from livingreview.report.results_json import results_of, results_text
from livingreview.tables.registry import read_results


def main(snakemake) -> None:
    """Read the tables of each part, gather, write."""
    inputs = snakemake.input
    protocol = read_protocol(Path(inputs.protocol))
    run = yaml.safe_load(Path(inputs.run).read_text(encoding="utf-8"))
    results = results_of(protocol, read_results(inputs), run, checksum(Path(inputs.protocol)))
    write_text(snakemake.output.results, results_text(results))


if __name__ == "__main__":
    run_step(main, snakemake)
