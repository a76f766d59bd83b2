"""Stop the build when a check failed."""

from livingreview.checks import failures
from livingreview.errors import Stop, told_plainly
from livingreview.saving import write_text
from livingreview.tables.base import read_table
from livingreview.tables.checks import Checks


def main(snakemake) -> None:
    """Read the checks; write how many passed, or stop."""
    checks = read_table(snakemake.input.checks, Checks)
    if failed := failures(checks):
        count = f"{len(failed)} of {len(checks)} checks failed; results were not updated."
        raise Stop("\n".join([count, *failed]))
    write_text(snakemake.output.gate, f"{len(checks)} of {len(checks)} checks passed\n")


if __name__ == "__main__":
    with told_plainly(snakemake.log[0]):
        main(snakemake)
