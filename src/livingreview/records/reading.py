"""The record files of a review, read and checked; every mistake in them is reported at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from livingreview.base.documents import Document, read_document
from livingreview.base.errors import Problem, ReviewError
from livingreview.base.patterns import IDENTIFIER, WORDS_OF_PATTERN, is_identifier
from livingreview.base.placeholders import unfilled
from livingreview.base.validation import validated
from livingreview.protocol.vocabulary import Vocabulary
from livingreview.records.arm_counts import disagreements
from livingreview.records.study import Names, Study


def record_files(folder: Path) -> tuple[list[Path], list[Problem]]:
    """Files of all records of a review, and those that would be passed over.

    Parameters
    ----------
    folder : Path
        ``data/raw/<review>/studies``.

    Returns
    -------
    records : list of Path
        In the order of their names.
    problems : list of Problem
        Files that are not read, for their names or places; no record at all.
    """
    records = sorted(folder.glob("*.yaml"))
    files = {path for path in folder.rglob("*") if path.is_file() or path.is_symlink()}
    passed_over = [path for path in files - set(records) if not _is_left_behind(path, folder)]
    odd = [path for path in records if not is_identifier(path.stem)]
    allowed = f"{folder}/<study_id>.yaml, its id {WORDS_OF_PATTERN[IDENTIFIER]}"
    elsewhere = f"records alone, {allowed}; other files stand in another folder"
    problems = [
        Problem(str(path), 0, "", "this name", allowed)
        if re.search(r"\.ya?ml\b", path.name.lower())
        else Problem(str(path), 0, "", "a file that is not read", elsewhere)
        for path in passed_over + odd
    ]
    if not records and folder.parent.is_dir():
        problems.append(Problem(str(folder), 0, "", "no record", "one or more <study_id>.yaml"))
    return records, problems


def _is_left_behind(path: Path, folder: Path) -> bool:
    """Whether an editor or a system made the file for itself."""
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    made_for_itself = path.name.endswith("~") or path.name.startswith("~$")
    return hidden or made_for_itself or path.name in ("Thumbs.db", "desktop.ini")


def read_studies(
    paths: Iterable[Path],
    outcomes: Iterable[str],
    moderators: dict[str, tuple[str, ...] | None],
    domains: Iterable[str],
) -> list[tuple[Document, Study]]:
    """Read all records of a review, in the order of `study_id`.

    Parameters
    ----------
    paths
        Record files.
    outcomes, moderators, domains
        As in `Vocabulary`.

    Raises
    ------
    ReviewError
        With every problem of every file.
    """
    vocabulary = Vocabulary(tuple(outcomes), moderators, tuple(domains))
    studies, problems = checked_studies(paths, vocabulary)
    if problems:
        raise ReviewError(problems)
    return studies


def checked_studies(
    paths: Iterable[Path], vocabulary: Vocabulary | None
) -> tuple[list[tuple[Document, Study]], list[Problem]]:
    """Records that can be used, in the order of `study_id`, and the problems of the others.

    Parameters
    ----------
    paths : iterable of Path
        Record files.
    vocabulary : Vocabulary or None
        None when the protocol cannot be read, so that its names go unchecked.
    """
    files = {path.stem: path for path in paths}
    studies: list[tuple[Document, Study]] = []
    problems: list[Problem] = []
    for name, file in sorted(files.items()):
        try:
            document = read_document(file)
            studies.append((document, checked_study(document, Names(vocabulary, name, files))))
        except ReviewError as error:
            problems += error.problems
    return studies, problems


def checked_study(document: Document, names: Names) -> Study:
    """Check one record against its models, against itself and against the protocol.

    Raises
    ------
    ReviewError
        With every problem of the record.
    """
    extracted = document.data.get("status") == "extracted"
    wanted = "what the source says, before the record is `extracted`"
    problems = list(unfilled(document, lambda _: wanted)) if extracted else []
    try:
        study = validated(document, Study, names)
    except ReviewError as error:
        raise ReviewError([*problems, *error.problems]) from None
    for pair in disagreements(study):
        allowed = (
            f"{pair.first_says}, as on line {document.line(pair.first)}: an arm has one"
            " set of counts (another group is another arm)"
        )
        problems.append(document.problem(pair.second, pair.second_says, allowed))
    if problems:
        raise ReviewError(problems)
    return study
