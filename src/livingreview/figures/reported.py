"""What each study reported by itself, on the log odds ratio scale."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from livingreview.base.rounding import significant
from livingreview.figures.wording import interval_text
from livingreview.records.evidence.ranges import Range
from livingreview.records.evidence.statements import SIGNIFICANT_Z, z_interval
from livingreview.records.evidence.two_by_two import (
    log_odds_ratio,
    log_odds_ratio_at,
    standard_error_at,
)

REPORTED_COLUMNS = ["effect_id", "centre", "low", "high", "sizes", "numbers", "assumption"]


def reported_table(terms: pd.DataFrame, baseline: float) -> pd.DataFrame:
    """One row per analysed effect: its own interval, before any pooling.

    Parameters
    ----------
    terms : DataFrame
        Rows of `livingreview.tables.effects.Terms` of one outcome; may be empty.
    baseline : float
        Control probability at the centre of the prior behind a finding.

    Returns
    -------
    DataFrame
        Columns `REPORTED_COLUMNS`, by ``effect_id``. `centre` is empty for a
        finding, whose `low` and `high` bound what the statement allows and may be
        infinite; else `low` and `high` are the 95% interval. A test whose z no odds
        ratio gives at the baseline is drawn as the finding that it amounts to. `numbers`
        holds reported numbers as words, `sizes` the group sizes.
    """
    rows = [_row(term, terms, baseline) for _, term in terms.dropna(subset="effect_id").iterrows()]
    return pd.DataFrame(rows, columns=REPORTED_COLUMNS).set_index("effect_id")


def _row(term: pd.Series, terms: pd.DataFrame, baseline: float) -> dict[str, Any]:
    sizes = numbers = None
    match term["likelihood"]:
        case "interval":
            n = (term["n_treated"], term["n_control"])
            stated = Range(term["z_low"], term["z_high"])
            if term["kind"] == "finding":
                interval = _interval_of_statement(stated, n, baseline)
            else:
                z = (stated.low + stated.high) / 2
                interval = _interval_of_z(z, n, baseline)
                numbers = f"z = {significant(z)}".replace("-", "−")
            # Halves of an odd total, and shares of one: people stay whole, and as many.
            sizes = f"{math.ceil(n[0])} + {math.floor(n[1])}"
        case "binomial":
            shared = terms[(terms["baseline_id"] == term["baseline_id"]) & (terms["treated"] == 0)]
            arms = [(arm["events"], arm["total"]) for arm in (term, shared.iloc[0])]
            interval = _interval(*log_odds_ratio(*arms[0], *arms[1]))
            # Effective events and people of a clustered study have decimals; one is shown.
            numbers = " against ".join(f"{round(e, 1):.10g} of {round(n, 1):.10g}" for e, n in arms)
        case _:
            interval = _interval(term["value"], term["standard_error"])
            centre, low, high = map(math.exp, interval)
            numbers = f"odds ratio {significant(centre)} ({interval_text(low, high)})"
    known = (term["effect_id"], *interval, sizes, numbers, term["assumption"])
    return dict(zip(REPORTED_COLUMNS, known, strict=True))


def _interval(centre: float, error: float) -> tuple[float, float, float]:
    """Centre and 95% interval of a normal estimate."""
    return centre, centre - SIGNIFICANT_Z * error, centre + SIGNIFICANT_Z * error


def _interval_of_statement(
    z: Range, n: tuple[float, float], baseline: float
) -> tuple[float, float, float]:
    """No centre, and the log odds ratios at the bounds of z."""
    low, high = (log_odds_ratio_at(bound, *n, baseline) for bound in (z.low, z.high))
    return math.nan, low, high


def _interval_of_z(z: float, n: tuple[float, float], baseline: float) -> tuple[float, float, float]:
    """Log odds ratio that gives z, and its 95% interval; else as a statement."""
    centre = log_odds_ratio_at(z, *n, baseline)
    if math.isfinite(centre):
        return _interval(centre, standard_error_at(centre, *n, baseline))
    direction = "increase" if z > 0 else "decrease"
    significance = "significant" if abs(z) > SIGNIFICANT_Z else "not_significant"
    stated = z_interval(direction, significance)
    assert stated is not None
    return _interval_of_statement(stated, n, baseline)
