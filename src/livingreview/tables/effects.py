"""Tables of stage 2: terms of the likelihood."""

from __future__ import annotations

import pandas as pd
from pandera.typing import Series

from livingreview.tables.table import Column, Table


class StudyModerators(Table, file="2_effects/{outcome}.moderators.csv"):
    """One row per study with a term on the outcome, in the order of their first terms."""

    study_id: Series[str] = Column(unique=True)
    moderators: Series[object] = Column(
        "Empty when not known.", alias="^moderator_", regex=True, nullable=True
    )

    @classmethod
    def of(cls, studies: pd.DataFrame, terms: pd.DataFrame) -> pd.DataFrame:
        """Rows and columns of `livingreview.tables.records.Studies` that these terms need."""
        carried = studies.set_index("study_id", drop=False).loc[terms["study_id"].unique()]
        return carried.filter(regex="^study_id$|^moderator_")


class Terms(Table, file="2_effects/{outcome}.csv"):
    """One row per likelihood term."""

    term_id: Series[str] = Column("Name of the likelihood term.", unique=True)
    effect_id: Series[str] = Column("Empty for a control arm.", nullable=True)
    study_id: Series[str]
    outcome: Series[str]
    kind: Series[str] = Column("Kind of the evidence.")
    alternative: Series[str] = Column("Sizes, counts or uncertainty measure taken.")
    likelihood: Series[str] = Column(
        "Form of the likelihood.", isin=["binomial", "normal", "interval"]
    )
    baseline_id: Series[str] = Column(
        "Terms with the same name share a control arm baseline.", nullable=True
    )
    arm: Series[str] = Column("Name of the arm, for counts.", nullable=True)
    treated: Series[float] = Column(
        "1 for a treated arm, 0 for a control arm.", nullable=True, isin=[0, 1]
    )
    events: Series[float] = Column("People with the outcome.", nullable=True, ge=0)
    total: Series[float] = Column(
        "Effective people, where clusters were assigned.", nullable=True, gt=0
    )
    log_odds_ratio: Series[float] = Column(
        "Reported effect; empty unless the likelihood is normal.", nullable=True
    )
    standard_error: Series[float] = Column("Of that log odds ratio.", nullable=True, gt=0)
    z_low: Series[float] = Column("Lower bound that the statement puts on z.", nullable=True)
    z_high: Series[float] = Column("Upper bound that the statement puts on z.", nullable=True)
    n_treated: Series[float] = Column(
        "People in the treated arm, for statements.", nullable=True, gt=0
    )
    n_control: Series[float] = Column(
        "People in the control arm, for statements.", nullable=True, gt=0
    )
    assumption: Series[str] = Column(nullable=True)
    formula: Series[str]


class AlternativeTerms(Terms, file="2_effects/alternatives.csv"):
    """One row per likelihood term of a route that is not the one analysed."""

    term_id: Series[str] = Column("As in `Terms`; once per route.")
    of_effect: Series[str] = Column("Effect that the route belongs to.")
    piece: Series[int] = Column("Position of the evidence in the record.", ge=0)
    choice: Series[str] = Column("Alternative that names the route in its piece.")
