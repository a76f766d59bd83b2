"""Results that are either whole or not there: written aside, then renamed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from livingreview.tables.base import Table


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary name beside `path`, and rename it to `path` when all went well."""
    path = Path(path)
    aside = path.with_name(f".{path.name}.partial{path.suffix}")
    try:
        yield aside
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


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
    frame = model.validate(frame)
    with replacing(path) as aside:
        frame.to_csv(aside, index=False, lineterminator="\n")
