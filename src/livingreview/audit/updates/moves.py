"""How each published result moved since the last release."""

from __future__ import annotations

from typing import Any

import pandas as pd

from livingreview.audit.updates.comparison import Comparison
from livingreview.audit.updates.states import State, VerdictReached
from livingreview.base.measures import measure_of
from livingreview.protocol.models import OVERALL
from livingreview.tables.updates import Moves

_OF_BOTH = (
    "studies",
    "effect",
    "effect_low",
    "effect_high",
    "tau",
    "p_more",
    "verdict",
    "verdict_words",
)


def moves(comparison: Comparison, not_explained: dict[str, str | None]) -> pd.DataFrame:
    """One row per fit and setting of either state; those that only the release has come last.

    `not_explained` says for each outcome why the move of its overall fit has no attribution.
    Results of another measure cannot be compared, and are left out.
    """
    was, measure = measure_of(comparison.before.protocol), measure_of(comparison.after.protocol)
    comparable = (was.name, was.unit) == (measure.name, measure.unit)
    old, new = _by_fit(comparison.before) if comparable else {}, _by_fit(comparison.after)
    rows = []
    for key in dict.fromkeys([*new, *old]):
        before, after = old.get(key), new.get(key)
        either = after or before
        assert either is not None
        row: dict[str, Any] = {
            **either.model_dump(include={"fit", "outcome", "model", "setting"}),
            "status": "both" if before and after else "new" if after else "gone",
        }
        for suffix, side in (("before", before), ("after", after)):
            for name in _OF_BOTH:
                row[f"{name}_{suffix}"] = getattr(side, name) if side else None
            effect = side.effect if side else None
            row[f"mu_{suffix}"] = None if effect is None else float(measure.on_line(effect))
        for name in ("mu", "tau"):
            known = None not in (row[f"{name}_before"], row[f"{name}_after"])
            row[f"{name}_move"] = row[f"{name}_after"] - row[f"{name}_before"] if known else None
        row["verdict_changed"] = row["verdict_words_before"] != row["verdict_words_after"]
        overall = either.model == OVERALL
        row["not_explained"] = not_explained.get(either.outcome) if overall else None
        rows.append(row)
    return Moves.frame(rows)


def _by_fit(state: State) -> dict[tuple[str, str], VerdictReached]:
    return {(verdict.fit, verdict.setting): verdict for verdict in state.verdicts}
