"""Results that are either whole or not there, and that are known again.

They are written aside, then renamed. A hidden file beside each holds the SHA-256 under which
it was written, in the form of `sha256sum`, so that whatever else changes it is found out.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


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
        sums, mark = _sums(aside, path.name), _mark(path)
        unfinished = mark.with_name(f"{mark.name}.{os.getpid()}.partial")
        # No mark while the result changes: what a killed process leaves is not to look edited.
        mark.unlink(missing_ok=True)
        aside.replace(path)
        unfinished.write_text(sums, encoding="utf-8")
        unfinished.replace(mark)
    finally:
        discard(aside)


def checksum(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def changed_since_written(folder: Path) -> list[Path]:
    """Files and folders below a folder that are not what `replacing` left there."""
    found = []
    for mark in sorted(folder.rglob(".*.sha256")):
        path = _marked(mark)
        if path.exists() and _sums(path, path.name) != mark.read_text(encoding="utf-8"):
            found.append(path)
    return found


def forget_lost(folder: Path) -> None:
    """Delete the marks of results that are no longer there, such as shares made for a time."""
    for mark in folder.rglob(".*.sha256"):
        if not _marked(mark).exists():
            mark.unlink()


def set_aside(path: Path, folder: Path, kept: Path) -> Path:
    """Move a result out of its folder into another, below its own path, and give its new name.

    The name holds the start of its checksum: what was set aside before is not replaced.
    """
    digest = hashlib.sha256(_sums(path, path.name).encode()).hexdigest()[:8]
    place = kept / path.relative_to(folder).with_name(f"{path.stem}.{digest}{path.suffix}")
    place.parent.mkdir(parents=True, exist_ok=True)
    discard(place)
    shutil.move(path, place)
    _mark(path).unlink(missing_ok=True)
    return place


def _mark(path: Path) -> Path:
    return path.with_name(f".{path.name}.sha256")


def _marked(mark: Path) -> Path:
    return mark.with_name(mark.name.removeprefix(".").removesuffix(".sha256"))


def _sums(path: Path, name: str) -> str:
    """Checksum and name of a file, or of each file below a folder, a line each."""
    if not path.is_dir():
        return f"{checksum(path)}  {name}\n"
    # Snakemake marks a folder by a hidden file.
    files = sorted(f for f in path.rglob("[!.]*") if f.is_file())
    return "".join(f"{checksum(f)}  {name}/{f.relative_to(path).as_posix()}\n" for f in files)


def discard(path: Path) -> None:
    """Delete a file, or a folder with all that is in it, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)


def partial_files(folder: Path) -> list[Path]:
    """Temporary files and folders that killed processes left below a folder."""
    return sorted(folder.rglob(".*.partial*"))


def copy_files(files: Mapping[str, str | Path], folder: str | Path) -> None:
    """Copy files into a new folder, each to its name in there; all or none."""
    with replacing(folder) as aside:
        for name, file in files.items():
            copy = aside / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)


def write_text(path: str | Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    with replacing(path) as aside:
        aside.write_text(text, encoding="utf-8")
