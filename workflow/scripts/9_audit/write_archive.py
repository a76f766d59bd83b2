"""Pack the results folder of a review."""

from pathlib import Path

from livingreview.audit.archive import write_archive
from livingreview.base.saving import replacing
from livingreview.base.steps import run_step


def main(snakemake) -> None:
    """Write every file below the crate's folder into one archive."""
    with replacing(snakemake.output.archive) as aside:
        write_archive(aside, Path(snakemake.input.crate).parent)


if __name__ == "__main__":
    run_step(main, snakemake)
