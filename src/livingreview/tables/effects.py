"""Tables of stage 2: terms of the likelihood."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series

from livingreview.tables.base import Table


class Terms(Table):
    """One row per likelihood term."""

    term_id: Series[str] = pa.Field(unique=True)
    effect_id: Series[str] = pa.Field(nullable=True, description="Empty for a control arm.")
    study_id: Series[str]
    outcome: Series[str]
    kind: Series[str]
    alternative: Series[str]
    likelihood: Series[str] = pa.Field(isin=["binomial", "normal", "interval"])
    baseline_id: Series[str] = pa.Field(nullable=True)
    arm: Series[str] = pa.Field(nullable=True)
    treated: Series[float] = pa.Field(nullable=True, isin=[0, 1])
    events: Series[float] = pa.Field(nullable=True, ge=0)
    total: Series[float] = pa.Field(
        nullable=True, gt=0, description="Effective people, where clusters were assigned."
    )
    log_odds_ratio: Series[float] = pa.Field(nullable=True)
    standard_error: Series[float] = pa.Field(nullable=True, gt=0)
    z_low: Series[float] = pa.Field(nullable=True)
    z_high: Series[float] = pa.Field(nullable=True)
    n_treated: Series[float] = pa.Field(nullable=True, gt=0)
    n_control: Series[float] = pa.Field(nullable=True, gt=0)
    assumption: Series[str] = pa.Field(nullable=True)
    formula: Series[str]


class AlternativeTerms(Terms):
    """One row per likelihood term of a route that is not the one analysed."""

    term_id: Series[str] = pa.Field(description="As in `Terms`; once per route.")
    of_effect: Series[str]
    piece: Series[int] = pa.Field(ge=0)
    choice: Series[str] = pa.Field(description="Alternative that names the route in its piece.")
