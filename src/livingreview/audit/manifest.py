"""The manifest: what each result is, what made it, and from what.

It holds no clock and no machine path, so two builds of one commit have the same one.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from livingreview.base.errors import Stop
from livingreview.base.saving import checksum

# Below the results folder of a review.
MANIFEST = "9_audit/manifest.json"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceFile(_Entry):
    """A file that a step read and no step made."""

    file: str = Field(description="Path below the root of the repository.")
    sha256: str


class ResultFile(_Entry):
    """A file that a step made."""

    file: str = Field(description="Path below the results folder of the review.")
    sha256: str
    bytes: int
    rule: str
    inputs: tuple[str, ...] = Field(description="Paths below the root of the repository.")


class Step(_Entry):
    """A rule, for one set of wildcards: what it reads and what it makes."""

    rule: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


class Software(_Entry):
    """What the results were computed with."""

    python: str
    system: str
    machine: str
    packages: dict[str, str] = Field(description="Versions that the lock names.")


class ProtocolUsed(_Entry):
    """Which protocol, and where its content stands among the results."""

    file: str
    sha256: str
    content: str


class Manifest(_Entry):
    """The content of `9_audit/manifest.json`."""

    review: str
    commit: str | None = Field(description="Commit of the repository; null outside of one.")
    uncommitted_changes: bool | None
    seed: int
    protocol: ProtocolUsed
    software: Software
    results: tuple[ResultFile, ...]
    sources: tuple[SourceFile, ...]

    def text(self) -> str:
        """As it is written, ending with a line break."""
        return self.model_dump_json(indent=1) + "\n"


def locked_versions(lock: str) -> dict[str, str]:
    """Packages and their versions, as a lock of requirements names them."""
    found = re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", lock, flags=re.MULTILINE)
    return dict(found)


def software(lock: str) -> Software:
    """What this process runs on, and the packages that its lock names."""
    return Software(
        python=platform.python_version(),
        system=platform.system(),
        machine=platform.machine(),
        packages=locked_versions(lock),
    )


def source_files(paths: Iterable[str], root: Path) -> tuple[SourceFile, ...]:
    """Sources with their checksums, in the order of their names.

    Parameters
    ----------
    paths : iterable of str
    root : Path
        Of the repository, or of the copies where its files lie in object storage.
    """
    return tuple(
        SourceFile(file=Path(path).relative_to(root).as_posix(), sha256=checksum(Path(path)))
        for path in sorted(set(paths))
    )


def result_file(path: Path, rule: str, inputs: Iterable[str], results: Path) -> ResultFile:
    """One result with its checksum and origin.

    Parameters
    ----------
    path : Path
    rule : str
    inputs : iterable of str
    results : Path
        Folder of the review's results.
    """
    return ResultFile(
        file=path.relative_to(results).as_posix(),
        sha256=checksum(path),
        bytes=path.stat().st_size,
        rule=rule,
        inputs=tuple(sorted(inputs)),
    )


def result_files(steps: Iterable[Step], results: Path, root: Path) -> tuple[ResultFile, ...]:
    """All results of these steps, in the order of their names; `root` as for `source_files`."""
    files = [
        result_file(root / path, step.rule, step.inputs, results)
        for step in steps
        for path in step.outputs
    ]
    return tuple(sorted(files, key=lambda entry: entry.file))


def read_manifest(path: Path) -> Manifest:
    """Read a manifest.

    Raises
    ------
    Stop
        If there is none, or it is damaged.
    """
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise Stop(f"{path} is not there: build the review first.") from None
    except ValidationError:
        raise Stop(f"{path} is damaged: build the review again.") from None
