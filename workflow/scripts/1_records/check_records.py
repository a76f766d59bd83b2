"""Check all records and the narrative of a review."""

from pathlib import Path

from livingreview.base.errors import ReviewError
from livingreview.base.saving import write_text
from livingreview.base.steps import run_step
from livingreview.records.narrative import checked_texts
from livingreview.records.study import read_studies


def main(snakemake) -> None:
    """List what was checked, or raise every problem of every file."""
    given, params = snakemake.input, snakemake.params
    texts = Path(given.narrative), Path(given.published)
    problems = checked_texts(*texts, params.outcomes, params.results)
    try:
        read_studies(map(Path, given.records), params.outcomes, params.levels, params.domains)
    except ReviewError as error:
        problems += error.problems
    if problems:
        raise ReviewError(problems)
    write_text(snakemake.output.checked, "".join(f"{path}\n" for path in sorted(params.records)))


if __name__ == "__main__":
    run_step(main, snakemake)
