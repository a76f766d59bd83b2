"""Pack the results folder of a review."""

from pathlib import Path

from livingreview.audit.archive import write_archive
from livingreview.base.errors import told_plainly
from livingreview.base.saving import replacing


def main(snakemake) -> None:
    """Write every file below the crate's folder into one archive."""
    with replacing(snakemake.output.archive) as aside:
        write_archive(aside, Path(snakemake.input.crate).parent)


if __name__ == "__main__":
    with told_plainly(snakemake.log[0]):
        main(snakemake)
