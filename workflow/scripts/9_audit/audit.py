"""Audit the results of a review as they stand."""

from pathlib import Path

from livingreview.audit.verification import audit
from livingreview.base.steps import run_step


def main(snakemake) -> None:
    """Compare, and tell the verdict, or every fault."""
    print(audit(Path(snakemake.params.results), Path()))


if __name__ == "__main__":
    run_step(main, snakemake)
