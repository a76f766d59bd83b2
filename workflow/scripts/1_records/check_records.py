"""Check all records and the narrative of a review."""

from pathlib import Path

from livingreview.base.errors import ReviewError, told_plainly
from livingreview.base.saving import root_of, write_text
from livingreview.protocol.vocabulary import Vocabulary
from livingreview.records.narrative import checked_texts
from livingreview.records.reading import checked_studies


def check(snakemake) -> str:
    """List what was checked, or raise every problem of every file."""
    files, params = snakemake.input, snakemake.params
    vocabulary = Vocabulary(
        tuple(params.outcomes), params.levels, tuple(params.domains), tuple(params.results)
    )
    _, problems = checked_studies(map(Path, files.records), vocabulary)
    problems += checked_texts(Path(files.narrative), Path(files.published), vocabulary)
    if problems:
        raise ReviewError(problems)
    root = root_of(snakemake.output.checked)
    return "".join(f"{Path(path).relative_to(root).as_posix()}\n" for path in sorted(files.records))


if __name__ == "__main__":
    with told_plainly(snakemake.log[0]):
        write_text(snakemake.output.checked, check(snakemake))
