"""Compare this build with the last release, and explain how the results moved."""

from pathlib import Path

from livingreview.audit.updates.releases import read_release
from livingreview.audit.updates.state_reading import read_state
from livingreview.audit.updates.tables import TABLES, update_tables
from livingreview.base.steps import run_step


def main(snakemake) -> None:
    """Read both states, compare, write."""
    inputs = snakemake.input
    state = read_state(inputs.protocol, inputs.records, inputs.run, inputs)
    releases = [read_release(Path(path), state.review) for path in inputs.release]
    tables = update_tables(releases[0] if releases else None, state)
    for name, model in TABLES.items():
        model.write(snakemake.output[name], tables[name])


if __name__ == "__main__":
    run_step(main, snakemake)
