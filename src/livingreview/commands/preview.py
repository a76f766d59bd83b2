"""`livingreview preview`: what edits do to the answers, in seconds and without a build."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from livingreview.base.errors import Problem, ReviewError, Stop
from livingreview.commands.check import checked_files
from livingreview.commands.last_state import State, last_state
from livingreview.commands.review_files import ReviewFiles, review_files

# Seconds between two looks at the files.
PAUSE = 0.3


def preview(
    review: Annotated[
        str | None, typer.Option(help="Review to look at; without it, that of config/config.yaml.")
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Again at each save, until Ctrl-C.")
    ] = False,
    what_if: Annotated[
        list[str] | None,
        typer.Option(help="Evidence of a study that is on no file; may be repeated."),
    ] = None,
    outcome: Annotated[
        str | None, typer.Option(help="Outcome that each --what-if is about.")
    ] = None,
) -> None:
    """Show what edits of records or protocol do to the answers, before a build.

    They are compared with the last build; where there is none with the last commit, else with
    the last release. You read what each changed record contributes, each answer that moved, as
    it was and is, and what moved it. Numbers and words are those of a build; its checks, and
    models with moderators, are left to it.

    With --what-if a study is added that reports, treated group first, one of: "counts 12/100
    9/98", of events and people; "odds_ratio 0.8 0.6 1.1", or another measure, of value and 95%
    interval; "finding decrease not_significant 120 118", where people may be left out.
    """
    files = review_files(review)
    if bool(what_if) != bool(outcome):
        allowed = "an outcome, as there is --what-if" if what_if else "nothing without --what-if"
        found = repr(outcome) if outcome else "nothing"
        raise ReviewError([Problem("--outcome", 0, "", found, allowed)])
    supposed = [(text, outcome or "") for text in what_if or []]
    state = last_state(files)
    if not watch:
        typer.echo(words_of(files, state, supposed))
        return
    with suppress(KeyboardInterrupt):
        for _ in saves(files):
            try:
                words = words_of(files, state, supposed)
            except (Stop, OSError) as mistake:
                words = str(mistake)
            typer.echo(f"--- {time.strftime('%H:%M:%S')}, Ctrl-C ends\n{words}\n")


def words_of(files: ReviewFiles, state: State | None, supposed: list[tuple[str, str]]) -> str:
    """What differs between a state before and the files as they stand, with supposed studies.

    Raises
    ------
    ReviewError
        With every mistake in the files, as `livingreview check`.
    """
    protocol, records, problems = checked_files(files)
    if problems or protocol is None:
        raise ReviewError(problems)
    from livingreview.audit.updates.preview import OnRecord, Preview
    from livingreview.records.what_if import supposed_study

    since, chosen, known = state or ("the files as they stand, without a build", protocol, records)
    added = [supposed_study(*one, i, protocol) for i, one in enumerate(supposed, 1)]
    now = OnRecord(protocol, [*records, *added])
    words = Preview(OnRecord(chosen, known), now).words()
    if not words:
        return f"{files.review}: nothing changed since {since}."
    texts = [
        f"{study.study_id} is on no file: {text}, the treated group first.\n"
        for (text, _), (_, study) in zip(supposed, added, strict=True)
    ]
    return f"{files.review}, compared with {since}.\n{''.join(texts)}\n{words}"


def saves(files: ReviewFiles) -> Iterator[None]:
    """Now, and whenever a file of the review was saved."""
    last = None
    while True:
        if (stamps := _stamps(files)) != last:
            last = stamps
            yield
        time.sleep(PAUSE)


def _stamps(files: ReviewFiles) -> dict[Path, int]:
    """When each file was changed; a file that goes meanwhile has no time."""
    stamps = {}
    for path in (files.protocol, *files.data.rglob("*.yaml")):
        with suppress(OSError):
            stamps[path] = path.stat().st_mtime_ns
    return stamps
