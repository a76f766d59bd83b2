"""Check all records and the narrative of a review."""

from pathlib import Path

from livingreview.base.errors import ReviewError
from livingreview.base.saving import write_text
from livingreview.base.steps import run_step
from livingreview.protocol.vocabulary import Vocabulary
from livingreview.records.narrative import checked_texts
from livingreview.records.reading import checked_studies


def main(snakemake) -> None:
    """List what was checked, or raise every problem of every file."""
    files, params = snakemake.input, snakemake.params
    vocabulary = Vocabulary(
        tuple(params.outcomes),
        params.levels,
        tuple(params.domains),
        tuple(params.results),
        params.review,
    )
    _, problems = checked_studies(map(Path, files.records), vocabulary)
    problems += checked_texts(Path(files.narrative), Path(files.published), vocabulary)
    if problems:
        raise ReviewError(problems)
    write_text(snakemake.output.checked, "".join(f"{path}\n" for path in sorted(params.records)))


if __name__ == "__main__":
    run_step(main, snakemake)
