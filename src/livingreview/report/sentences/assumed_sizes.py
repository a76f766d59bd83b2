"""What a printed size owes to groups whose size no source gives.

The rule on sizes counts the people behind effects with a number. Where no source gives how many
these are, it counts as many as a prior expects (docs/methods.md, "Direction and size").
"""

from __future__ import annotations

from livingreview.effects.design_matrix import ALL_STUDIES
from livingreview.protocol.models import OVERALL
from livingreview.report.claims import Claims
from livingreview.report.study_records import study_labels
from livingreview.tables.effects import Precision
from livingreview.tables.synthesis import SizesLearnt


def assumed_sizes(claims: Claims, outcome: str) -> str:
    """How many of the people counted are of a known number; nothing where all are, or none count.

    Where every effect is a number, the rule counts no people.
    """
    judged = claims.row(SizesLearnt.file, fit=f"{outcome}/{OVERALL}", setting=ALL_STUDIES)
    if judged["all_numbers"]:
        return ""
    file = Precision.file.format(outcome=outcome)
    unknown = claims.rows(file, ["effect_id"], people_known=False)
    if not unknown:
        return ""
    known = "none"
    if claims.has_rows(file, people_known=True):
        known = f"{claims.aggregate('sum', file, 'people', people_known=True)}"
    labels = study_labels(claims)
    numbers = [f"{row.claim('study_id', labels=labels)}" for row in unknown if row["has_number"]]
    among = f", {' and '.join(numbers)} with its number among them," if numbers else ""
    return (
        f"Of the {judged.people} people that this rests on, a source gives {known}; the other"
        f" groups{among} are assumed to be as large as a prior expects."
    )
