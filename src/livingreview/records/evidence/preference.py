"""All routes to the log odds ratio of an effect, and which of them is analysed."""

from __future__ import annotations

from livingreview.records.evidence.baselines import control_risk
from livingreview.records.evidence.clusters import clustering
from livingreview.records.evidence.counts import routes_of_counts
from livingreview.records.evidence.estimates import routes_of_estimate
from livingreview.records.evidence.findings import routes_of_finding
from livingreview.records.evidence.means import routes_of_means
from livingreview.records.evidence.percentages import routes_of_percentages
from livingreview.records.evidence.reported import Counts, Estimate, Means, Percentages, Test
from livingreview.records.evidence.route import Route
from livingreview.records.evidence.significance_tests import routes_of_test
from livingreview.records.study import Effect
from livingreview.tables.statuses import ANALYSED, NOT_USABLE, SET_ASIDE

# Kinds of evidence, in the order in which they are preferred for analysis.
PREFERENCE = ("counts", "percentages", "estimate", "means", "test", "finding")
# Limits of a normal term, beyond what any study reports; both engines are tested up to them
# (tests/slow/test_extreme_evidence.py).
LARGEST_LOG_ODDS_RATIO = 21.0
LEAST_ERROR, LARGEST_ERROR = 1e-6, 1e3


def routes(effect: Effect, baseline: float, clustered: bool = False) -> list[Route]:
    """All routes to the log odds ratio of an effect: usable before unusable, then by preference.

    Parameters
    ----------
    baseline
        Control probability assumed where a ratio or a test needs one and the effect's own
        counts or percentages give none.
    clustered
        Whether the study assigned clusters of people.
    """
    control = control_risk(effect, baseline)
    every: list[Route] = []
    for i, piece in enumerate(effect.evidence):
        clusters = clustering(piece, clustered)
        match piece:
            case Counts():
                every += routes_of_counts(i, piece, effect, clusters)
            case Percentages():
                every += routes_of_percentages(i, piece, effect, clusters)
            case Estimate():
                every += routes_of_estimate(i, piece, control, clusters)
            case Means():
                every += routes_of_means(i, piece, effect, clusters)
            case Test():
                every += routes_of_test(i, piece, control, clusters)
            case _:
                every += routes_of_finding(i, piece, clusters)
    every = [_within_reach(route) for route in every]
    return sorted(every, key=lambda r: (not r.usable, PREFERENCE.index(r.kind), r.piece))


def _within_reach(route: Route) -> Route:
    """The route, made unusable if a normal term of it is beyond the limits."""
    for term in route.terms:
        y, error = term.value, term.standard_error
        possible = abs(y) <= LARGEST_LOG_ODDS_RATIO and LEAST_ERROR <= error <= LARGEST_ERROR
        if term.likelihood == "normal" and not possible:
            reason = (
                f"no study has a log odds ratio of {y:.3g} with a standard error of {error:.3g}"
            )
            return Route(
                route.piece, route.kind, route.alternative, reason=reason, sizes=route.sizes
            )
    return route


def flow_status(effect: Effect, ways: list[Route]) -> tuple[str, str | None]:
    """Status of an effect in the flow, given its `routes`, and why it is not analysed."""
    if effect.set_aside is not None:
        return SET_ASIDE, effect.set_aside
    if not ways[0].usable:
        return NOT_USABLE, "; ".join(dict.fromkeys(way.reason for way in ways))
    return ANALYSED, None
