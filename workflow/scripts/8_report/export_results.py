"""Write the results for other programs."""

from pathlib import Path

import pandas as pd
import yaml

from livingreview.base.saving import checksum, write_text
from livingreview.base.steps import run_step
from livingreview.protocol.review import read_protocol
from livingreview.report.results_json import ROWS, results_of, results_text
from livingreview.tables.table import read_table


def main(snakemake) -> None:
    """Read the tables of each part, gather, write."""
    given = snakemake.input
    models = [read_table(path, ROWS["models"].table) for path in given.models]
    tables = {"models": pd.concat(models, ignore_index=True)}
    for part, row in ROWS.items():
        if part not in tables:
            tables[part] = read_table(given[part], row.table)
    protocol = read_protocol(Path(given.protocol))
    run = yaml.safe_load(Path(given.run).read_text(encoding="utf-8"))
    results = results_of(protocol, tables, run, checksum(Path(given.protocol)))
    write_text(snakemake.output.results, results_text(results))


if __name__ == "__main__":
    run_step(main, snakemake)
