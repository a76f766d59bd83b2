"""Whether the size of a pooled effect is learnt from the studies, or supplied by a prior.

Statements say which way an effect goes and hardly how large it is: many of them that agree have a
pooled effect whose size is that of the prior. The protocol's rule asks whether enough people are in
effects that bring a number, and whether two prior sets agree on the pooled effect
(docs/methods.md, "Direction and size").
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from livingreview.base.measures import Measure
from livingreview.effects.data_set import Dataset, Floats
from livingreview.effects.design_matrix import ALL_STUDIES
from livingreview.protocol.decisions import SizeRule
from livingreview.protocol.models import JOINT, OVERALL
from livingreview.tables.synthesis import SizesLearnt


def sizes_learnt(evidence: pd.DataFrame, rule: SizeRule, measure: Measure) -> pd.DataFrame:
    """Apply the rule to every model that integration serves, and setting.

    Beside that of all studies no other effect of the outcome has a size that they do not have: of
    many ways to divide or to choose studies, some leave a number on one side by chance.

    Parameters
    ----------
    evidence : DataFrame
        Columns of `livingreview.tables.models.SizeEvidence`.

    Returns
    -------
    DataFrame
        Columns of `livingreview.tables.synthesis.SizesLearnt`.
    """
    # Differences have no factor: they must be practically the same.
    most_apart = math.log(rule.factor) if measure.is_ratio else measure.limit
    rows = []
    columns = ("people", "people_with_numbers", "all_numbers")
    shares = share_with_numbers(*(evidence[name].to_numpy() for name in columns))
    for row, share in zip(evidence.to_dict("records"), shares.tolist(), strict=True):
        apart = abs(row["median_first"] - row["median_second"])
        reasons = []
        if share < rule.people_with_numbers:
            reasons.append("too few people are in effects with a number")
        if np.isnan(apart):
            reasons.append("integration has no answer under both prior sets")
        elif apart >= most_apart:
            reasons.append("the prior sets differ on it")
        rows.append(
            row
            | {
                "share_with_numbers": share,
                "between_priors": float(measure.natural(apart)),
                "learnt": not reasons,
                "reason": "; ".join(reasons) or None,
            }
        )
    learnt = {row["fit"] for row in rows if row["learnt"]}
    for row in rows:
        of_all = f"{row['fit'].split('/')[0]}/{OVERALL}"
        if row["learnt"] and of_all not in learnt:
            row |= {"learnt": False, "reason": "all studies together do not tell it"}
    return SizesLearnt.frame(rows)


def share_with_numbers(
    people: Floats, with_numbers: Floats, all_numbers: NDArray[np.bool_]
) -> Floats:
    """Share of people who are in effects with a number, of each of several sets of studies.

    1 where every effect is a number: then nothing hangs on how many people each has.
    """
    shares = np.ones(len(people))
    return np.divide(with_numbers, people, out=shares, where=~all_numbers.astype(bool))


def enough_numbers_with(
    data: Dataset, people: Floats, rule: SizeRule, instead_of: str | None = None
) -> NDArray[np.bool_]:
    """Whether effects with a number hold enough people once there is one more of so many.

    That is the first half of the rule. The second is not asked where the question is whether the
    effect is practically none: what is so under one prior set with a high probability is that to
    within the factor under the other.

    Parameters
    ----------
    people : ndarray
        In the new effect, for each of several.
    instead_of : str, optional
        Effect in whose place it stands.
    """
    others = np.array(data.effects) != instead_of
    without_number = np.rint(data.people[others & ~data.has_number].sum())
    with_number = np.rint(data.people[others & data.has_number].sum()) + people
    share = with_number / (with_number + without_number)
    enough: NDArray[np.bool_] = share >= rule.people_with_numbers
    return enough


@dataclass(frozen=True)
class LearntSizes:
    """Whether the size is learnt, of any fit and setting.

    Attributes
    ----------
    table : DataFrame
        Columns of `livingreview.tables.synthesis.SizesLearnt`.
    """

    table: pd.DataFrame

    @classmethod
    def judged(cls, evidence: pd.DataFrame, rule: SizeRule, measure: Measure) -> Self:
        """By the rule, from columns of `livingreview.tables.models.SizeEvidence`."""
        return cls(sizes_learnt(evidence, rule, measure))

    def of_quantity(self, fit: str, quantity: str) -> bool | None:
        """Whether the size of a quantity of `Pooled` is learnt; None if it is not an effect's.

        A fit that is sampled only has the answer of all studies; of several outcomes at once, every
        one of them must be learnt.
        """
        name, _, setting = quantity.rstrip("]").partition("[")
        outcome = fit.split("/")[0]
        if outcome == JOINT:
            sides = [setting] if setting in self.outcomes else self.outcomes
            is_effect = name in ("mu", "theta_new", "contrast")
            return all(map(self.of_all_studies, sides)) if is_effect else None
        if name not in ("mu", "theta_new"):
            return None
        return self.of_settings(fit, [setting or ALL_STUDIES])

    def of_settings(self, fit: str, settings: Iterable[str]) -> bool:
        """Whether the sizes of the pooled effects in all of these settings are learnt."""
        of_all = self.of_all_studies(fit.split("/")[0])
        return all(self.learnt.get((fit, setting), of_all) for setting in settings)

    def of_all_studies(self, outcome: str) -> bool:
        """Whether the size of an outcome's overall effect is learnt."""
        return self.learnt.get((f"{outcome}/{OVERALL}", ALL_STUDIES), False)

    @cached_property
    def learnt(self) -> dict[tuple[str, str], bool]:
        """By fit and setting."""
        flags: dict[tuple[str, str], bool] = self.table.set_index(["fit", "setting"])[
            "learnt"
        ].to_dict()
        return flags

    @cached_property
    def outcomes(self) -> list[str]:
        """Outcomes that any fit is of."""
        return [*dict.fromkeys(self.table["fit"].str.split("/").str[0])]
