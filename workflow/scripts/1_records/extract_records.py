"""Write the six tables of stage 1."""

from pathlib import Path

from livingreview.base.steps import run_step
from livingreview.records.extraction import extract
from livingreview.records.reading import read_studies
from livingreview.tables.records import Conflicts, Effects, Flow, Ledger, Routes, Studies


def main(snakemake) -> None:
    """Read the records, extract, write."""
    params, output = snakemake.params, snakemake.output
    records = read_studies(
        map(Path, snakemake.input.records), params.baselines, params.levels, params.domains
    )
    extraction = extract(records, params.baselines, params.moderators, params.domains)
    Studies.write(output.studies, extraction.studies)
    Effects.write(output.effects, extraction.effects)
    Routes.write(output.routes, extraction.routes)
    names = dict(zip(snakemake.input.records, params.records, strict=True))
    files = [names[file] for file in extraction.ledger["record_file"]]
    Ledger.write(output.ledger, extraction.ledger.assign(record_file=files))
    Conflicts.write(output.conflicts, extraction.conflicts)
    Flow.write(output.flow, extraction.flow)


if __name__ == "__main__":
    run_step(main, snakemake)
