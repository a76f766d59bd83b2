"""Events and totals by arm: one exact binomial row per arm."""

from __future__ import annotations

from livingreview.records.evidence.clusters import Clustering
from livingreview.records.evidence.ranges import Range
from livingreview.records.evidence.reported import Counts
from livingreview.records.evidence.route import AS_REPORTED, Route, Term
from livingreview.records.evidence.two_by_two import log_odds_ratio, z_of_usual_tests
from livingreview.records.study import Effect


def routes_of_counts(i: int, piece: Counts, effect: Effect, clusters: Clustering) -> list[Route]:
    """The one route from exact counts."""
    by_arm = {arm.arm: arm for arm in piece.arms}
    treated, control = by_arm[effect.treated], by_arm[effect.control]
    table = (treated.events, treated.total, control.events, control.total)
    value, error = log_odds_ratio(*table)
    error *= clusters.inflation
    return [
        Route(
            piece=i,
            kind="counts",
            alternative=AS_REPORTED,
            terms=binomial_terms(effect, table, clusters),
            assumption=clusters.assumption,
            formula="binomial",
            value=value,
            error=error,
            log_odds_ratio=Range(value, value),
            standard_error=Range(error, error),
            z=Range.spanning(z_of_usual_tests(*table)).times(1 / clusters.inflation),
            z_printed=value / error,
            clustering=clusters.state,
        )
    ]


def binomial_terms(
    effect: Effect, table: tuple[float, float, float, float], clusters: Clustering
) -> tuple[Term, Term]:
    """Rows of both arms from events and people, treated first; effective where clustered."""
    a, n_treated, c, n_control = (x / clusters.design_effect for x in table)
    return (
        Term("binomial", arm=effect.control, events=c, total=n_control),
        Term("binomial", arm=effect.treated, events=a, total=n_treated),
    )
