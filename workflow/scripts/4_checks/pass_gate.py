"""Stop the build when a check says so; tell the warnings otherwise."""

from livingreview.base.errors import Stop, told_plainly
from livingreview.base.saving import write_text
from livingreview.checks.gate import stops, warnings
from livingreview.tables.checks import Checks


def main(snakemake) -> None:
    """Read the checks; write how many passed and what the others warn of, or stop."""
    checks = Checks.read(snakemake.input.checks)
    if failed := stops(checks):
        count = f"{len(failed)} of {len(checks)} checks failed; results were not updated."
        raise Stop("\n".join([count, *failed]))
    told = warnings(checks)
    count = f"{len(checks) - len(told)} of {len(checks)} checks passed, {len(told)} warn:"
    lines = [count, *told] if told else [f"{len(checks)} of {len(checks)} checks passed"]
    write_text(snakemake.output.gate, "\n".join(lines) + "\n")


if __name__ == "__main__":
    with told_plainly(snakemake.log[0]):
        main(snakemake)
