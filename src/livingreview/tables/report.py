"""Tables of stage 8: what the report claims."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series

from livingreview.tables.base import Table


class ClaimsTable(Table):
    """One row per number or verdict printed in the report."""

    id: Series[str] = pa.Field(unique=True, description="Anchor on the page.")
    text: Series[str] = pa.Field(description="As printed.")
    value: Series[str] = pa.Field(description="As in the file, unrounded.")
    file: Series[str] = pa.Field(description="Result file below the review's results folder.")
    row: Series[str] = pa.Field(description="Key columns of the row, or the rows counted.")
    column: Series[str] = pa.Field(description="Column of the file; `*` for counts of rows.")
    style: Series[str] = pa.Field(description="Name of the rounding.")
