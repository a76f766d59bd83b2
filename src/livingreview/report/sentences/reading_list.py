"""What to read next: the full texts worth ordering first, as rows and sentences of the page."""

from __future__ import annotations

from typing import Any

from livingreview.protocol.review import Protocol
from livingreview.report.claims import Claims, Sentences
from livingreview.report.study_records import study_labels
from livingreview.tables.records import Effects
from livingreview.tables.sensitivity import ReadingList

ON_RECORD = {
    "finding": "a finding",
    "finding_without_sizes": "a finding, group sizes not known",
    "number_without_sizes": "a number, group sizes not known",
    "not_usable": "nothing that can be used",
    "awaiting_data": "nothing yet",
}
FIRST = 3
KEYS = ("effect_id",)


def reading_sentences(claims: Claims) -> Sentences:
    """The studies to read first; nothing where no full text is waited for."""
    labels = study_labels(claims)
    rows = claims.rows(ReadingList.file, KEYS)
    first = {
        row["study_id"]: row
        for row in rows
        if row["rank"] <= FIRST and row["study_width_ratio"] < 1
    }
    named = "; ".join(
        f"{labels[study]} ({row.study_width_ratio}; {row.study_p_verdict_changes})"
        for study, row in first.items()
    )
    if named:
        text = (
            f"Read first: {named}. In brackets: how wide intervals would then be, as a share of"
            " today's; and how probable it is that a verdict changes."
        )
    elif any(row.has("width_ratio") for row in rows):
        text = "No full text is expected to narrow the intervals."
    else:
        text = "What full texts would do is not simulated; the table says why." if rows else ""
    return claims.sentences(first=text)


def reading_rows(claims: Claims, protocol: Protocol) -> list[dict[str, Any]]:
    """Rows of the table: one per effect, with numbers or a reason why there are none."""
    labels = study_labels(claims)
    several = set(claims.tables[Effects.file].dropna(subset="effect_label")["effect_id"])
    rows = []
    for row in claims.rows(ReadingList.file, KEYS):
        numbers = ["width_ratio", "width_ratio_low", "width_ratio_high", "p_widens"]
        numbers += ["p_verdict_changes"]
        told = numbers if row.has("width_ratio") else ["reason"]
        rows.append(
            {
                "study": labels[row["study_id"]],
                "effect": claims.row(Effects.file, effect_id=row["effect_id"]).effect_label
                if row["effect_id"] in several
                else None,
                "outcome": protocol.outcomes[row["outcome"]].label,
                "on_record": ON_RECORD[row["on_record"]],
                **row.claimed("rank", "p_given", *told),
            }
        )
    return rows
