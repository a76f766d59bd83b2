"""Compare this build with the last release, and explain how the results moved."""

from pathlib import Path

import yaml

from livingreview.errors import told_plainly
from livingreview.protocol.review import read_protocol
from livingreview.records import read_studies
from livingreview.saving import write_table
from livingreview.tables.base import read_table
from livingreview.tables.effects import Terms
from livingreview.tables.models import Pooled
from livingreview.tables.records import Studies
from livingreview.tables.synthesis import Summary
from livingreview.updates.releases import read_release
from livingreview.updates.states import Results, state_of
from livingreview.updates.tables import TABLES, update_tables


def current(snakemake):
    """State of this build."""
    given = snakemake.input
    protocol = read_protocol(Path(given.protocol))
    levels, domains = protocol.moderator_levels(), protocol.risk_of_bias_domains
    records = read_studies(map(Path, given.records), protocol.outcomes, levels, domains)
    results = Results(
        studies=read_table(given.studies, Studies),
        terms={Path(path).stem: read_table(path, Terms) for path in given.terms},
        pooled=read_table(given.pooled, Pooled),
        summary=read_table(given.summary, Summary),
    )
    return state_of(protocol, records, results, yaml.safe_load(Path(given.run).read_text()))


def main(snakemake) -> None:
    """Read both states, compare, write."""
    state = current(snakemake)
    releases = [read_release(Path(path), state.review) for path in snakemake.input.release]
    tables = update_tables(releases[0] if releases else None, state)
    for name, model in TABLES.items():
        write_table(snakemake.output[name], tables[name], model)


if __name__ == "__main__":
    with told_plainly(snakemake.log[0]):
        main(snakemake)
