"""`livingreview preview`: what edits do to the answers, in seconds and without a build."""

from __future__ import annotations

import io
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from livingreview.base.documents import Document, read_document
from livingreview.base.errors import Problem, ReviewError, Stop
from livingreview.base.validation import validated
from livingreview.commands.check import checked_files
from livingreview.commands.release import PATTERN
from livingreview.commands.review_files import CONFIGURATION, ReviewFiles, review_files
from livingreview.protocol.run_config import checked_config

if TYPE_CHECKING:
    from livingreview.audit.updates.preview import OnRecord

Supposed = list[tuple[str, str]]
# Copies of the files that a build read, below the results of its review.
SOURCES = Path("9_audit/sources")
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
        list[str] | None,
        typer.Option(help="Outcome of --what-if: one for all, or one for each in their order."),
    ] = None,
) -> None:
    """Show what edits of the records or the protocol do to the answers, before a build.

    They are compared with the last build; without one, with the last commit; else with the last
    release. You read what each changed record contributes, the answer on each outcome that this
    moves, before and now, and what moved it. Numbers and words are those that a build gives;
    its checks, and models with moderators, are left to the build.

    --what-if adds a study, the treated group first: "counts 12/100 9/98" (events/people),
    "odds_ratio 0.8 0.6 1.1" (or another measure; value, 95% interval), or
    "finding decrease not_significant 120 118" (people may be left out).
    """
    files = review_files(review)
    supposed = _paired(what_if or [], outcome or [])
    since, before = last_state(files)
    if not watch:
        typer.echo(words_of(files, since, before, supposed))
        return
    with suppress(KeyboardInterrupt):
        for _ in _saves(files):
            try:
                words = words_of(files, since, before, supposed)
            except (Stop, OSError) as mistake:
                words = str(mistake)
            typer.echo(f"--- {time.strftime('%H:%M:%S')} (Ctrl-C ends)\n{words}\n")


def _paired(texts: list[str], outcomes: list[str]) -> Supposed:
    """Each study that is supposed, with its outcome."""
    if len(outcomes) == 1:
        outcomes = outcomes * max(len(texts), 1)
    if len(outcomes) != len(texts):
        allowed = f"one for all, or {len(texts)}, one for each --what-if" if texts else "nothing"
        found = f"{len(outcomes) or 'nothing'}"
        raise ReviewError([Problem("--outcome", 0, "", found, allowed)])
    return list(zip(texts, outcomes, strict=True))


def words_of(files: ReviewFiles, since: str, before: OnRecord | None, supposed: Supposed) -> str:
    """What differs between the files as they stand, with studies supposed, and a state before.

    Raises
    ------
    ReviewError
        With every mistake in the files, as `livingreview check`.
    """
    from livingreview.audit.updates.preview import OnRecord, Preview
    from livingreview.records.what_if import supposed_study

    protocol, records, problems = checked_files(files)
    if problems or protocol is None:
        raise ReviewError(problems)
    most_studies = before.most_studies if before else _most_studies(files)
    before = before or OnRecord(protocol, records, most_studies)
    added = [supposed_study(*one, i, protocol) for i, one in enumerate(supposed, 1)]
    change = Preview(before, OnRecord(protocol, [*records, *added], most_studies))
    if not change.changes:
        return f"{files.review}: nothing has changed since {since}."
    return f"{files.review}, compared with {since}.\n\n{change.words()}"


def last_state(files: ReviewFiles) -> tuple[str, OnRecord | None]:
    """The last build, commit or release, the first of them that can be read; and its name."""
    for name, read in (
        ("the last build", _of_build),
        ("the last commit", _of_commit),
        ("the last release", _of_release),
    ):
        with suppress(ReviewError, OSError, subprocess.CalledProcessError):
            return name, read(files)
    return "now: there is no build, commit or release to compare with", None


def _of_build(files: ReviewFiles) -> OnRecord:
    """As the build read the files."""
    sources = files.root / "results" / files.review / SOURCES
    return _of_folder(ReviewFiles(sources, files.review), _most_studies(files))


def _of_commit(files: ReviewFiles) -> OnRecord:
    """As version control has the files."""
    inside = ReviewFiles(Path(), files.review)
    command = ["git", "archive", "HEAD", str(inside.protocol), str(inside.studies)]
    archive = subprocess.run(command, cwd=files.root, capture_output=True, check=True).stdout
    with TemporaryDirectory() as folder:
        tarfile.open(fileobj=io.BytesIO(archive)).extractall(folder, filter="data")
        return _of_folder(ReviewFiles(Path(folder), files.review), _most_studies(files))


def _of_folder(files: ReviewFiles, most_studies: int) -> OnRecord:
    from livingreview.audit.updates.preview import OnRecord
    from livingreview.protocol.review import read_protocol
    from livingreview.records.reading import checked_studies

    protocol = read_protocol(files.protocol)
    records, problems = checked_studies(files.records, protocol.vocabulary())
    if problems or not records:
        raise ReviewError(problems)
    return OnRecord(protocol, records, most_studies)


def _of_release(files: ReviewFiles) -> OnRecord:
    """As the newest release froze them."""
    from livingreview.audit.updates.preview import OnRecord
    from livingreview.audit.updates.releases import read_release
    from livingreview.protocol.review import Protocol
    from livingreview.records.reading import checked_study
    from livingreview.records.study import Names

    folder = files.root / "data/releases" / files.review
    path = max(folder.glob(PATTERN), default=folder)
    state = read_release(path, files.review).state
    protocol = validated(Document(str(path), state.protocol, {(): 0}), Protocol, files.review)
    names = Names(protocol.vocabulary())
    documents = [Document(str(path), record, {(): 0}) for record in state.records]
    records = [(document, checked_study(document, names)) for document in documents]
    return OnRecord(protocol, records, _most_studies(files))


def _most_studies(files: ReviewFiles) -> int:
    """Studies of an outcome with which a build gives a verdict, at most."""
    configuration = read_document(files.root / CONFIGURATION).data
    return checked_config(configuration).sampler.most_studies


def _saves(files: ReviewFiles) -> Iterator[None]:
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
