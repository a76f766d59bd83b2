"""Tables of calibration."""

from __future__ import annotations

from livingreview.tables.table import Column, Probability, Table


class Ranks(Table):
    """One row per data set and quantity of a calibration."""

    case: str
    data_set: int = Column(ge=0)
    quantity: str
    rank: int = Column("Posterior draws below the truth.", ge=0)
    divergences: int = Column(ge=0)


class Calibration(Table):
    """One row per case and quantity of a calibration."""

    case: str
    quantity: str
    data_sets: int = Column(ge=1)
    mean_rank: float = Probability(
        "Mean rank of the truth among the draws, as a share; half when unbiased."
    )
    p_value: float = Probability()
    calibrated: bool


class PlacedTruths(Table):
    """One row per data set and quantity of the quadrature engine's calibration."""

    case: str
    data_set: int = Column(ge=0)
    quantity: str
    interval: int = Column("Reported quantiles below the truth.", ge=0, le=5)


class QuadratureCalibration(Table):
    """One row per case and quantity of the quadrature engine's calibration."""

    case: str
    quantity: str
    data_sets: int = Column(ge=1)
    within_95: float = Probability("Truths within the 95% interval.")
    within_90: float = Probability("Truths within the 90% interval.")
    p_value: float = Probability()
    calibrated: bool
