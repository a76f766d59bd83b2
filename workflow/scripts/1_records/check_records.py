"""Check all records and the narrative of a review."""

from pathlib import Path

from livingreview.documents import read_document, validated
from livingreview.errors import Problem, ReviewError, told_plainly
from livingreview.narrative import Narrative, Published
from livingreview.records import read_studies
from livingreview.saving import write_text


def check(snakemake) -> str:
    """List what was checked, or raise every problem of every file."""
    problems: list[Problem] = []
    for path, model in (
        (snakemake.input.narrative, Narrative),
        (snakemake.input.published, Published),
    ):
        try:
            validated(read_document(Path(path)), model)
        except ReviewError as error:
            problems += error.problems
    try:
        read_studies(
            map(Path, snakemake.input.records),
            snakemake.params.outcomes,
            snakemake.params.levels,
            snakemake.params.domains,
        )
    except ReviewError as error:
        problems += error.problems
    if problems:
        raise ReviewError(problems)
    return "".join(f"{path}\n" for path in sorted(snakemake.input.records))


if __name__ == "__main__":
    with told_plainly(snakemake.log[0]):
        write_text(snakemake.output.checked, check(snakemake))
