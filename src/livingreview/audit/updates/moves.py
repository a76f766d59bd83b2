"""How each published result moved since the last release."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from livingreview.audit.updates.comparison import Comparison
from livingreview.audit.updates.states import State, VerdictReached
from livingreview.protocol.models import OVERALL
from livingreview.tables.updates import Moves

_OF_BOTH = (
    "studies",
    "odds_ratio",
    "odds_ratio_low",
    "odds_ratio_high",
    "tau",
    "p_more",
    "verdict",
    "verdict_words",
)


def moves(comparison: Comparison, not_explained: dict[str, str | None]) -> pd.DataFrame:
    """One row per fit and setting of either state.

    Parameters
    ----------
    comparison : Comparison
    not_explained : dict
        By outcome: why the move of its overall fit has no attribution; None where it has.

    Returns
    -------
    DataFrame
        Columns of `livingreview.tables.updates.Moves`. Those that only the release has
        come last.
    """
    old, new = _by_fit(comparison.before), _by_fit(comparison.after)
    rows = []
    for key in dict.fromkeys([*new, *old]):
        before, after = old.get(key), new.get(key)
        of = after or before
        assert of is not None
        row: dict[str, Any] = {
            "fit": of.fit,
            "outcome": of.outcome,
            "model": of.model,
            "setting": of.setting,
            "status": "both" if before and after else "new" if after else "gone",
        }
        for suffix, side in (("before", before), ("after", after)):
            for name in _OF_BOTH:
                row[f"{name}_{suffix}"] = getattr(side, name) if side else None
            row[f"mu_{suffix}"] = math.log(side.odds_ratio) if side else None
        for name in ("mu", "tau"):
            both = before and after
            row[f"{name}_move"] = row[f"{name}_after"] - row[f"{name}_before"] if both else None
        row["verdict_changed"] = row["verdict_words_before"] != row["verdict_words_after"]
        row["not_explained"] = not_explained.get(of.outcome) if of.model == OVERALL else None
        rows.append(row)
    return Moves.frame(rows)


def _by_fit(state: State) -> dict[tuple[str, str], VerdictReached]:
    return {(verdict.fit, verdict.setting): verdict for verdict in state.verdicts}
