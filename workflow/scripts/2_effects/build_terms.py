"""Write the likelihood terms, a file per outcome."""

from pathlib import Path

from livingreview.errors import told_plainly
from livingreview.records import read_studies
from livingreview.saving import write_table
from livingreview.tables import Effects, Terms, read_table
from livingreview.terms import build_terms


def main(snakemake) -> None:
    """Read records and choices, build terms, write."""
    params = snakemake.params
    records = read_studies(
        map(Path, snakemake.input.records), params.baselines, params.levels, params.domains
    )
    terms = build_terms(records, read_table(snakemake.input.effects, Effects), params.baselines)
    for outcome, path in zip(params.outcomes, snakemake.output.terms, strict=True):
        write_table(path, terms[terms["outcome"] == outcome], Terms)


if __name__ == "__main__":
    with told_plainly(snakemake.log[0]):
        main(snakemake)
