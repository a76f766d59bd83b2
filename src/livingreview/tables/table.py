"""Schema of a table that one rule writes and another reads: types, limits, descriptions.

A script checks its table as the last thing before it is written, so that a fault shows where
it arises and not three stages later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
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
WHOLE = pandas_engine.Engine.dtype(pd.Int64Dtype())

# A spreadsheet takes a cell that starts so for a formula; a quote before it makes it a text
# (https://owasp.org/www-community/attacks/CSV_Injection). One set to another separator begins a
# cell within a text, also where the text is quoted, as then the quotes do not begin its cell.
# Numbers are left as they are.
_NUMBER = r"[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?"
_CELL = r"(?:\A|(?<=[;|\t\r\n]))"
_START = r"[ \"]*[-=+@＝＋－＠]"
_FORMULA = re.compile(rf"{_CELL}(?!\A{_NUMBER}\Z)(?='*{_START})")
_GUARDED = re.compile(rf"{_CELL}'(?='*{_START})")


def Column(  # noqa: N802
    words: str | None = None, *, style: str | None = None, size: bool = False, **limits: Any
) -> Any:
    """A column of a table: what it means, and the limits of its values as `pandera.Field` has them.

    Without words, the glossary has them. `style` names the rounding of its numbers on the page, of
    `livingreview.base.rounding.STYLES`; a number without one is not printed. `size`: whether it
    says how large a pooled effect is, so that it is no result where `size_learnt` is false.
    """
    return pa.Field(description=words, metadata={"style": style, "size": size}, **limits)


# Columns by the kind of their quantity, which says how it is rounded. A share is of things that
# were counted: unlike a probability, it may be all or none.
Probability = partial(Column, style="percent", ge=0, le=1)
Share = partial(Column, style="share", ge=0, le=1)
Count = partial(Column, style="whole")
# Of an effect on its natural scale, and on that of the models; and of what compares two effects.
# How they are rounded hangs on the measure (`livingreview.base.measures.Measure.rounding`).
Effect = partial(Column, style="effect")
Theta = partial(Column, style="theta")


@dataclass(frozen=True)
class _File:
    """Name of a file. Pandera takes every attribute for a column unless it is a descriptor."""

    name: str

    def __get__(self, instance: object, owner: type) -> str:
        return self.name


class Table(pa.DataFrameModel):
    """Base of all tables between rules.

    Each names its file below the results folder of a review, with ``{outcome}`` in it where every
    outcome has its own: ``class Terms(Table, file="2_effects/{outcome}.csv")``.
    """

    file = _File("")

    class Config:
        """No column comes or goes unnoticed; numbers read from CSV are coerced."""

        strict = True
        coerce = True

    def __init_subclass__(cls, file: str = "", **options: Any):
        cls.file = _File(file)
        super().__init_subclass__(**options)

    @classmethod
    def columns(cls) -> list[str]:
        """Names of the columns, in their order."""
        return list(cls.to_schema().columns)

    @classmethod
    def style_of(cls, column: str) -> str | None:
        """Rounding of a column's numbers where they are printed; none if it declares none."""
        described = cls.to_schema().columns.get(column)
        return (described.metadata or {}).get("style") if described else None

    @classmethod
    def sizes(cls) -> list[str]:
        """Columns that say how large a pooled effect is; none without a column `size_learnt`."""
        columns = cls.to_schema().columns
        if "size_learnt" not in columns:
            return []
        return [name for name, column in columns.items() if (column.metadata or {}).get("size")]

    @classmethod
    def without_unlearnt_sizes(cls, frame: pd.DataFrame) -> pd.DataFrame:
        """The table for readers: sizes that the studies do not tell are left empty."""
        if not (sizes := cls.sizes()):
            return frame
        learnt = frame["size_learnt"].fillna(True).astype(bool)
        return frame.assign(**{name: frame[name].where(learnt) for name in sizes})

    @classmethod
    def frame(cls, rows: list[dict[str, Any]]) -> pd.DataFrame:
        """Rows as a frame with all columns of this table, even when there is no row."""
        return pd.DataFrame(rows, columns=cls.columns())

    @classmethod
    def read(cls, *paths: str | Path) -> pd.DataFrame:
        """Read what an earlier rule wrote, check that it still fits, and join it.

        Raises
        ------
        Stop
            If a file was changed or damaged since.
        """
        if len(paths) != 1:
            return pd.concat([cls.read(path) for path in paths])
        try:
            return cls.validate(cls.unchecked(paths[0]))
        except (pa.errors.SchemaError, pa.errors.SchemaErrors, ValueError) as error:
            raise damaged(paths[0], error) from None

    @classmethod
    def unchecked(cls, path: str | Path) -> pd.DataFrame:
        """What stands in a file, texts as texts, whether or not it still fits.

        A text such as `0.80` stays as it was written, also where a whole column looks like numbers,
        and a moderator's level `true` remains one. Whole numbers stay whole where some are missing.
        """
        read = partial(pd.read_csv, path, keep_default_na=False, na_values=[""])
        header = read(nrows=0)
        texts = {
            name: str
            for column in cls.to_schema().columns.values()
            if column.dtype in (TEXT, ANYTHING)
            for name in header
            if (re.search(column.name, name) if column.regex else name == column.name)
        }
        frame = as_meant(read(dtype=texts))
        whole = [name for name in frame if cls._is_whole(str(name)) and _all_whole(frame[name])]
        return frame.astype(dict.fromkeys(whole, "Int64"))

    @classmethod
    def _is_whole(cls, column: str) -> bool:
        """Whether a column has whole numbers, some of which may be missing."""
        described = cls.to_schema().columns.get(column)
        return described is not None and described.dtype == WHOLE

    @classmethod
    def read_by_outcome(cls, paths: Iterable[str | Path]) -> dict[str, pd.DataFrame]:
        """Read files that are named after their outcomes."""
        return {Path(path).name.partition(".")[0]: cls.read(path) for path in paths}

    @classmethod
    def write(cls, path: str | Path, frame: pd.DataFrame) -> None:
        """Check a table and write it, whole or not at all.

        Texts that a spreadsheet would take for formulas get a quote before them.

        Raises
        ------
        pandera.errors.SchemaError
            If a column is missing, unknown, or out of bounds.
        """
        frame = _with_texts(cls.validate(frame), lambda text: _FORMULA.sub("'", text))
        with replacing(path) as aside:
            frame.to_csv(aside, index=False, lineterminator="\n")


def _all_whole(column: pd.Series) -> bool:
    """Whether all cells that are not empty are whole numbers."""
    return bool(pd.api.types.is_numeric_dtype(column) and (column.dropna() % 1 == 0).all())


def as_meant(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame as it was before `Table.write` guarded its texts."""
    return _with_texts(frame, lambda text: _GUARDED.sub("", text))


def _with_texts(frame: pd.DataFrame, change: Callable[[str], str]) -> pd.DataFrame:
    """The frame with every text changed."""
    columns = frame.select_dtypes(["object", "str"]).columns
    changed = {
        name: frame[name].map(lambda cell: change(cell) if isinstance(cell, str) else cell)
        for name in columns
    }
    return frame.assign(**changed)
