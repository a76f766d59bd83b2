"""Tables of stage 3: models fitted, and posteriors of pooled quantities."""

from __future__ import annotations

import pandas as pd

from livingreview.tables.table import Column, Count, Probability, Table, Theta


class Models(Table, file="3_models/{outcome}.models.csv"):
    """One row per model and outcome: fitted to how many studies, or refused and why."""

    outcome: str
    model: str
    status: str = Column("Whether it was fitted.", isin=["fitted", "refused"])
    engine: str = Column(
        "Sampling (`nuts`); or `quadrature`, of an outcome with too many studies to sample: its"
        " posterior was integrated, and independent draws of it stand in the place of a sampler's."
        " Empty where it was refused.",
        isin=["nuts", "quadrature"],
        nullable=True,
    )
    reason: str = Column("Why it was refused, or which moderators it goes without.", nullable=True)
    studies: int = Column(ge=0)
    left_out: str = Column(
        "Studies whose moderators are not known, or without numbers.", nullable=True
    )


class IntegratedFits(Table, file="3_models/quadrature.models.csv"):
    """One row per fit: whether numerical integration could answer it."""

    fit: str
    status: str = Column(isin=["answered", "refused"])
    reason: str = Column(nullable=True)
    movement: float = Column(
        "Largest move of a quantile at the last refinement.", nullable=True, ge=0
    )


class _Posterior(Table):
    """One row per fit, engine and quantity, on the scale of θ."""

    fit: str
    outcome: str
    model: str
    engine: str = Column(
        "Sampling (`nuts`) or numerical integration (`quadrature`).", isin=["nuts", "quadrature"]
    )
    quantity: str
    mean: float
    sd: float = Column(ge=0)
    q2_5: float = Theta()
    q5: float
    q50: float = Theta()
    q95: float
    q97_5: float = Theta()
    p_above_zero: float = Probability()
    p_below_zero: float = Probability()
    p_practically_none: float = Probability()
    ess_bulk: float = Column(nullable=True)
    ess_tail: float = Column(nullable=True)
    r_hat: float = Column(nullable=True)


class Pooled(_Posterior, file="5_synthesis/pooled.csv"):
    """One row per fit, engine and quantity, on the scale of θ."""

    size_learnt: pd.BooleanDtype = Column(
        "Whether the size of a pooled effect is learnt from the studies, by the protocol's rule;"
        " empty for other quantities.",
        nullable=True,
    )


class IntegratedPooled(_Posterior, file="3_models/quadrature.csv"):
    """One row per fit, engine and quantity, on the scale of θ."""


class IntegratedContrasts(_Posterior, file="3_models/quadrature.contrasts.csv"):
    """One row per contrast, choice of studies, correlation and law, and quantity."""

    studies_used: str = Column(
        "Studies that report both outcomes, or all that report one of them.",
        isin=["both", "all"],
    )
    studies: int = Column("Studies of the outcome that fewest of these report.", ge=1)
    correlation: str = Column(
        "Of a study's true effects: with the prior of the model, or none.",
        isin=["estimated", "none"],
    )
    law: str = Column(
        "Law of statements from small groups: exact, or normal as in sampling.",
        isin=["exact", "normal"],
    )


class StatementLaws(_Posterior, file="3_models/quadrature.laws.csv"):
    """One row per fit, law and quantity, where a statement from small groups has an exact law."""

    law: str = Column(
        "Law of these statements: normal, as in sampling, or exact with Wald's test where the"
        " source names none.",
        isin=["normal", "wald"],
    )


class SizeEvidence(Table, file="3_models/quadrature.sizes.csv"):
    """One row per model that integration serves, and setting: what the rule on sizes looks at."""

    fit: str
    setting: str
    people: float = Count("In both groups of all effects; expected ones where not known.", ge=0)
    people_with_numbers: float = Count("In effects that bring a number.", ge=0)
    all_numbers: bool = Column("Whether every effect brings a number.")
    median_first: float = Column(
        "Of the pooled effect, under the first prior set of the rule.", nullable=True
    )
    median_second: float = Column("Under the second prior set.", nullable=True)
