"""`livingreview check`: every mistake in a review's files, and what each record will contribute."""

from __future__ import annotations

from typing import Annotated

import typer

from livingreview.base.errors import Problem, ReviewError
from livingreview.commands.review_files import ReviewFiles, review_files


def check(
    review: Annotated[
        str | None, typer.Option(help="Review to check; without it, the one in config/config.yaml.")
    ] = None,
) -> None:
    """Check all files of a review, and explain its records.

    Records, narrative, published conclusions and protocol are read. Every mistake is printed
    with its file, line and field, what was found and what is allowed. For each record without
    a mistake you read what it will contribute to the analysis.
    """
    files = review_files(review)
    words, problems = contributions_and_problems(files)
    typer.echo(words)
    if problems:
        raise ReviewError(problems)
    typer.echo(f"No problem in the files of {files.review}.")


def contributions_and_problems(files: ReviewFiles) -> tuple[str, list[Problem]]:
    """What the good records contribute, and all problems of the review's files.

    If the protocol cannot be read, the outcomes and moderators of records are not checked
    against it; all other fields are.
    """
    from livingreview.protocol.review import read_protocol
    from livingreview.records.contributions import explanation
    from livingreview.records.narrative import checked_texts
    from livingreview.records.reading import checked_studies, record_files

    narrative, published = files.data / "narrative.yaml", files.data / "published.yaml"
    records, misplaced = record_files(files.studies)
    try:
        protocol = read_protocol(files.protocol)
    except ReviewError as error:
        problems = checked_texts(narrative, published)
        _, of_records = checked_studies(records, None)
        waiting = "Mend the protocol first: what each record contributes depends on it."
        return waiting, [*error.problems, *problems, *misplaced, *of_records]
    vocabulary = protocol.vocabulary()
    problems = checked_texts(narrative, published, vocabulary)
    studies, of_records = checked_studies(records, vocabulary)
    return explanation([study for _, study in studies], protocol.assumed()), [
        *problems,
        *misplaced,
        *of_records,
    ]
