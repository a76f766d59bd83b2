"""Results that are either whole or not there: written aside, then renamed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a build starts faster without them
    import pandas as pd

    from livingreview.tables.base import Table


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary name beside `path`, and rename it to `path` when all went well.

    The name holds the process id, so that a process which outlived its build does not write
    into the file of the next one.
    """
    path = Path(path)
    aside = path.with_name(f".{path.name}.{os.getpid()}.partial{path.suffix}")
    try:
        yield aside
        aside.replace(path)
    finally:
        discard(aside)


def discard(path: Path) -> None:
    """Delete a file, or a folder with all that is in it, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)


def partial_files(folder: Path) -> list[Path]:
    """Temporary files and folders that killed processes left below a folder."""
    return sorted(folder.rglob(".*.partial*"))


def copy_files(paths: Iterable[str], folder: str | Path) -> None:
    """Copy files into a new folder, each below its own path; all or none."""
    with replacing(folder) as aside:
        for path in paths:
            copy = aside / path
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)


def write_text(path: str | Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    with replacing(path) as aside:
        aside.write_text(text, encoding="utf-8")


def write_table(path: str | Path, frame: pd.DataFrame, model: type[Table]) -> None:
    """Check a table against its class and write it, whole or not at all.

    Raises
    ------
    pandera.errors.SchemaError
        If a column is missing, unknown, or out of bounds.
    """
    frame = model.to_write(frame)
    with replacing(path) as aside:
        frame.to_csv(aside, index=False, lineterminator="\n")
