"""Tables of stage 3: models fitted, and posteriors of pooled quantities."""

from __future__ import annotations

from pandera.typing import Series

from livingreview.tables.table import PROBABILITY, Column, Table


class Models(Table, file="3_models/{outcome}.models.csv"):
    """One row per model and outcome: fitted to how many studies, or refused and why."""

    outcome: Series[str]
    model: Series[str]
    status: Series[str] = Column("Whether it was fitted.", isin=["fitted", "refused"])
    reason: Series[str] = Column(
        "Why it was refused, or which moderators it goes without.", nullable=True
    )
    studies: Series[int] = Column(ge=0)
    left_out: Series[str] = Column(
        "Studies whose moderators are not known, or without numbers.", nullable=True
    )


class IntegratedFits(Table, file="3_models/quadrature.models.csv"):
    """One row per fit: whether numerical integration could answer it."""

    fit: Series[str]
    status: Series[str] = Column(isin=["answered", "refused"])
    reason: Series[str] = Column(nullable=True)
    movement: Series[float] = Column(
        "Largest move of a quantile at the last refinement.", nullable=True, ge=0
    )


class Pooled(Table, file="5_synthesis/pooled.csv"):
    """One row per fit, engine and quantity, on the log odds ratio scale."""

    fit: Series[str]
    outcome: Series[str]
    model: Series[str]
    engine: Series[str] = Column(
        "Sampling (`nuts`) or numerical integration (`quadrature`).", isin=["nuts", "quadrature"]
    )
    quantity: Series[str]
    mean: Series[float]
    sd: Series[float] = Column(ge=0)
    q2_5: Series[float]
    q5: Series[float]
    q50: Series[float]
    q95: Series[float]
    q97_5: Series[float]
    p_above_zero: Series[float] = Column(**PROBABILITY)
    p_below_zero: Series[float] = Column(**PROBABILITY)
    p_practically_none: Series[float] = Column(**PROBABILITY)
    ess_bulk: Series[float] = Column(nullable=True)
    ess_tail: Series[float] = Column(nullable=True)
    r_hat: Series[float] = Column(nullable=True)


class IntegratedPooled(Pooled, file="3_models/quadrature.csv"):
    """One row per fit, engine and quantity, on the log odds ratio scale."""
