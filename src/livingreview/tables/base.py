"""Tables that cross a rule: columns typed, bounded and described.

A script validates its table as the last line before it is written, so that a
fault shows where it arises and not three stages later.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.engines import pandas_engine

TEXT = pandas_engine.Engine.dtype(str)
PROBABILITY: dict[str, Any] = {"ge": 0, "le": 1}


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


def read_table(path: str, model: type[Table]) -> pd.DataFrame:
    """Read a table that an earlier rule wrote and check that it still fits.

    Raises
    ------
    pandera.errors.SchemaError
        If the file was changed or damaged since.
    """
    # A text such as `0.80` stays as it was written, also where a whole column looks like numbers.
    columns = model.to_schema().columns.items()
    texts = {name: str for name, column in columns if column.dtype == TEXT and not column.regex}
    return model.validate(pd.read_csv(path, keep_default_na=False, na_values=[""], dtype=texts))
