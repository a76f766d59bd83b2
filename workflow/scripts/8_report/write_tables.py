"""Write the tables for readers, and the dictionary of every column among the results."""

from pathlib import Path

from livingreview.base.steps import run_step
from livingreview.protocol.review import read_protocol
from livingreview.report.data_dictionary import data_dictionary
from livingreview.report.readers_tables import readers_tables
from livingreview.tables.readers import DataDictionary
from livingreview.tables.registry import read_results


def main(snakemake) -> None:
    """Read the result tables, give them plain headings, write them."""
    inputs, output = snakemake.input, snakemake.output
    protocol = read_protocol(Path(inputs.protocol))
    for table, frame in readers_tables(read_results(inputs), protocol).items():
        table.write(output[Path(table.file).stem], frame)
    DataDictionary.write(output.dictionary, data_dictionary(protocol))


if __name__ == "__main__":
    run_step(main, snakemake)
