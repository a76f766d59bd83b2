"""Write the results for readers, with the dictionary of every column, and for other programs."""

from pathlib import Path

import yaml

from livingreview.base.saving import checksum, write_text
from livingreview.base.steps import run_step
from livingreview.protocol.review import read_protocol
from livingreview.report.data_dictionary import data_dictionary
from livingreview.report.readers_tables import readers_tables
from livingreview.report.results_json import results_of, results_text
from livingreview.tables.readers import DataDictionary
from livingreview.tables.registry import read_results


def main(snakemake) -> None:
    """Read the result tables, give them plain headings, gather their rows, write."""
    inputs, output = snakemake.input, snakemake.output
    protocol, tables = read_protocol(Path(inputs.protocol)), read_results(inputs)
    for table, frame in readers_tables(tables, protocol).items():
        table.write(output[Path(table.file).stem], frame)
    DataDictionary.write(output.dictionary, data_dictionary(protocol))
    run = yaml.safe_load(Path(inputs.run).read_text(encoding="utf-8"))
    results = results_of(protocol, tables, run, checksum(Path(inputs.protocol)))
    write_text(output.results, results_text(results))


if __name__ == "__main__":
    run_step(main, snakemake)
