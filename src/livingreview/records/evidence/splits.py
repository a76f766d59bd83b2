"""Group sizes of tests and findings: those of each source, and how an unknown split may fall."""

from __future__ import annotations

from dataclasses import dataclass

from livingreview.records.evidence.route import join_assumptions
from livingreview.records.evidence.sizes import Sizes

# ASSUME: the most uneven split of a total that is run as an alternative is 1 : 2, the
# allocation that trials plan most often after 1 : 1.
SMALLER_SHARE = 1 / 3


@dataclass(frozen=True)
class Split:
    """Sizes of the two groups, under the name of an alternative."""

    alternative: str
    n_treated: float
    n_control: float
    assumption: str
    sizes: Sizes

    @property
    def uneven(self) -> bool:
        """Whether a total is split unequally, as no source says."""
        return ":" in self.alternative

    @property
    def assumed(self) -> bool:
        """Whether only the total is known."""
        return self.sizes.groups is None


def splits(alternatives: list[Sizes]) -> list[Split]:
    """Every split to analyse: the likeliest of each source first, then the uneven ones."""
    likeliest = [_likeliest(sizes) for sizes in alternatives]
    return likeliest + [uneven for sizes in alternatives for uneven in _uneven(sizes)]


def _likeliest(sizes: Sizes) -> Split:
    if sizes.groups is not None:
        return Split(sizes.name, *sizes.groups, _basis(sizes), sizes)
    # ASSUME: a known total with an unknown split is shared equally between the two groups.
    half = sizes.people / 2
    assumption = join_assumptions(_basis(sizes), "an equal split of the total")
    return Split(sizes.name, half, half, assumption, sizes)


def _uneven(sizes: Sizes) -> list[Split]:
    if sizes.groups is not None:
        return []
    small = sizes.people * SMALLER_SHARE
    large = sizes.people - small
    return [
        Split(
            # A colon cannot stand in the name of sizes, so these names stay apart.
            f"{sizes.name}:third_{arm}",
            *groups,
            join_assumptions(_basis(sizes), f"a third of the total in the {arm} group"),
            sizes,
        )
        for arm, groups in (("treated", (small, large)), ("control", (large, small)))
    ]


def _basis(sizes: Sizes) -> str:
    return "" if sizes.basis == "reported" else f"group sizes are {sizes.basis}"
