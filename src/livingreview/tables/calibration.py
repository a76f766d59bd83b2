"""Tables of calibration."""

from __future__ import annotations

from pandera.typing import Series

from livingreview.tables.table import PROBABILITY, Column, Table


class Ranks(Table):
    """One row per data set and quantity of a calibration."""

    case: Series[str]
    data_set: Series[int] = Column(ge=0)
    quantity: Series[str]
    rank: Series[int] = Column("Posterior draws below the truth.", ge=0)
    divergences: Series[int] = Column(ge=0)


class Calibration(Table):
    """One row per case and quantity of a calibration."""

    case: Series[str]
    quantity: Series[str]
    data_sets: Series[int] = Column(ge=1)
    mean_rank: Series[float] = Column(
        "Mean rank of the truth among the draws, as a share; half when unbiased.", **PROBABILITY
    )
    p_value: Series[float] = Column(**PROBABILITY)
    calibrated: Series[bool]


class PlacedTruths(Table):
    """One row per data set and quantity of the quadrature engine's calibration."""

    case: Series[str]
    data_set: Series[int] = Column(ge=0)
    quantity: Series[str]
    interval: Series[int] = Column("Reported quantiles below the truth.", ge=0, le=5)


class QuadratureCalibration(Table):
    """One row per case and quantity of the quadrature engine's calibration."""

    case: Series[str]
    quantity: Series[str]
    data_sets: Series[int] = Column(ge=1)
    within_95: Series[float] = Column("Truths within the 95% interval.", **PROBABILITY)
    within_90: Series[float] = Column("Truths within the 90% interval.", **PROBABILITY)
    p_value: Series[float] = Column(**PROBABILITY)
    calibrated: Series[bool]
