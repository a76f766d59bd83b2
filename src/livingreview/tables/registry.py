"""All tables among the results of a review, by their files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from livingreview.tables import (
    checks,
    effects,
    models,
    readers,
    records,
    report,
    sensitivity,
    synthesis,
    updates,
)
from livingreview.tables.table import Table

STAGES = (records, effects, models, checks, synthesis, sensitivity, report, readers, updates)
TABLES: dict[str, type[Table]] = {
    table.file: table
    for stage in STAGES
    for table in vars(stage).values()
    if isinstance(table, type) and issubclass(table, Table) and table.file
}


def table_of(file: str) -> type[Table]:
    """Class of the table in a file below the results folder.

    Raises
    ------
    KeyError
        If there is no such table.
    """
    folder, name = file.rsplit("/", 1)
    of_outcome = name.partition(".")[2]
    by_outcome = f"{folder}/{{outcome}}.{of_outcome}"
    # Else it may have the rows of one outcome of a table of all.
    return TABLES.get(file) or TABLES.get(by_outcome) or TABLES[f"{folder}/{of_outcome}"]


def table_in(path: Path) -> type[Table]:
    """Class of the table at a path.

    Raises
    ------
    KeyError
        If there is no such table.
    """
    folder = 3 if path.parts[-2] == "tables" else 2
    return table_of("/".join(path.parts[-folder:]))


def style_of(file: str, column: str) -> str | None:
    """Rounding of a column's numbers where they are printed; none if the table declares none."""
    return table_of(file).style_of(column)


def read_results(paths: Iterable[str | Path]) -> dict[str, pd.DataFrame]:
    """Read those files that are tables, by their names below the results folder."""
    files = {"/".join(Path(path).parts[-2:]): path for path in paths}
    return {
        file: table_of(file).read(path) for file, path in files.items() if file.endswith(".csv")
    }
