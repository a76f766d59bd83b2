"""Tables that cross a rule: columns typed, bounded and described.

A script validates its table as the last line before it is written, so that a
fault shows where it arises and not three stages later.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.engines import pandas_engine

from livingreview.base.errors import damaged
from livingreview.base.saving import replacing

TEXT = pandas_engine.Engine.dtype(str)
ANYTHING = pandas_engine.Engine.dtype(object)
PROBABILITY: dict[str, Any] = {"ge": 0, "le": 1}

# A spreadsheet takes a cell that starts so for a formula; a quote before it makes it a text
# (https://owasp.org/www-community/attacks/CSV_Injection). One set to another separator begins a
# cell within a text, also where the text is quoted, as then the quotes do not begin its cell.
# Numbers are left as they are.
_NUMBER = r"[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?"
_CELL = r"(?:\A|(?<=[;|\t\r\n]))"
_START = r"[ \"]*[-=+@＝＋－＠]"
_FORMULA = re.compile(rf"{_CELL}(?!\A{_NUMBER}\Z)(?='*{_START})")
_GUARDED = re.compile(rf"{_CELL}'(?='*{_START})")


class Table(pa.DataFrameModel):
    """Base of all tables between rules."""

    class Config:
        """No column comes or goes unnoticed; numbers read from CSV are coerced."""

        strict = True
        coerce = True

    @classmethod
    def frame(cls, rows: list[dict[str, Any]]) -> pd.DataFrame:
        """Rows as a frame with all columns of this table, even when there is no row."""
        return pd.DataFrame(rows, columns=list(cls.to_schema().columns))

    @classmethod
    def to_write(cls, frame: pd.DataFrame) -> pd.DataFrame:
        """Check a frame, and put a quote before texts that a spreadsheet would take for formulas.

        Raises
        ------
        pandera.errors.SchemaError
            If a column is missing, unknown, or out of bounds.
        """
        return _with_texts(cls.validate(frame), lambda text: _FORMULA.sub("'", text))


def as_meant(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame as it was before `Table.to_write` guarded its texts."""
    return _with_texts(frame, lambda text: _GUARDED.sub("", text))


def _with_texts(frame: pd.DataFrame, change: Callable[[str], str]) -> pd.DataFrame:
    """The frame with every text changed."""
    columns = frame.select_dtypes(["object", "str"]).columns
    changed = {
        name: frame[name].map(lambda cell: change(cell) if isinstance(cell, str) else cell)
        for name in columns
    }
    return frame.assign(**changed)


def read_table(path: str, model: type[Table]) -> pd.DataFrame:
    """Read a table that an earlier rule wrote and check that it still fits.

    Raises
    ------
    Stop
        If the file was changed or damaged since.
    """
    # A text such as `0.80` stays as it was written, also where a whole column looks like numbers,
    # and a moderator's level `true` remains one.
    read = partial(pd.read_csv, path, keep_default_na=False, na_values=[""])
    try:
        header = read(nrows=0)
        texts = {
            name: str
            for column in model.to_schema().columns.values()
            if column.dtype in (TEXT, ANYTHING)
            for name in (column.get_regex_columns(header) if column.regex else [column.name])
        }
        frame = read(dtype=texts)
        return model.validate(as_meant(frame))
    except (pa.errors.SchemaError, pa.errors.SchemaErrors, ValueError) as error:
        raise damaged(path, error) from None


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
