"""Write the tables for readers, and the dictionary of every column among the results."""

from pathlib import Path

from livingreview.base.errors import told_plainly
from livingreview.protocol.review import read_protocol
from livingreview.report import readers_tables
from livingreview.report.data_dictionary import READERS_TABLES, data_dictionary
from livingreview.tables.checks import Checks
from livingreview.tables.readers import DataDictionary
from livingreview.tables.records import Effects, Ledger, Studies
from livingreview.tables.sensitivity import Variations
from livingreview.tables.synthesis import Moderators, StudyEffects, Summary


def main(snakemake) -> None:
    """Read, head plainly, write."""
    given, output = snakemake.input, snakemake.output
    protocol = read_protocol(Path(given.protocol))
    studies = Studies.read(given.studies)
    effects = Effects.read(given.effects)
    summary = Summary.read(given.summary)
    tables = {
        "pooled_results": readers_tables.pooled_results(summary, protocol),
        "study_effects": readers_tables.effects_of_studies(
            effects, StudyEffects.read(given.study_effects), studies, protocol
        ),
        "moderators": readers_tables.moderator_results(
            Moderators.read(given.moderators), summary, protocol
        ),
        "study_characteristics": readers_tables.study_characteristics(studies, protocol),
        "evidence_ledger": readers_tables.evidence_ledger(Ledger.read(given.ledger), studies),
        "sensitivity": readers_tables.sensitivity_results(
            Variations.read(given.variations), studies, protocol
        ),
        "checks": readers_tables.check_results(Checks.read(given.checks)),
    }
    for name, table in tables.items():
        READERS_TABLES[name].write(output[name], table)
    DataDictionary.write(output.dictionary, data_dictionary(protocol))


if __name__ == "__main__":
    with told_plainly(snakemake.log[0]):
        main(snakemake)
