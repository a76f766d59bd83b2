"""Numbers of people that do not fit each other, and shares that do not fit the outcome."""

from __future__ import annotations

from collections.abc import Iterator

from livingreview.base.documents import Location
from livingreview.records.evidence.percentages import Percentages, logit
from livingreview.records.evidence.significance_tests import Test
from livingreview.records.plausibility.question import Oddity, Place, Record, Review
from livingreview.records.study import Effect, effect_id

# Other studies that compare two arms the other way round before one is asked about.
FEWEST_OTHERS = 2


def _totals(place: Place) -> tuple[int, int] | None:
    """People in the treated and the control arm, as a piece counts them."""
    totals = [total for arm in place.arms if (total := getattr(arm, "total", None))]
    return (totals[0], totals[1]) if len(totals) == 2 else None


def _assigned(record: Record, effect: Effect) -> tuple[int, int] | None:
    """People assigned to the treated and the control arm."""
    assigned = {arm.id: arm.assigned for arm in record[1].arms}
    treated, control = assigned.get(effect.treated), assigned.get(effect.control)
    return None if treated is None or control is None else (treated, control)


def group_sizes(place: Place) -> tuple[float, float] | None:
    """Largest sizes of the two groups that anything on record of an effect gives, if any does."""
    sizes: list[tuple[float, float]] = []
    for piece in place.effect.evidence:
        sizes += filter(None, [_totals(Place(place.record, place.effect, piece, place.at))])
        sizes += [s.groups or (s.people / 2, s.people / 2) for s in getattr(piece, "sizes", [])]
    sizes += filter(None, [_assigned(place.record, place.effect)])
    return (max(n for n, _ in sizes), max(n for _, n in sizes)) if sizes else None


def _is_exchanged(totals: tuple[int, int] | None, others: tuple[int, int] | None) -> bool:
    """Whether two groups have the sizes of each other."""
    return totals is not None and totals[0] != totals[1] and totals[::-1] == others


def more_observed_than_assigned(review: Review) -> Iterator[Oddity]:
    """Find arms in which more people were observed than had been assigned to them."""
    for place in review.pieces():
        if _is_exchanged(_totals(place), _assigned(place.record, place.effect)):
            continue
        assigned = {arm.id: arm.assigned for arm in place.record[1].arms}
        observed: list[tuple[Location, str, int | None]] = [
            (("arms", k, "total"), arm.arm, getattr(arm, "total", None))
            for k, arm in enumerate(getattr(place.piece, "arms", []))
        ]
        for k, sizes in enumerate(getattr(place.piece, "sizes", [])):
            observed += [
                (("sizes", k, role), getattr(place.effect, role), getattr(sizes, role))
                for role in ("treated", "control")
            ]
        for below, arm, people in observed:
            most = assigned.get(arm)
            if people and most and people > most * review.limits.observed_at_most:
                why = f"only {most} were assigned to `{arm}`"
                about = ".".join(map(str, below))
                yield Oddity(place.record, (*place.at, *below), f"{people}", why, about=about)


def clusters_above_groups(review: Review) -> Iterator[Oddity]:
    """Find clusters that are larger than the groups of which they are part."""
    for place in review.pieces():
        clusters, sizes = place.piece.clusters, group_sizes(place)
        if clusters is None or sizes is None:
            continue
        if clusters.average_size > max(sizes) * review.limits.cluster_at_most:
            why = f"the larger group has {max(sizes):g} people, and a cluster is part of one"
            at = (*place.at, "clusters", "average_size")
            yield Oddity(place.record, at, f"{clusters.average_size:g}", why)


def chi_squared_above_people(review: Review) -> Iterator[Oddity]:
    """Find chi-squared of two proportions above the number of people."""
    for place in review.pieces():
        piece = place.piece
        if not isinstance(piece, Test) or piece.statistic != "chi_squared":
            continue
        people = max(sizes.people for sizes in piece.sizes)
        if piece.value > people * review.limits.chi_squared_at_most:
            why = f"of two proportions it cannot exceed the number of people, {people}"
            yield Oddity(place.record, (*place.at, "value"), f"{piece.value:g}", why)


def fractions_as_percentages(review: Review) -> Iterator[Oddity]:
    """Find percentages that fit the outcome only as fractions of 1."""
    for place in review.pieces():
        piece = place.piece
        if not isinstance(piece, Percentages):
            continue
        assumed = review.assumed[place.effect.outcome]
        percents = [arm.percent for arm in place.arms]
        control = percents[-1]
        if assumed.measure != "odds_ratio" or max(percents) >= 1 or control == 0:
            continue
        expected = logit(assumed.probability)
        apart = abs(logit(control / 100) - expected)
        if apart > review.limits.share_at_most and abs(logit(control) - expected) < apart:
            found = " and ".join(f"{percent:g}%" for percent in percents)
            why = (
                f"the protocol expects about {100 * assumed.probability:.2g}% in the control arm,"
                f" and as a fraction {control:g} is {100 * control:g}%"
            )
            yield Oddity(place.record, (*place.at, "arms"), found, why)


def exchanged_arms(review: Review) -> Iterator[Oddity]:
    """Find arms whose sizes, or roles in other records, are those of each other."""
    studies: dict[tuple[str, str], set[str]] = {}
    for (_, study), effect, _ in review.effects():
        studies.setdefault((effect.treated, effect.control), set()).add(study.study_id)
    for record, effect, at in review.effects():
        own = record[1].study_id
        reverse = studies.get((effect.control, effect.treated), set())
        alone = studies[effect.treated, effect.control] == {own}
        if own in reverse or (alone and len(reverse) >= FEWEST_OTHERS):
            others = ", ".join(f"`{name}`" for name in sorted(reverse)[:3])
            why = f"it is the control arm, and `{effect.control}` the treated one, in {others}"
            yield Oddity(record, (*at, "treated"), f"`{effect.treated}`", why)
    known: dict[tuple[str, str, str], tuple[tuple[int, int], str]] = {}
    for place in review.pieces():
        study, effect = place.record[1], place.effect
        group = (study.study_id, effect.treated, effect.control)
        if assigned := _assigned(place.record, effect):
            known.setdefault(group, (assigned, "assigned"))
        if (totals := _totals(place)) is None:
            continue
        first, where = known.setdefault(group, (totals, f"in {effect_id(study, effect)}"))
        if _is_exchanged(totals, first):
            found = f"{totals[0]} in `{effect.treated}`, {totals[1]} in `{effect.control}`"
            why = f"the other way round {where}"
            at = (*place.at, "arms")
            yield Oddity(place.record, at, found, why)
