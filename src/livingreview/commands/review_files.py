"""Where the files of a review stand, and new files that never replace one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from livingreview.base.documents import read_document
from livingreview.base.errors import Problem, ReviewError, Stop, one_of, value_text

PROTOCOLS = Path("config/reviews")
CONFIGURATION = Path("config/config.yaml")


@dataclass(frozen=True)
class ReviewFiles:
    """Files of one review; `root` is the working copy, relative to where the command is called."""

    root: Path
    review: str

    @property
    def protocol(self) -> Path:
        """All analysis choices."""
        return self.root / PROTOCOLS / f"{self.review}.yaml"

    @property
    def data(self) -> Path:
        """Folder of the narrative and the published conclusions."""
        return self.root / "data/raw" / self.review

    @property
    def studies(self) -> Path:
        """Folder of the records."""
        return self.data / "studies"

    def record(self, study_id: str) -> Path:
        """File of one record."""
        return self.studies / f"{study_id}.yaml"

    @property
    def records(self) -> list[Path]:
        """Files of all records."""
        from livingreview.records.reading import record_files  # slow to import, as models are

        return record_files(self.studies)[0]


def review_files(review: str | None) -> ReviewFiles:
    """Files of the review of that name, or of the one that the configuration names.

    Raises
    ------
    Stop
        If the command is called outside a working copy.
    ReviewError
        If there is no such review.
    """
    root = working_copy()
    file, line = "--review", 0
    if review is None:
        document = read_document(root / CONFIGURATION)
        review = str(document.data.get("review", ""))
        file, line = document.file, document.line(("review",))
    known = sorted(path.stem for path in (root / PROTOCOLS).glob("*.yaml"))
    if review not in known:
        field = "review" if line else ""
        raise ReviewError([Problem(file, line, field, value_text(review), one_of(review, known))])
    return ReviewFiles(root, review)


def working_copy() -> Path:
    """Nearest folder upwards that holds reviews, relative to where the command is called."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / PROTOCOLS).is_dir():
            return Path(os.path.relpath(folder, here))
    raise Stop(f"No {PROTOCOLS} here or in a folder above: call this inside the working copy.")


def write_new(texts: Mapping[Path, str]) -> None:
    """Write files that are not there yet, all of them or none.

    Raises
    ------
    ReviewError
        If one is there already.
    OSError
        If one cannot be written.
    """
    there = [path for path in texts if os.path.lexists(path)]
    if there:
        allowed = "a name that is not taken; nothing is ever overwritten"
        raise ReviewError(Problem(str(path), 0, "", "a file", allowed) for path in there)
    aside = {path: path.with_name(f".{path.name}.partial") for path in texts}
    made: list[Path] = []
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            aside[path].write_text(text, encoding="utf-8")
        for path, partial in aside.items():
            partial.rename(path)
            made.append(path)
    except BaseException:
        for path in made:
            path.unlink()
        raise
    finally:
        for partial in aside.values():
            partial.unlink(missing_ok=True)
