"""Audit the results of a review as they stand."""

from pathlib import Path

from livingreview.audit.verification import audit
from livingreview.base.errors import told_plainly


def main(snakemake) -> None:
    """Compare, and tell the verdict, or every fault."""
    print(audit(Path(snakemake.params.results), Path()))


if __name__ == "__main__":
    with told_plainly(snakemake.log[0]):
        main(snakemake)
