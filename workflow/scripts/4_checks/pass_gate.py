"""Print the warnings of the checks, or stop the build if a check demands it."""

from livingreview.base.errors import Stop
from livingreview.base.saving import write_text
from livingreview.base.steps import LOG, run_step
from livingreview.checks.gate import stops, warnings
from livingreview.tables.checks import Checks


def main(snakemake) -> None:
    """Read the checks; write how many passed and what the others warn of, or stop."""
    checks = Checks.read(snakemake.input.checks)
    if lines := stops(checks):
        count = (checks["verdict"] == "stop").sum()
        head = f"{count} of {len(checks)} checks failed; results were not updated."
        raise Stop("\n".join([head, *lines]))
    warned = warnings(checks)
    count = f"{len(checks) - len(warned)} of {len(checks)} checks passed"
    lines = [f"{count}, {len(warned)} warn:", *warned] if warned else [count]
    LOG.info(count)
    for warning in warned:
        LOG.warning(warning.strip())
    write_text(snakemake.output.gate, "\n".join(lines) + "\n")


if __name__ == "__main__":
    run_step(main, snakemake)
