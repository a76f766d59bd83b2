"""A release: the state of a review on a day, frozen as one file that is kept with the records."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from livingreview.audit.updates.states import State
from livingreview.base.documents import field_path, read_bytes
from livingreview.base.errors import Problem, ReviewError
from livingreview.base.validation import Strict, requirement

# Largest size of a release, far beyond that of ten thousand studies.
LARGEST = 100_000_000
_MEND = "the file as it was released; restore it from version control"


class Release(Strict):
    """The content of data/releases/<review>/<date>.json."""

    format: Literal[1] = Field(description="Of this file, not of its content.")
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    checksum: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] = Field(
        description="SHA-256 of date and state, so that an edited release is noticed."
    )
    state: State


def released(state: State, date: str) -> Release:
    """Freeze a state under a date (YYYY-MM-DD)."""
    content = state.model_dump(mode="json")
    return Release(format=1, date=date, checksum=checksum(date, content), state=state)


def release_text(release: Release) -> str:
    """Text of a release file: the same for the same release, byte by byte.

    Lists are sorted by name. Keys keep the order of the protocol, as the first level of a
    moderator is its reference.
    """
    return json.dumps(release.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n"


def checksum(date: str, state: Any) -> str:
    """SHA-256 over the content, whatever its layout in the file."""
    text = json.dumps([date, state], ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read_release(path: Path, review: str) -> Release:
    """Read a release of a review, and refuse it when it is not as it was written.

    Raises
    ------
    ReviewError
        With one problem, the first that makes the file useless.
    """

    def refuse(field: str, found: str, allowed: str = _MEND) -> ReviewError:
        return ReviewError([Problem(str(path), 0, field, found, allowed)])

    try:
        data = json.loads(read_bytes(path, LARGEST).decode())
        date, state = data["date"], data["state"]
        same = data["checksum"] == checksum(date, state)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise refuse("", "text that is no release") from None
    if not same:
        raise refuse("checksum", "that of another content: the file was edited")
    if date != path.stem:
        raise refuse("date", f"{date}", f"{path.stem}, as the file is named")
    try:
        release = Release.model_validate_json(json.dumps(data))
    except ValidationError as error:
        first = error.errors()[0]
        allowed = f"{requirement(first['msg'])}; it was written by another version of this software"
        raise refuse(field_path(first["loc"]), "what this version cannot read", allowed) from None
    if release.state.review != review:
        raise refuse("state.review", release.state.review, review)
    return release
