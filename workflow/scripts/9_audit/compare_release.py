"""Compare this build with the last release, explain how the results moved, and put it in words."""

from pathlib import Path

from livingreview.audit.updates.releases import read_release
from livingreview.audit.updates.state_reading import read_state
from livingreview.audit.updates.tables import TABLES, update_tables
from livingreview.base.markdown import markdown
from livingreview.base.saving import write_text
from livingreview.base.steps import run_step
from livingreview.protocol.review import read_protocol
from livingreview.report.claims import Claims
from livingreview.report.sentences.changes import what_changed
from livingreview.tables.registry import read_results


def main(snakemake) -> None:
    """Read both states, compare, write; draft the changelog in the sentences of the page."""
    inputs, output = snakemake.input, snakemake.output
    protocol = read_protocol(Path(inputs.protocol))
    state = read_state(inputs.protocol, inputs.records, inputs.run, inputs)
    releases = [read_release(Path(path), state.review) for path in inputs.release]
    tables = update_tables(releases[0] if releases else None, state)
    for name, model in TABLES.items():
        model.write(output[name], tables[name])
    written = read_results(output[name] for name in TABLES)
    changes = what_changed(Claims(written, protocol.measure), protocol)
    write_text(output.changelog, markdown(Path(inputs.changelog), changes=changes))


if __name__ == "__main__":
    run_step(main, snakemake)
