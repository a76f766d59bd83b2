"""The protocol and records of a review as they last stood: built, committed or released."""

from __future__ import annotations

import io
import subprocess
import tarfile
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from livingreview.base.documents import Document
from livingreview.base.errors import ReviewError
from livingreview.base.validation import validated
from livingreview.commands.release import PATTERN
from livingreview.commands.review_files import ReviewFiles

if TYPE_CHECKING:
    from livingreview.protocol.review import Protocol
    from livingreview.records.plausibility.question import Record

# Copies of the files that a build read, below the results of its review.
SOURCES = Path("9_audit/sources")

type State = tuple[str, Protocol, list[Record]]


def last_state(files: ReviewFiles) -> State | None:
    """The last build, else the last commit, else the last release that can be read.

    With its name before protocol and records; None where there is none of them.
    """
    for read in (_built, _committed, _released):
        with suppress(ReviewError, OSError, subprocess.CalledProcessError):
            return read(files)
    return None


def _built(files: ReviewFiles) -> State:
    results = files.root / "results" / files.review
    return (
        f"the last build ({results})",
        *_read(ReviewFiles(results / SOURCES, files.review)),
    )


def _committed(files: ReviewFiles) -> State:
    inside = ReviewFiles(Path(), files.review)
    archive = _git(files.root, "archive", "HEAD", str(inside.protocol), str(inside.studies))
    commit = _git(files.root, "log", "-1", "--format=%h of %cs").decode().strip()
    with TemporaryDirectory() as folder, tarfile.open(fileobj=io.BytesIO(archive)) as committed:
        committed.extractall(folder, filter="data")
        state = _read(ReviewFiles(Path(folder), files.review))
    return f"the last commit ({commit})", *state


def _git(folder: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=True).stdout


def _released(files: ReviewFiles) -> State:
    from livingreview.audit.updates.releases import read_release
    from livingreview.protocol.review import Protocol, read_protocol
    from livingreview.records.reading import checked_study
    from livingreview.records.study import Names

    folder = files.root / "data/releases" / files.review
    path = max(folder.glob(PATTERN), default=folder)
    release = read_release(path, files.review)
    datas = (release.state.protocol, *release.state.records)
    chosen, *documents = (Document(str(path), data, {(): 0}) for data in datas)
    name = f"the last release (of {release.date})"
    try:
        protocol = validated(chosen, Protocol, files.review)
    except ReviewError:
        # Another version of this software wrote it. Records outlive versions.
        protocol = read_protocol(files.protocol)
        name = f"the records of {name.removesuffix(')')}; its protocol cannot be read any more)"
    names = Names(protocol.vocabulary())
    records = [(document, checked_study(document, names)) for document in documents]
    return name, protocol, records


def _read(files: ReviewFiles) -> tuple[Protocol, list[Record]]:
    """Protocol and records below a folder; refused if one cannot be read today."""
    from livingreview.protocol.review import read_protocol
    from livingreview.records.reading import checked_studies

    protocol = read_protocol(files.protocol)
    records, problems = checked_studies(files.records, protocol.vocabulary())
    if problems:
        raise ReviewError(problems)
    return protocol, records
