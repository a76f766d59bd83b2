"""The manifest: what each result is, what made it, and from what.

It holds no clock and no machine path, so two builds of one commit have the same one.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from livingreview.base.errors import Stop
from livingreview.base.saving import checksum

# Path of the manifest below the results folder of a review.
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
    inputs: tuple[str, ...] = Field(description="Paths below the root of the repository.")
    outputs: tuple[str, ...] = Field(description="Paths below the results folder of the review.")


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
    pins = re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", lock, flags=re.MULTILINE)
    return dict(pins)


def software(lock: str) -> Software:
    """What this process runs on, and the packages that its lock names."""
    return Software(
        python=platform.python_version(),
        system=platform.system(),
        machine=platform.machine(),
        packages=locked_versions(lock),
    )


def source_files(files: Mapping[str, str | Path]) -> tuple[SourceFile, ...]:
    """Sources with their checksums, in the order of their names."""
    return tuple(
        SourceFile(file=name, sha256=checksum(Path(files[name]))) for name in sorted(files)
    )


def result_file(results: Path, file: str, rule: str, inputs: Iterable[str] = ()) -> ResultFile:
    """One file below a results folder, with its checksum and origin."""
    path = results / file
    return ResultFile(
        file=file,
        sha256=checksum(path),
        bytes=path.stat().st_size,
        rule=rule,
        inputs=tuple(sorted(inputs)),
    )


def result_files(results: Path, steps: Iterable[Step]) -> tuple[ResultFile, ...]:
    """All results of these steps, in the order of their names."""
    files = [
        result_file(results, file, step.rule, step.inputs)
        for step in steps
        for file in step.outputs
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
