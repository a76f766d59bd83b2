"""Tables of stage 8: what the report claims, and how good the evidence is by dimension."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series

from livingreview.tables.table import Table


class ClaimsTable(Table, file="8_report/claims.csv"):
    """One row per number or verdict printed in the report."""

    id: Series[str] = pa.Field(unique=True, description="Anchor on the page.")
    text: Series[str] = pa.Field(description="As printed.")
    value: Series[str] = pa.Field(description="As in the file, unrounded.")
    file_: Series[str] = pa.Field(
        alias="file", description="Result file below the review's results folder."
    )
    row: Series[str] = pa.Field(description="Key columns of the row, or the rows counted.")
    column: Series[str] = pa.Field(description="Column of the file; `*` for counts of rows.")
    style: Series[str] = pa.Field(description="Name of the rounding.")


class EmmieItems(Table, file="8_report/emmie.csv"):
    """One row per checkable item of the quality of evidence, by EMMIE dimension."""

    dimension: Series[str] = pa.Field(
        isin=["effect", "mechanism", "moderators", "implementation", "economics"],
        description="What the item is about.",
    )
    item: Series[str] = pa.Field(description="Name of the item; unique in its dimension.")
    question: Series[str] = pa.Field(description="Such that yes is better.")
    basis: Series[str] = pa.Field(
        isin=["computed", "read"],
        description="Computed from the results, or read in a source that the narrative names.",
    )
    met: Series[int] = pa.Field(ge=0, description="Of how many things the answer is yes.")
    of: Series[int] = pa.Field(ge=0, description="How many things were asked about.")
    things: Series[str] = pa.Field(nullable=True, description="What was counted; empty if read.")
    answer: Series[str] = pa.Field(
        isin=["yes", "in_part", "no", "nothing_to_judge"],
        description="Yes of all things, of some, of none; or there was none.",
    )
    answer_words: Series[str] = pa.Field(description="The answer as the report words it.")
    file_: Series[str] = pa.Field(
        alias="file",
        description="Result files that it was counted in, or the page that it was read on.",
    )
