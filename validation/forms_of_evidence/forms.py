"""The same trials, reported in other forms: each form is a list of pieces of evidence."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scipy.stats import norm

from livingreview.records.evidence.statements import SIGNIFICANT_Z
from livingreview.records.evidence.two_by_two import log_odds_ratio, pooled_z

Mapping = dict[str, Any]
# Enough decimals that what is left of the rounding moves no figure of the tables.
EXACT = 6
UNROUNDED = 8
# Below this the log odds ratio is far from normal.
FEW_EVENTS = 10


@dataclass(frozen=True)
class Trial:
    """Counts of one trial, and the record's own source for them.

    Attributes
    ----------
    arms : list of dict
        Arm, events and total: treated, then control.
    source : dict
    """

    arms: list[Mapping]
    source: Mapping

    @classmethod
    def of(cls, record: Mapping) -> Trial:
        """Read the counts of a record's only effect."""
        (effect,) = record["effects"]
        (piece,) = effect["evidence"]
        by_arm = {arm["arm"]: arm for arm in piece["arms"]}
        return cls([by_arm[effect["treated"]], by_arm[effect["control"]]], piece["source"])

    @property
    def table(self) -> tuple[int, int, int, int]:
        """Events and total of the treated arm, then of the control arm."""
        treated, control = self.arms
        return treated["events"], treated["total"], control["events"], control["total"]

    @property
    def wald_z(self) -> float:
        """Z of the log odds ratio."""
        value, error = log_odds_ratio(*self.table)
        return value / error

    @property
    def pearson_z(self) -> float:
        """Signed root of Pearson's chi-squared, whose variance holds under no difference."""
        a, n, c, m = self.table
        return pooled_z(a / n, c / m, n, m)

    @property
    def sizes(self) -> list[Mapping]:
        """Group sizes as tests and findings state them."""
        treated, control = (arm["total"] for arm in self.arms)
        reported = {"name": "reported", "basis": "reported", "source": self.source}
        return [reported | {"treated": treated, "control": control}]


def counts(trial: Trial) -> list[Mapping]:
    """Events and totals, as shipped."""
    return [{"kind": "counts", "arms": trial.arms, "source": trial.source}]


def percentages(trial: Trial, decimals: int = 1) -> list[Mapping]:
    """Rounded percentages with group sizes."""
    arms = [
        {
            "arm": arm["arm"],
            "percent": round(100 * arm["events"] / arm["total"], decimals),
            "decimals": decimals,
            "total": arm["total"],
        }
        for arm in trial.arms
    ]
    return [{"kind": "percentages", "arms": arms, "source": trial.source}]


def odds_ratio(trial: Trial, decimals: int = 2) -> list[Mapping]:
    """Odds ratio with its 95% interval, rounded."""
    value, error = log_odds_ratio(*trial.table)
    reach = norm.ppf(0.975) * error
    low, middle, high = (
        round(math.exp(value + sign * reach), decimals) for sign in (-1.0, 0.0, 1.0)
    )
    piece = {"kind": "estimate", "measure": "odds_ratio", "value": middle, "interval": [low, high]}
    return [piece | {"source": trial.source}]


def odds_ratio_of_many_events(trial: Trial) -> list[Mapping]:
    """Unrounded odds ratio, but counts where an arm has few events."""
    few = min(arm["events"] for arm in trial.arms) < FEW_EVENTS
    return counts(trial) if few else odds_ratio(trial, UNROUNDED)


def chi_squared(trial: Trial) -> list[Mapping]:
    """Pearson's chi-squared to two decimals, with group sizes and direction."""
    return [_test(trial, "chi_squared", round(trial.pearson_z**2, 2))]


def z_of_log_odds_ratio(trial: Trial) -> list[Mapping]:
    """The z of the log odds ratio itself, which is what the conversion takes any test for."""
    return [_test(trial, "z", round(abs(trial.wald_z), EXACT))]


def finding(trial: Trial) -> list[Mapping]:
    """Direction and significance, with group sizes."""
    significant = abs(trial.wald_z) > SIGNIFICANT_Z
    return [
        {
            "kind": "finding",
            "direction": _direction(trial),
            "significance": "significant" if significant else "not_significant",
            "sizes": trial.sizes,
            "source": trial.source,
        }
    ]


def with_control_share(form: Callable[[Trial], list[Mapping]]) -> Callable[[Trial], list[Mapping]]:
    """Add the percentages, without totals: too little to be counts, but a control probability."""

    def pieces(trial: Trial) -> list[Mapping]:
        (shares,) = percentages(trial, EXACT)
        for arm in shares["arms"]:
            del arm["total"]
        return [*form(trial), shares]

    return pieces


def reported_as(record: Mapping, form: Callable[[Trial], list[Mapping]]) -> Mapping:
    """A copy of a record whose only effect is reported in another form."""
    changed = copy.deepcopy(record)
    # Copied piece by piece, as a record file may hold no YAML alias.
    changed["effects"][0]["evidence"] = [copy.deepcopy(p) for p in form(Trial.of(record))]
    return changed


def _test(trial: Trial, statistic: str, value: float) -> Mapping:
    return {
        "kind": "test",
        "statistic": statistic,
        "value": value,
        "direction": _direction(trial),
        "sizes": trial.sizes,
        "source": trial.source,
    }


def _direction(trial: Trial) -> str:
    return "increase" if trial.wald_z > 0 else "decrease"
