"""Stage 8: every column of every CSV file among the results, from the classes of the tables."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from livingreview.protocol.models import JOINT
from livingreview.protocol.review import Protocol
from livingreview.tables.models import Models
from livingreview.tables.readers import MODERATOR, RISK_OF_BIAS, DataDictionary
from livingreview.tables.registry import TABLES
from livingreview.tables.schema_summary import ColumnSummary, column_summaries, rows_of
from livingreview.tables.table import Table


def data_dictionary(protocol: Protocol) -> pd.DataFrame:
    """Describe every column, where outcomes, moderators and risks of bias name some of them."""
    rows = [
        {
            "file": file,
            "rows": rows_of(table),
            "column": name,
            "type": column.type,
            "allowed": column.allowed,
            "may_be_empty": column.nullable,
            "description": column.words,
        }
        for file, table in sorted(result_tables(protocol).items())
        for column in column_summaries(table)
        for name in _names(column, protocol)
    ]
    return DataDictionary.frame(rows)


def result_tables(protocol: Protocol) -> dict[str, type[Table]]:
    """Class of each table, by its file below the results folder."""
    joint = any(model.kind == JOINT for model in protocol.models.values())
    return {
        file.format(outcome=outcome): table
        for file, table in TABLES.items()
        for outcome in [*protocol.outcomes, *([JOINT] if joint and table is Models else [])]
    }


def _names(column: ColumnSummary, protocol: Protocol) -> Iterator[str]:
    """Names of the columns that a description is of."""
    if not column.many:
        yield column.name
        return
    endings: dict[str, list[str]] = {
        "moderator_": list(protocol.moderators),
        "risk_": list(protocol.risk_of_bias_domains),
        MODERATOR: [moderator.label for moderator in protocol.moderators.values()],
        RISK_OF_BIAS: list(protocol.risk_of_bias_domains.values()),
    }
    for ending in endings[column.name]:
        yield column.name + ending
