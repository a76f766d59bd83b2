"""`livingreview check`: every mistake in a review's files, and what each record will contribute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from livingreview.base.errors import Problem, ReviewError
from livingreview.commands.review_files import ReviewFiles, review_files

if TYPE_CHECKING:
    from livingreview.protocol.review import Protocol
    from livingreview.records.plausibility.question import Question, Record

# Exit status where nothing is wrong and something is odd.
ODD = 3


def check(
    review: Annotated[
        str | None, typer.Option(help="Review to check; without it, the one in config/config.yaml.")
    ] = None,
) -> None:
    """Check all files of a review, explain its records, and ask about what is odd in them.

    Records, narrative, published conclusions and protocol are read. Every mistake is printed
    with its file, line and field, what was found and what is allowed. For each record without
    a mistake you read what it will contribute to the analysis. Values that are possible and odd
    are asked about, until they are corrected or confirmed (docs/records.md); where only questions
    stand, the exit status is 3.
    """
    files = review_files(review)
    words, asked, problems = contributions_questions_problems(files)
    typer.echo(words)
    typer.echo(questions_text(asked), nl=bool(asked))
    if problems:
        raise ReviewError(problems)
    typer.echo(f"No problem in the files of {files.review}{', but questions' if asked else ''}.")
    if asked:
        raise typer.Exit(ODD)


def questions_text(asked: list[Question]) -> str:
    """Questions, each on a line of its own."""
    lines = [f"  {question}" for question in asked]
    count = "1 question" if len(asked) == 1 else f"{len(asked)} questions"
    return "\n".join([f"{count}, to correct or to confirm:", *lines]) if asked else ""


def contributions_questions_problems(
    files: ReviewFiles,
) -> tuple[str, list[Question], list[Problem]]:
    """What the good records contribute, what is odd in them, and all problems of the files.

    If the protocol cannot be read, the outcomes and moderators of records are not checked
    against it; all other fields are.
    """
    from livingreview.records.contributions import explanation
    from livingreview.records.plausibility.asking import NEEDLESS, questions

    protocol, studies, problems = checked_files(files)
    if protocol is None:
        waiting = "Mend the protocol first: what each record contributes depends on it."
        return waiting, [], problems
    asked = questions(studies, protocol.plausibility, protocol.assumed(), protocol.codings())
    # Beside a record that cannot be read, another may confirm what it says.
    asked = [one for one in asked if not (one.confirmed or (problems and one.rule == NEEDLESS))]
    return explanation([study for _, study in studies], protocol.assumed()), asked, problems


def checked_files(files: ReviewFiles) -> tuple[Protocol | None, list[Record], list[Problem]]:
    """Protocol, where it can be read; the records without a mistake; and all problems."""
    from livingreview.protocol.review import protocol_and_gaps
    from livingreview.records.narrative import checked_texts
    from livingreview.records.reading import checked_studies, record_files

    protocol: Protocol | None = None
    problems: list[Problem] = []
    try:
        protocol, problems = protocol_and_gaps(files.protocol)
    except ReviewError as error:
        problems += error.problems
    vocabulary = protocol.vocabulary() if protocol else None
    narrative, published = files.data / "narrative.yaml", files.data / "published.yaml"
    records, misplaced = record_files(files.studies)
    studies, of_records = checked_studies(records, vocabulary)
    problems += [*checked_texts(narrative, published, vocabulary), *misplaced, *of_records]
    return protocol, studies, problems
