"""Write the tables of stage 1."""

from pathlib import Path

from livingreview.base.steps import run_step
from livingreview.protocol.outcomes import Assumed
from livingreview.records.reading import read_studies
from livingreview.records.record_tables import extract
from livingreview.tables.records import (
    Conflicts,
    Effects,
    Flow,
    Ledger,
    ModeratorValues,
    Questions,
    Routes,
    Studies,
)


def main(snakemake) -> None:
    """Read the records, extract, write."""
    params, output = snakemake.params, snakemake.output
    assumed = {name: Assumed.model_validate(a) for name, a in params.assumed.items()}
    records = read_studies(
        map(Path, snakemake.input.records), params.assumed, params.levels, params.domains
    )
    questions = Questions.read(snakemake.input.questions)
    tables = extract(records, assumed, params.moderators, params.domains, questions)
    Studies.write(output.studies, tables.studies)
    Effects.write(output.effects, tables.effects)
    Routes.write(output.routes, tables.routes)
    names = dict(zip(snakemake.input.records, params.records, strict=True))
    for model, path, table in (
        (Ledger, output.ledger, tables.ledger),
        (ModeratorValues, output.moderator_values, tables.moderator_values),
    ):
        model.write(path, table.assign(record_file=[names[file] for file in table["record_file"]]))
    Conflicts.write(output.conflicts, tables.conflicts)
    Flow.write(output.flow, tables.flow)


if __name__ == "__main__":
    run_step(main, snakemake)
