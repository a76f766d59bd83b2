"""`livingreview new-study`: a commented record to fill in."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from livingreview.base.errors import Problem, ReviewError, value_text
from livingreview.base.patterns import IDENTIFIER, WORDS_OF_PATTERN, is_identifier
from livingreview.commands.review_files import review_files, write_new


def new_study(
    study_id: Annotated[
        str, typer.Argument(help="Name of the study, such as smith_2024; also that of the file.")
    ],
    review: Annotated[
        str | None, typer.Option(help="Review it belongs to; else the one in config/config.yaml.")
    ] = None,
    year: Annotated[
        int | None, typer.Option(help="Year of the study, where its name does not end in one.")
    ] = None,
) -> None:
    """Write a record to fill in for a new study.

    The record says at every field what is allowed there, and holds an example of each kind of
    evidence. It can be built as it stands: the study is listed as still to be screened. A record
    that is there already is never overwritten.
    """
    from livingreview.protocol.review import read_protocol
    from livingreview.records.blank_record import blank_record

    files = review_files(review)
    if not is_identifier(study_id):
        allowed = WORDS_OF_PATTERN[IDENTIFIER]
        raise ReviewError([Problem("STUDY_ID", 0, "", value_text(study_id), allowed)])
    label, of_name = _label_and_year(study_id)
    year = year if year is not None else of_name
    if year is None or not 1900 <= year <= 2100:
        found = "nothing" if year is None else str(year)
        allowed = "a year from 1900 to 2100, at the end of the name or as --year"
        raise ReviewError([Problem("--year", 0, "", found, allowed)])
    text = blank_record(study_id, label, year, read_protocol(files.protocol))
    path = files.record(study_id)
    write_new({path: text})
    typer.echo(f"Wrote {path}. Fill it in, then run `livingreview check`.")


def _label_and_year(study_id: str) -> tuple[str, int | None]:
    """`Smith 2024` and 2024 of smith_2024."""
    words = study_id.split("_")
    label = " ".join(word.capitalize() for word in words if word)
    last = words[-1]
    return label, int(last) if re.fullmatch(r"\d{4}", last) else None
