"""Write the tables for readers, and the dictionary of every column among the results."""

from pathlib import Path

from livingreview.base.steps import run_step
from livingreview.protocol.review import read_protocol
from livingreview.report import readers_tables
from livingreview.report.data_dictionary import READERS_TABLES, data_dictionary
from livingreview.tables.checks import Checks
from livingreview.tables.readers import DataDictionary
from livingreview.tables.records import Effects, Ledger, Studies
from livingreview.tables.sensitivity import Variations
from livingreview.tables.synthesis import Moderators, StudyEffects, Summary
from livingreview.tables.table import read_table, write_table


def main(snakemake) -> None:
    """Read, head plainly, write."""
    given, output = snakemake.input, snakemake.output
    protocol = read_protocol(Path(given.protocol))
    studies = read_table(given.studies, Studies)
    effects = read_table(given.effects, Effects)
    summary = read_table(given.summary, Summary)
    tables = {
        "pooled_results": readers_tables.pooled_results(summary, protocol),
        "study_effects": readers_tables.effects_of_studies(
            effects, read_table(given.study_effects, StudyEffects), studies, protocol
        ),
        "moderators": readers_tables.moderator_results(
            read_table(given.moderators, Moderators), summary, protocol
        ),
        "study_characteristics": readers_tables.study_characteristics(studies, protocol),
        "evidence_ledger": readers_tables.evidence_ledger(
            read_table(given.ledger, Ledger), studies
        ),
        "sensitivity": readers_tables.sensitivity_results(
            read_table(given.variations, Variations), studies, protocol
        ),
        "checks": readers_tables.check_results(read_table(given.checks, Checks)),
    }
    for name, table in tables.items():
        write_table(output[name], table, READERS_TABLES[name])
    write_table(output.dictionary, data_dictionary(protocol), DataDictionary)


if __name__ == "__main__":
    run_step(main, snakemake)
