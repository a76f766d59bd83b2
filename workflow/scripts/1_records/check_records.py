"""Check all records and the narrative of a review."""

from pathlib import Path

from livingreview.base.errors import ReviewError, told_plainly
from livingreview.base.saving import write_text
from livingreview.records.narrative import checked_texts
from livingreview.records.study import read_studies


def check(snakemake) -> str:
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
    return "".join(f"{path}\n" for path in sorted(params.records))


if __name__ == "__main__":
    with told_plainly(snakemake.log[0]):
        write_text(snakemake.output.checked, check(snakemake))
