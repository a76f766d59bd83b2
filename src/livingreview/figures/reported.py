"""What each study reported by itself, on the log odds ratio scale."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from livingreview.claims import significant
from livingreview.evidence import SIGNIFICANT_Z, log_odds_ratio
from livingreview.figures.wording import interval_text
from livingreview.findings import log_odds_ratio_at
from livingreview.records import ArmCounts

REPORTED_COLUMNS = ("effect_id", "centre", "low", "high", "sizes", "numbers", "assumption")


def reported_table(terms: pd.DataFrame, baseline: float) -> pd.DataFrame:
    """One row per analysed effect: its own interval, before any pooling.

    Parameters
    ----------
    terms : DataFrame
        Rows of `livingreview.tables.Terms` of one outcome; may be empty.
    baseline : float
        Control probability at the centre of the prior behind a finding.

    Returns
    -------
    DataFrame
        Columns `REPORTED_COLUMNS`, by ``effect_id``. `centre` is empty for a
        finding, whose `low` and `high` bound what the statement allows and may be
        infinite; else `low` and `high` are the 95% interval. `numbers` holds
        reported numbers as words, `sizes` the group sizes.
    """
    rows = [_row(term, terms, baseline) for _, term in terms.dropna(subset="effect_id").iterrows()]
    return pd.DataFrame(rows, columns=list(REPORTED_COLUMNS)).set_index("effect_id")


def _row(term: pd.Series, terms: pd.DataFrame, baseline: float) -> dict[str, Any]:
    row = {"effect_id": term["effect_id"], "assumption": term["assumption"]}
    sizes = None
    match term["likelihood"]:
        case "interval":
            n = (term["n_treated"], term["n_control"])
            low, high = (log_odds_ratio_at(term[z], *n, baseline) for z in ("z_low", "z_high"))
            centre, numbers = math.nan, None
            # Halves of an odd total: the larger one first.
            sizes = f"{math.ceil(n[0])} + {math.floor(n[1])}"
        case "binomial":
            shared = terms[(terms["baseline_id"] == term["baseline_id"]) & (terms["treated"] == 0)]
            treated, control = _arm(term), _arm(shared.iloc[0])
            centre, error = log_odds_ratio(treated, control)
            low, high = centre - SIGNIFICANT_Z * error, centre + SIGNIFICANT_Z * error
            numbers = (
                f"{treated.events} of {treated.total} against {control.events} of {control.total}"
            )
        case _:
            centre, error = term["log_odds_ratio"], term["standard_error"]
            low, high = centre - SIGNIFICANT_Z * error, centre + SIGNIFICANT_Z * error
            interval = interval_text(math.exp(low), math.exp(high))
            numbers = f"odds ratio {significant(math.exp(centre))} ({interval})"
    return row | {"centre": centre, "low": low, "high": high, "sizes": sizes, "numbers": numbers}


def _arm(term: pd.Series) -> ArmCounts:
    return ArmCounts(arm=term["arm"], events=int(term["events"]), total=int(term["total"]))
