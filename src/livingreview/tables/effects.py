"""Tables of stage 2: terms of the likelihood."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from livingreview.tables.table import Table


class StudyModerators(Table, file="2_effects/{outcome}.moderators.csv"):
    """One row per study with a term on the outcome, in the order of their first terms."""

    study_id: Series[str] = pa.Field(unique=True)
    moderators: Series[object] = pa.Field(
        alias="^moderator_", regex=True, nullable=True, description="Empty when not known."
    )

    @classmethod
    def of(cls, studies: pd.DataFrame, terms: pd.DataFrame) -> pd.DataFrame:
        """Rows and columns of `livingreview.tables.records.Studies` that these terms need."""
        carried = studies.set_index("study_id", drop=False).loc[terms["study_id"].unique()]
        return carried.filter(regex="^study_id$|^moderator_")


class Terms(Table, file="2_effects/{outcome}.csv"):
    """One row per likelihood term."""

    term_id: Series[str] = pa.Field(unique=True, description="Name of the likelihood term.")
    effect_id: Series[str] = pa.Field(nullable=True, description="Empty for a control arm.")
    study_id: Series[str]
    outcome: Series[str]
    kind: Series[str] = pa.Field(description="Kind of the evidence.")
    alternative: Series[str] = pa.Field(description="Sizes, counts or uncertainty measure taken.")
    likelihood: Series[str] = pa.Field(
        isin=["binomial", "normal", "interval"], description="Form of the likelihood."
    )
    baseline_id: Series[str] = pa.Field(
        nullable=True, description="Terms with the same name share a control arm baseline."
    )
    arm: Series[str] = pa.Field(nullable=True, description="Name of the arm, for counts.")
    treated: Series[float] = pa.Field(
        nullable=True, isin=[0, 1], description="1 for a treated arm, 0 for a control arm."
    )
    events: Series[float] = pa.Field(nullable=True, ge=0, description="People with the outcome.")
    total: Series[float] = pa.Field(
        nullable=True, gt=0, description="Effective people, where clusters were assigned."
    )
    log_odds_ratio: Series[float] = pa.Field(
        nullable=True, description="Reported effect; empty unless the likelihood is normal."
    )
    standard_error: Series[float] = pa.Field(
        nullable=True, gt=0, description="Of that log odds ratio."
    )
    z_low: Series[float] = pa.Field(
        nullable=True, description="Lower bound that the statement puts on z."
    )
    z_high: Series[float] = pa.Field(
        nullable=True, description="Upper bound that the statement puts on z."
    )
    n_treated: Series[float] = pa.Field(
        nullable=True, gt=0, description="People in the treated arm, for statements."
    )
    n_control: Series[float] = pa.Field(
        nullable=True, gt=0, description="People in the control arm, for statements."
    )
    assumption: Series[str] = pa.Field(nullable=True)
    formula: Series[str]


class AlternativeTerms(Terms, file="2_effects/alternatives.csv"):
    """One row per likelihood term of a route that is not the one analysed."""

    term_id: Series[str] = pa.Field(description="As in `Terms`; once per route.")
    of_effect: Series[str] = pa.Field(description="Effect that the route belongs to.")
    piece: Series[int] = pa.Field(ge=0, description="Position of the evidence in the record.")
    choice: Series[str] = pa.Field(description="Alternative that names the route in its piece.")
