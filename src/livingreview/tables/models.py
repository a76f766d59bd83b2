"""Tables of stage 3: models fitted, and posteriors of pooled quantities."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series

from livingreview.tables.table import PROBABILITY, Table


class Models(Table, file="3_models/{outcome}.models.csv"):
    """One row per model and outcome: fitted to how many studies, or refused and why."""

    outcome: Series[str]
    model: Series[str]
    status: Series[str] = pa.Field(isin=["fitted", "refused"], description="Whether it was fitted.")
    reason: Series[str] = pa.Field(
        nullable=True, description="Why it was refused, or which moderators it goes without."
    )
    studies: Series[int] = pa.Field(ge=0)
    left_out: Series[str] = pa.Field(
        nullable=True, description="Studies whose moderators are not known, or without numbers."
    )


class Integrated(Table, file="3_models/quadrature.models.csv"):
    """One row per fit: whether numerical integration could answer it."""

    fit: Series[str]
    status: Series[str] = pa.Field(isin=["answered", "refused"])
    reason: Series[str] = pa.Field(nullable=True)
    movement: Series[float] = pa.Field(
        nullable=True, ge=0, description="Largest move of a quantile at the last refinement."
    )


class Pooled(Table, file="5_synthesis/pooled.csv"):
    """One row per fit, engine and quantity, on the log odds ratio scale."""

    fit: Series[str]
    outcome: Series[str]
    model: Series[str]
    engine: Series[str] = pa.Field(
        isin=["nuts", "quadrature"],
        description="Sampling (`nuts`) or numerical integration (`quadrature`).",
    )
    quantity: Series[str]
    mean: Series[float]
    sd: Series[float] = pa.Field(ge=0)
    q2_5: Series[float]
    q5: Series[float]
    q50: Series[float]
    q95: Series[float]
    q97_5: Series[float]
    p_above_zero: Series[float] = pa.Field(**PROBABILITY)
    p_below_zero: Series[float] = pa.Field(**PROBABILITY)
    p_practically_none: Series[float] = pa.Field(**PROBABILITY)
    ess_bulk: Series[float] = pa.Field(nullable=True)
    ess_tail: Series[float] = pa.Field(nullable=True)
    r_hat: Series[float] = pa.Field(nullable=True)


class IntegratedPooled(Pooled, file="3_models/quadrature.csv"):
    """One row per fit, engine and quantity, on the log odds ratio scale."""
