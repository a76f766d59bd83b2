"""Tables of stage 2: terms of the likelihood."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import Any, get_args

import pandas as pd

from livingreview.base.types import Likelihood, NamedTest
from livingreview.tables.statuses import ANALYSED
from livingreview.tables.table import Column, Count, Table, Theta


class StudyModerators(Table, file="2_effects/{outcome}.moderators.csv"):
    """One row per study with a term on the outcome, in the order of their first terms.

    A study whose effects differ in a moderator has one row per effect.
    """

    study_id: str
    effect_id: str | None = Column(
        "Effect that the row is of, where those of its study differ; no column where none do.",
        nullable=True,
    )
    moderators: object | None = Column(
        "Empty when not known.", alias="^moderator_", regex=True, nullable=True
    )
    at_high_risk: bool = Column(
        "Whether a domain that is about the outcome is judged at high risk of bias."
    )

    @classmethod
    def select(
        cls,
        studies: pd.DataFrame,
        terms: pd.DataFrame,
        values: pd.DataFrame,
        high_risk: Collection[str] = (),
    ) -> pd.DataFrame:
        """Moderators of these terms.

        Parameters
        ----------
        studies, values : DataFrame
            Tables of stage 1: `Studies`, and `ModeratorValues`, where effects have their own.
        terms : DataFrame
            Rows of `Terms`.
        high_risk : collection of str
            Studies at high risk of bias on the outcome.
        """
        table = cls._moderators(studies, terms, values)
        return table.assign(at_high_risk=table["study_id"].isin(high_risk))

    @classmethod
    def _moderators(
        cls, studies: pd.DataFrame, terms: pd.DataFrame, values: pd.DataFrame
    ) -> pd.DataFrame:
        """The same without risk of bias."""
        carried = studies.set_index("study_id", drop=False).loc[terms["study_id"].unique()]
        carried = carried.filter(regex="^study_id$|^moderator_")
        own = values[values["effect_id"].isin(terms["effect_id"]) & (values["status"] == ANALYSED)]
        if own.empty:
            return carried
        rows: list[dict[Hashable, Any]] = []
        effects = terms.dropna(subset="effect_id").drop_duplicates("effect_id")
        for study in carried.to_dict("records"):
            of_study = []
            for effect in effects.loc[effects["study_id"] == study["study_id"], "effect_id"]:
                of_effect = own[own["effect_id"] == effect]
                names = "moderator_" + of_effect["moderator"]
                of_study.append(study | dict(zip(names, of_effect["value"], strict=True)))
                of_study[-1]["effect_id"] = effect
            alike = pd.DataFrame(of_study).drop(columns="effect_id").drop_duplicates()
            rows += of_study if len(alike) > 1 else [of_study[0] | {"effect_id": None}]
        table = pd.DataFrame(rows)
        if table["effect_id"].isna().all():
            return table[[*carried.columns]]
        return table[["study_id", "effect_id", *carried.columns.drop("study_id")]]


class Terms(Table, file="2_effects/{outcome}.csv"):
    """One row per likelihood term."""

    term_id: str = Column("Name of the likelihood term.", unique=True)
    effect_id: str = Column("Empty for a control arm.", nullable=True)
    study_id: str
    outcome: str
    kind: str = Column("Kind of the evidence.")
    alternative: str = Column("Sizes, counts or uncertainty measure taken.")
    likelihood: str = Column("Form of the likelihood.", isin=list(get_args(Likelihood)))
    baseline_id: str = Column(
        "Terms with the same name share a control arm baseline.", nullable=True
    )
    arm: str = Column("Name of the arm, for counts.", nullable=True)
    treated: float = Column("1 for a treated arm, 0 for a control arm.", nullable=True, isin=[0, 1])
    events: float = Column("People with the outcome.", nullable=True, ge=0)
    total: float = Column(
        "People, effective ones where clusters were assigned; or person-time.", nullable=True, gt=0
    )
    shape: float = Column(
        "Of negative binomial events of the arm; empty where they are Poisson.", nullable=True, gt=0
    )
    value: float = Column("Reported effect, on the log scale where it is a ratio.", nullable=True)
    standard_error: float = Column("Of that value.", nullable=True, gt=0)
    measure: str = Column("Of a value that a control share turns into θ.", nullable=True)
    share_logit: float = Column("Logit of the study's own control share.", nullable=True)
    share_error: float = Column("Standard error of that logit.", nullable=True, gt=0)
    value_low: float = Column("Lower bound that rounding leaves of the value.", nullable=True)
    value_high: float = Column("Upper bound that rounding leaves of the value.", nullable=True)
    unit_error: float = Column(
        "Standard error of the value, times the root of the size of an arm.", nullable=True, gt=0
    )
    z_low: float = Column("Lower bound that the statement puts on z.", nullable=True)
    z_high: float = Column("Upper bound that the statement puts on z.", nullable=True)
    n_treated: float = Column(
        "Effective people in the treated arm, for statements.", nullable=True, gt=0
    )
    n_control: float = Column(
        "Effective people in the control arm, for statements.", nullable=True, gt=0
    )
    most_treated: float = Column(
        "Upper bound of the effective people in the treated arm, where they are not known.",
        nullable=True,
        gt=0,
    )
    most_control: float = Column(
        "Upper bound of the effective people in the control arm, where they are not known.",
        nullable=True,
        gt=0,
    )
    design_effect: float = Column(
        "Of clusters, by which a size that is not known is divided; empty where it is 1.",
        nullable=True,
        gt=1,
    )
    z_significant: float = Column(
        "The |z| that the source calls significant; empty where it is 1.96.", nullable=True, gt=0
    )
    significance_test: str = Column(
        "Test behind a statement; empty where the source names none.",
        nullable=True,
        isin=list(get_args(NamedTest)),
    )
    assumption: str = Column(nullable=True)
    formula: str


class AlternativeTerms(Terms, file="2_effects/alternatives.csv"):
    """One row per likelihood term of a route that is not the one analysed."""

    term_id: str = Column("As in `Terms`; once per route.")
    of_effect: str = Column("Effect that the route belongs to.")
    piece: int = Column("Position of the evidence in the record.", ge=0)
    choice: str = Column("Alternative that names the route in its piece.")


class Precision(Table, file="2_effects/{outcome}.precision.csv"):
    """One row per analysed effect: its people, and what it could have called significant."""

    effect_id: str = Column(unique=True)
    study_id: str
    outcome: str
    has_number: bool = Column("Whether it says how large the effect is, and not only which way.")
    people: float = Count(
        "People in both groups; where no source gives them, the middle of their prior, or as many"
        " as would be that precise.",
        gt=0,
    )
    people_known: bool = Column("Whether a source gives those people.")
    events: float = Count("People with the outcome, where they were counted.", nullable=True, ge=0)
    standard_error: float = Column(
        "Of θ without an effect, at the middle of what is assumed of the sizes and of the control"
        " share; the reported one where there is one.",
        gt=0,
    )
    smallest_significant: float = Theta(
        "Smallest effect that the study could have called significant: 1.96 times that standard"
        " error.",
        gt=0,
    )
