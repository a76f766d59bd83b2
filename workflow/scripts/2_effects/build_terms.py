"""Write likelihood terms and moderators, a file per outcome, and terms of the other routes."""

from pathlib import Path

from livingreview.base.errors import told_plainly
from livingreview.effects.terms import alternative_terms, build_terms
from livingreview.records.reading import read_studies
from livingreview.tables.effects import AlternativeTerms, StudyModerators, Terms
from livingreview.tables.records import Effects, Studies
from livingreview.tables.table import read_table, write_table


def main(snakemake) -> None:
    """Read records and choices, build terms, write."""
    params = snakemake.params
    records = read_studies(
        map(Path, snakemake.input.records), params.baselines, params.levels, params.domains
    )
    effects = read_table(snakemake.input.effects, Effects)
    terms = build_terms(records, effects, params.baselines)
    studies = read_table(snakemake.input.studies, Studies)
    for position, outcome in enumerate(params.outcomes):
        of_outcome = terms[terms["outcome"] == outcome]
        write_table(snakemake.output.terms[position], of_outcome, Terms)
        moderators = StudyModerators.of(studies, of_outcome)
        write_table(snakemake.output.moderators[position], moderators, StudyModerators)
    alternatives = alternative_terms(records, effects, params.baselines)
    write_table(snakemake.output.alternatives, alternatives, AlternativeTerms)


if __name__ == "__main__":
    with told_plainly(snakemake.log[0]):
        main(snakemake)
