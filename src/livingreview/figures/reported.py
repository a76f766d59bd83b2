"""What each study reported by itself, on the scale of θ."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd

from livingreview.base.measures import Measure
from livingreview.effects.forms.registry import FORMS

REPORTED_COLUMNS = ["effect_id", "centre", "low", "high", "sizes", "numbers", "assumption"]


def reported_table(terms: pd.DataFrame, baseline: float, measure: Measure) -> pd.DataFrame:
    """One row per analysed effect: its own interval, before any pooling.

    Parameters
    ----------
    terms : DataFrame
        Rows of `livingreview.tables.effects.Terms` of one outcome; may be empty.
    baseline : float
        Control probability at the centre of the prior behind a finding.
    measure : Measure

    Returns
    -------
    DataFrame
        Columns `REPORTED_COLUMNS`, by ``effect_id``. `centre` is empty for a
        finding, whose `low` and `high` bound what the statement allows and may be
        infinite; else `low` and `high` are the 95% interval. A test whose z no odds
        ratio gives at the baseline is drawn as the finding that it amounts to. `numbers`
        holds reported numbers as words, `sizes` the group sizes.
    """
    controls = terms[terms["treated"] == 0].set_index("baseline_id").to_dict("index")
    rows = []
    for term in terms.dropna(subset="effect_id").to_dict("records"):
        control = controls.get(term["baseline_id"])
        shown = FORMS[term["likelihood"]].shown(term, control, baseline)
        if shown.numbers is None and not math.isnan(shown.centre):
            centre, low, high = map(measure.natural, (shown.centre, shown.low, shown.high))
            numbers = f"{measure.phrase} {measure.number(centre)} ({measure.interval(low, high)})"
            shown = replace(shown, numbers=numbers)
        rows.append(
            {"effect_id": term["effect_id"], "assumption": term["assumption"], **vars(shown)}
        )
    return pd.DataFrame(rows, columns=REPORTED_COLUMNS).set_index("effect_id")
