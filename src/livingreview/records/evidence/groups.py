"""Group sizes behind a term: those of a source, at most those planned, or not known at all."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scipy.special import ndtri

from livingreview.protocol.priors import Prior
from livingreview.records.evidence.clusters import Clustering
from livingreview.records.evidence.ranges import Range
from livingreview.records.evidence.route import AS_REPORTED
from livingreview.records.evidence.sizes import Sizes
from livingreview.records.evidence.splits import Split, splits

# Of a size that is not known, what the middle of this much of its prior holds is possible.
CENTRAL = 0.9999
NOT_KNOWN = "group sizes not known"


@dataclass(frozen=True)
class Groups:
    """Sizes of the two groups, under the name of an alternative.

    Attributes
    ----------
    n_treated, n_control : float
        Effective people; not a number when not known.
    most_treated, most_control : float
        Most effective people that there can be; not a number when they are known, or without a
        bound.
    design_effect : float
        By which a size that is not known is divided.
    sizes : Sizes, optional
        As the source gives them.
    """

    alternative: str
    assumption: str
    n_treated: float = math.nan
    n_control: float = math.nan
    most_treated: float = math.nan
    most_control: float = math.nan
    design_effect: float = 1.0
    sizes: Sizes | None = None

    @property
    def known(self) -> bool:
        """Whether both sizes are."""
        return not math.isnan(self.n_treated + self.n_control)

    @property
    def unbounded(self) -> bool:
        """Whether nothing is known of either size."""
        return all(
            math.isnan(n)
            for n in (self.n_treated, self.n_control, self.most_treated, self.most_control)
        )

    @property
    def numbers(self) -> dict[str, Any]:
        """Numbers of a term."""
        names = ("n_treated", "n_control", "most_treated", "most_control")
        factor = self.design_effect if self.design_effect != 1 else math.nan
        return {name: getattr(self, name) for name in names} | {"design_effect": factor}

    def possible(self, prior: Prior | None) -> Iterator[tuple[float, float]]:
        """Sizes of both arms at either end of what is possible."""
        if self.known:
            yield self.n_treated, self.n_control
            return
        assert prior is not None, "sizes are only unknown where they have a prior"
        bounds = central(prior.divided(self.design_effect))
        most = min((x for x in (self.most_treated, self.most_control) if x > 0), default=math.inf)
        for n in (min(bounds.low, most), min(bounds.high, most)):
            treated, control = self.n_treated, self.n_control
            yield n if math.isnan(treated) else treated, n if math.isnan(control) else control


def central(prior: Prior) -> Range:
    """Middle part of a log-normal prior of sizes, `CENTRAL` of it."""
    location, scale = prior.arguments
    reach = scale * float(ndtri((1 + CENTRAL) / 2))
    return Range(math.exp(location - reach), math.exp(location + reach))


def groups_of(
    alternatives: Sequence[Sizes], prior: Prior | None, clusters: Clustering
) -> list[Groups]:
    """Every size to analyse, the first of the record first; none where nothing can be used.

    Parameters
    ----------
    alternatives : list of Sizes
        One of each source.
    prior : Prior, optional
        Of a size that is not known.
    """
    if alternatives:
        every = (groups_of_split(split, prior, clusters) for split in splits(list(alternatives)))
        return [groups for groups in every if groups is not None]
    if prior is None:
        return []
    return [Groups(AS_REPORTED, NOT_KNOWN, design_effect=clusters.design_effect)]


def groups_of_split(split: Split, prior: Prior | None, clusters: Clustering) -> Groups | None:
    """Sizes of a split; planned ones as an upper bound, where unknown ones have a prior.

    None for a bound that tells nothing more than another.
    """
    n = (split.n_treated / clusters.design_effect, split.n_control / clusters.design_effect)
    if prior is None or split.sizes.basis != "planned":
        return Groups(split.alternative, split.assumption, *n, sizes=split.sizes)
    if split.uneven:
        return None
    planned = f"at most the {split.n_treated:g} and {split.n_control:g} planned"
    return Groups(
        split.alternative,
        f"{NOT_KNOWN}, {planned}",
        most_treated=n[0],
        most_control=n[1],
        design_effect=clusters.design_effect,
        sizes=split.sizes,
    )
