"""Tables of stage 4: checks of every fit."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series

from livingreview.tables.base import Table


class Sampling(Table):
    """One row per fit and reported quantity, with its sampling diagnostics."""

    fit: Series[str]
    quantity: Series[str]
    r_hat: Series[float] = pa.Field(ge=0)
    ess_bulk: Series[float] = pa.Field(gt=0)
    ess_tail: Series[float] = pa.Field(gt=0)
    mcse_mean: Series[float] = pa.Field(ge=0)


class Parity(Table):
    """One row per statistic that both engines give."""

    fit: Series[str]
    quantity: Series[str]
    statistic: Series[str]
    nuts: Series[float]
    quadrature: Series[float]
    mcse: Series[float] = pa.Field(ge=0, description="Monte Carlo standard error of the sampler.")
    errors_apart: Series[float] = pa.Field(
        ge=0, description="Difference in such errors; of a quantile, in errors of its level."
    )
    agrees: Series[bool]


class Checks(Table):
    """One row per check."""

    check: Series[str]
    fit: Series[str]
    quantity: Series[str] = pa.Field(description="The worst one.")
    value: Series[float] = pa.Field(nullable=True)
    threshold: Series[float]
    passed: Series[bool]
    file: Series[str] = pa.Field(description="Table that holds the figures behind the check.")
