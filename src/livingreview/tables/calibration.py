"""Tables of calibration."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing import Series

from livingreview.tables.table import PROBABILITY, Table


class Ranks(Table):
    """One row per data set and quantity of a calibration."""

    case: Series[str]
    data_set: Series[int] = pa.Field(ge=0)
    quantity: Series[str]
    rank: Series[int] = pa.Field(ge=0, description="Posterior draws below the truth.")
    divergences: Series[int] = pa.Field(ge=0)


class Calibration(Table):
    """One row per case and quantity of a calibration."""

    case: Series[str]
    quantity: Series[str]
    data_sets: Series[int] = pa.Field(ge=1)
    mean_rank: Series[float] = pa.Field(
        **PROBABILITY,
        description="Mean rank of the truth among the draws, as a share; half when unbiased.",
    )
    p_value: Series[float] = pa.Field(**PROBABILITY)
    calibrated: Series[bool]


class PlacedTruths(Table):
    """One row per data set and quantity of the quadrature engine's calibration."""

    case: Series[str]
    data_set: Series[int] = pa.Field(ge=0)
    quantity: Series[str]
    interval: Series[int] = pa.Field(ge=0, le=5, description="Reported quantiles below the truth.")


class QuadratureCalibration(Table):
    """One row per case and quantity of the quadrature engine's calibration."""

    case: Series[str]
    quantity: Series[str]
    data_sets: Series[int] = pa.Field(ge=1)
    within_95: Series[float] = pa.Field(
        description="Truths within the 95% interval.", **PROBABILITY
    )
    within_90: Series[float] = pa.Field(
        description="Truths within the 90% interval.", **PROBABILITY
    )
    p_value: Series[float] = pa.Field(**PROBABILITY)
    calibrated: Series[bool]
