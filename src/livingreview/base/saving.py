"""Writing results, so that no file is ever half written: under a temporary name, then renamed."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
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
        aside.replace(path)
    finally:
        discard(aside)


def checksum(path: Path) -> str:
    """SHA-256 of a file in hexadecimal; of a folder, that of a list of its files and theirs."""
    if path.is_dir():
        # Snakemake marks a folder by a hidden file.
        files = sorted(file for file in path.rglob("[!.]*") if file.is_file())
        lines = (f"{checksum(file)}  {file.relative_to(path).as_posix()}\n" for file in files)
        return hashlib.sha256("".join(lines).encode()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def known_checksum(path: Path) -> str:
    """Checksum of a file that many steps read and that does not change meanwhile; empty of none."""
    return checksum(path) if path.exists() else ""


def set_aside(path: Path, folder: Path, aside: Path) -> Path:
    """Move a result out of its folder into another, below its own path, and give its new name.

    The name holds the start of its checksum: what was set aside before is not replaced.
    """
    name = f"{path.stem}.{checksum(path)[:8]}{path.suffix}"
    place = aside / path.relative_to(folder).with_name(name)
    place.parent.mkdir(parents=True, exist_ok=True)
    discard(place)
    shutil.move(path, place)
    return place


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
