"""Write the six tables of stage 1."""

from pathlib import Path

from livingreview.base.errors import told_plainly
from livingreview.base.saving import root_of
from livingreview.records.extraction import extract
from livingreview.records.reading import read_studies
from livingreview.tables.records import Conflicts, Effects, Flow, Ledger, Routes, Studies
from livingreview.tables.table import write_table


def main(snakemake) -> None:
    """Read the records, extract, write."""
    params, output = snakemake.params, snakemake.output
    records = read_studies(
        map(Path, snakemake.input.records), params.baselines, params.levels, params.domains
    )
    extraction = extract(records, params.baselines, params.moderators, params.domains)
    write_table(output.studies, extraction.studies, Studies)
    write_table(output.effects, extraction.effects, Effects)
    write_table(output.routes, extraction.routes, Routes)
    root = root_of(output.ledger)
    files = [Path(file).relative_to(root).as_posix() for file in extraction.ledger["record_file"]]
    write_table(output.ledger, extraction.ledger.assign(record_file=files), Ledger)
    write_table(output.conflicts, extraction.conflicts, Conflicts)
    write_table(output.flow, extraction.flow, Flow)


if __name__ == "__main__":
    with told_plainly(snakemake.log[0]):
        main(snakemake)
