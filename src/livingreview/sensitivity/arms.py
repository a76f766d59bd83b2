"""Arms of the sensitivity analyses: studies and effects that one of them leaves out or reads anew.

An *arm* is one answer to a question that a reader may ask of all studies at once: without those
at high risk of bias, without statements that leave their significance open, at the shortest or
the longest follow-up, with adjusted effects or without.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from livingreview.protocol.outcomes import AS_PLANNED
from livingreview.tables.statuses import ALTERNATIVE, ANALYSED

# Which of several follow-ups of one study count.
FollowUp = Literal["shortest", "longest"]
FOLLOW_UPS: tuple[FollowUp, ...] = get_args(FollowUp)
# Effect, position of the evidence in its record, and alternative: what `with_route` needs.
RouteName = tuple[str, int, str]


@dataclass(frozen=True)
class Reports:
    """What stage 1 says of the effects of an outcome beyond their terms.

    Attributes
    ----------
    high_risk : frozenset of str
        Studies judged at high risk of bias in a domain that is about the outcome.
    months : mapping of str to float
        Follow-up of each effect, where it is known.
    other_adjustment : mapping of str to tuple of RouteName
        By study, routes to effects analysed adjusted that are not, or the reverse; the first of
        each effect.
    """

    high_risk: frozenset[str] = frozenset()
    months: Mapping[str, float] = field(default_factory=dict)
    other_adjustment: Mapping[str, tuple[RouteName, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, effects: pd.DataFrame, routes: pd.DataFrame) -> Reports:
        """From rows of `livingreview.tables.records.Effects` of one outcome, and from `Routes`."""
        analysed = effects[effects["status"] == ANALYSED]
        months = analysed.dropna(subset="follow_up_months").set_index("effect_id")
        return cls(
            high_risk=frozenset(analysed.loc[analysed["high_risk"].notna(), "study_id"]),
            months=months["follow_up_months"].to_dict(),
            other_adjustment=_other_adjustment(analysed, routes),
        )


def _other_adjustment(
    effects: pd.DataFrame, routes: pd.DataFrame
) -> dict[str, tuple[RouteName, ...]]:
    """By study, the first route of each effect that allows for other things than the one taken."""
    by_study: dict[str, tuple[RouteName, ...]] = {}
    known = routes.dropna(subset="adjustment")
    ways_of: dict[Hashable, pd.DataFrame] = dict(iter(known.groupby("effect_id", sort=False)))
    for study, effect in zip(effects["study_id"], effects["effect_id"], strict=True):
        ways = ways_of.get(effect)
        if ways is None or (taken := ways[ways["status"] == ANALYSED]).empty:
            continue
        others = ways[
            (ways["status"] == ALTERNATIVE) & (ways["adjustment"] != taken["adjustment"].iloc[0])
        ]
        # Routes stand in the order of preference.
        for way in others.head(1).to_dict("records"):
            route = (str(effect), int(way["piece"]), str(way["alternative"]))
            by_study[str(study)] = (*by_study.get(str(study), ()), route)
    return by_study


def leaves_significance_open(terms: pd.DataFrame) -> pd.Series:
    """Whether each term is a statement that names a direction and no significance.

    `terms`: rows of `livingreview.tables.effects.Terms`.
    """
    low, high = terms["z_low"].astype(float), terms["z_high"].astype(float)
    one_sided = (low == 0) & np.isposinf(high) | np.isneginf(low) & (high == 0)
    return (terms["kind"] == "finding") & one_sided


def studies_of_stated_significance(terms: pd.DataFrame) -> set[str]:
    """Studies that bring more than statements which leave their significance open."""
    effects = terms.dropna(subset="effect_id")
    return set(effects.loc[~leaves_significance_open(effects), "study_id"])


def at_follow_up(terms: pd.DataFrame, months: Mapping[str, float], which: str) -> pd.DataFrame:
    """Terms of one study without effects that are known to have another follow-up.

    Parameters
    ----------
    terms : DataFrame
        Rows of `livingreview.tables.effects.Terms`.
    months : mapping of str to float
        Follow-up by effect. An effect whose follow-up is not known stays.
    which : str
        One of `FOLLOW_UPS`, or `AS_PLANNED` for all effects.
    """
    known = {effect: months[effect] for effect in terms["effect_id"].dropna() if effect in months}
    if which == AS_PLANNED or len(set(known.values())) < 2:
        return terms
    wanted = (min if which == "shortest" else max)(known.values())
    dropped = {effect for effect, length in known.items() if length != wanted}
    kept = terms[~terms["effect_id"].isin(dropped)]
    # A control arm that no effect needs any more is gone.
    needed = kept["baseline_id"].isin(kept.loc[kept["effect_id"].notna(), "baseline_id"])
    return kept[kept["effect_id"].notna() | needed]


def several_follow_ups(terms: pd.DataFrame, months: Mapping[str, float]) -> bool:
    """Whether a study gives effects of different follow-ups."""
    known: dict[Any, set[float]] = {}
    effects = terms.dropna(subset="effect_id")
    for study, effect in zip(effects["study_id"], effects["effect_id"], strict=True):
        if effect in months:
            known.setdefault(study, set()).add(months[effect])
    return any(len(lengths) > 1 for lengths in known.values())
