"""Tables of stage 8: what the report claims, and how good the evidence is by dimension."""

from __future__ import annotations

from livingreview.tables.table import Column, Count, Table


class ClaimsTable(Table, file="8_report/claims.csv"):
    """One row per number or verdict printed in the report."""

    id: str = Column("Anchor on the page.", unique=True)
    text: str = Column("As printed.")
    value: str = Column("As in the file, unrounded.")
    file_: str = Column("Result file below the review's results folder.", alias="file")
    row: str = Column("Key columns of the row, or the rows counted.")
    column: str = Column("Column of the file; `*` for counts of rows.")
    style: str = Column("Name of the rounding.")


class EmmieItems(Table, file="8_report/emmie.csv"):
    """One row per checkable item of the quality of evidence, by EMMIE dimension."""

    dimension: str = Column(
        "What the item is about.",
        isin=["effect", "mechanism", "moderators", "implementation", "economics"],
    )
    item: str = Column("Name of the item; unique in its dimension.")
    question: str = Column("Such that yes is better.")
    basis: str = Column(
        "Computed from the results, or read in a source that the narrative names.",
        isin=["computed", "read"],
    )
    met: int = Count("Of how many things the answer is yes.", ge=0)
    of: int = Count("How many things were asked about.", ge=0)
    things: str = Column("What was counted; empty if read.", nullable=True)
    answer: str = Column(
        "Yes of all things, of some, of none; or there was none.",
        isin=["yes", "in_part", "no", "nothing_to_judge"],
    )
    answer_words: str = Column("The answer as the report words it.")
    file_: str = Column(
        "Result files that it was counted in, or the page that it was read on.", alias="file"
    )
