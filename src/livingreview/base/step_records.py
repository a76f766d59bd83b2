"""The record of each finished step: what it was made from, and what it wrote.

Snakemake keeps records too, in a hidden folder that git ignores, that a copy of results lacks and
that anyone may delete. These lie among the results. So a build can tell that a result was made
from other settings, code or inputs than those that are here, or was changed since it was written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from livingreview.base.saving import checksum, write_text

# Folder below the results of a review that holds the record of each step.
STEP_RECORDS = "9_audit/steps"


class Origin(BaseModel):
    """What a step is made from, besides the content of its inputs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    settings: dict[str, str] = Field(
        description="Checksums of its parameters, and of the names of its inputs."
    )
    code: dict[str, str] = Field(description="Checksums of its script and the modules it uses.")

    @classmethod
    def of(cls, settings: Mapping[str, object], code: Mapping[str, str]) -> Self:
        """Origin by plain values of settings: results may depend on the order within each."""
        texts = {name: json.dumps(value).encode() for name, value in settings.items()}
        sums = {name: hashlib.sha256(text).hexdigest() for name, text in texts.items()}
        return cls(settings=sums, code=dict(code))


class StepRecord(BaseModel):
    """What a step was made from, and what it wrote."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    origin: Origin | None = Field(None, description="Missing in records of the first releases.")
    inputs: dict[str, str] = Field(
        {}, description="Checksums, by path below the repository's root."
    )
    outputs: dict[str, str] = Field(description="Checksums, by path below the results folder.")

    @classmethod
    def read(cls, path: Path) -> StepRecord | None:
        """A record; None where there is none, or none that can be read."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def differences(self, origin: Origin, inputs: Mapping[str, str]) -> list[str]:
        """What differs from this record now: inputs, then modules, then `its <setting>`."""
        if self.origin is None:
            return ["the workflow"]
        changed = [
            *_changed(self.inputs, inputs),
            *_changed(self.origin.code, origin.code),
            *(f"its {name}" for name in _changed(self.origin.settings, origin.settings)),
        ]
        return list(dict.fromkeys(changed))

    def changed_outputs(self, results: Path) -> list[Path]:
        """What the step wrote below a results folder, and is there but no longer the same."""
        paths = {results / file: sha256 for file, sha256 in self.outputs.items()}
        return [
            path for path, sha256 in paths.items() if path.exists() and checksum(path) != sha256
        ]


def _changed(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))


def write_record(
    record: str | Path,
    origin: Origin,
    inputs: Mapping[str, str],
    outputs: Iterable[str | Path],
) -> None:
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
    made = StepRecord(origin=origin, inputs=dict(inputs), outputs=sums)
    write_text(record, made.model_dump_json(indent=1) + "\n")


def changed_since_written(results: Path) -> list[Path]:
    """Outputs of steps that are not what the records say, and records that cannot be read."""
    changed = set()
    for path in (results / STEP_RECORDS).glob("*.json"):
        record = StepRecord.read(path)
        changed |= {path} if record is None else set(record.changed_outputs(results))
    return sorted(changed)


def changed_since_read(records: Iterable[Path], now: Mapping[str, str]) -> list[str]:
    """Inputs whose checksum is not the one of some record of a step that read them.

    Parameters
    ----------
    now : mapping of str
        Checksums of results and sources, by path below the repository's root.
    """
    read = [pair for path in records if (r := StepRecord.read(path)) for pair in r.inputs.items()]
    return sorted({name for name, sha256 in read if now.get(name) != sha256})
