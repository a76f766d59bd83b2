"""Writing results, so that no file is ever half written, and recording their checksums.

A file is written under a temporary name and then renamed. A finished step writes a record with
the SHA-256 of each of its outputs, so that a later check finds any output that changed since.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

# Folder below the results of a review that holds the record of each step.
STEP_RECORDS = "9_audit/steps"


class StepRecord(BaseModel):
    """What a step wrote."""

    outputs: dict[str, str] = Field(description="Checksums, by path below the results folder.")


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


def write_record(record: str | Path, outputs: Iterable[str | Path]) -> None:
    """Write the record of a step, once its outputs are whole.

    Snakemake deletes it together with the outputs before the step runs again, so that what a
    killed step leaves has no record and does not look edited.
    """
    results = Path(record).parents[2]
    sums = {
        Path(path).relative_to(results).as_posix(): checksum(Path(path))
        for path in outputs
        if path != record
    }
    write_text(record, StepRecord(outputs=sums).model_dump_json(indent=1) + "\n")


def changed_since_written(results: Path) -> list[Path]:
    """Outputs of steps that are not what the records say, and records that cannot be read."""
    changed = set()
    for path in (results / STEP_RECORDS).glob("*.json"):
        try:
            outputs = StepRecord.model_validate_json(path.read_bytes()).outputs
        except ValidationError:
            changed.add(path)
            continue
        changed |= {
            results / file
            for file, sha256 in outputs.items()
            if (results / file).exists() and checksum(results / file) != sha256
        }
    return sorted(changed)


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
