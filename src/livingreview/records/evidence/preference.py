"""All routes to the log odds ratio of an effect, and which of them is analysed."""

from __future__ import annotations

from dataclasses import replace

from livingreview.protocol.outcomes import Assumed
from livingreview.records.evidence.baselines import control_risk
from livingreview.records.evidence.clusters import clustering
from livingreview.records.evidence.comparison import Comparison
from livingreview.records.evidence.kinds import KINDS
from livingreview.records.evidence.reported import Reported
from livingreview.records.evidence.route import AS_REPORTED, Route, Term
from livingreview.records.evidence.statements import SIGNIFICANT_Z
from livingreview.records.study import Effect
from livingreview.tables.statuses import ANALYSED, NOT_USABLE, SET_ASIDE

# Kinds of evidence, in the order in which they are preferred for analysis.
PREFERENCE = tuple(KINDS)
# Limits of a normal term, beyond what any study reports; both engines are tested up to them
# (tests/slow/test_extreme_evidence.py). A difference of means may be as large as its error.
LARGEST_LOG_RATIO = 21.0
LEAST_ERROR, LARGEST_ERROR = 1e-6, 1e3


def routes(effect: Effect, assumed: Assumed, clustered: bool = False) -> list[Route]:
    """All routes to the log odds ratio of an effect: usable before unusable, then by preference.

    Parameters
    ----------
    assumed
        What the protocol assumes of the outcome's studies. Its control probability serves where
        a ratio or a test needs one and the effect's own counts or percentages give none.
    clustered
        Whether the study assigned clusters of people.
    """
    by_preference = sorted(effect.evidence, key=lambda piece: PREFERENCE.index(piece.kind))
    risk = control_risk(by_preference, effect.control, assumed.probability)

    def routes_of(i: int, statements: tuple[Route, ...] = ()) -> list[Route]:
        piece = effect.evidence[i]
        if not piece.serves(assumed.measure):
            return [Route(i, piece.kind, AS_REPORTED, reason=_another_measure(piece, assumed))]
        clusters = clustering(piece, clustered)
        comparison = Comparison(effect.treated, effect.control, risk, clusters, assumed, statements)
        ways = [replace(w, adjusted=piece.is_adjusted) for w in piece.routes(i, comparison)]
        if clusters.inflation == 1:
            return ways
        bound = SIGNIFICANT_Z / clusters.inflation
        return [
            replace(way, terms=tuple(replace(term, z_significant=bound) for term in way.terms))
            for way in ways
        ]

    findings = [routes_of(i) for i, piece in enumerate(effect.evidence) if piece.kind == "finding"]
    stated = next((ways for ways in findings if ways[0].z is not None), [])
    every = [way for ways in findings for way in ways]
    for i, piece in enumerate(effect.evidence):
        if piece.kind != "finding":
            every += routes_of(i, tuple(stated))
    every = [_within_reach(route) for route in every]
    return sorted(every, key=lambda way: (not way.usable, *_rank(way, assumed), way.piece))


def _rank(way: Route, assumed: Assumed) -> tuple[bool, bool, bool, int]:
    """Numbers before statements, the wanted ones first, precise ones before others; by kinds."""
    is_statement = way.kind == "finding"
    unwanted = assumed.adjusted is not None and bool(way.adjusted) != assumed.adjusted
    without_precision = way.groups is not None and not is_statement
    return is_statement, unwanted, without_precision, PREFERENCE.index(way.kind)


def _beyond(route: Route, term: Term) -> str:
    """Why a value is beyond the limits."""
    numbers = f"of {term.value:.3g} with a standard error of {term.standard_error:.3g}"
    if route.scale == "difference":
        return f"a difference of means {numbers} needs larger units of the score"
    ratio = "rate ratio" if route.scale == "rate" else term.measure.replace("_", " ")
    return f"no study has a log {ratio or 'odds ratio'} {numbers}"


def _another_measure(piece: Reported, assumed: Assumed) -> str:
    """Why a piece cannot be used for an outcome of another measure."""
    measure = assumed.measure.replace("_", " ")
    article = "an" if measure[0] in "aeiou" else "a"
    return f"{piece.reports} cannot become {article} {measure}, the measure of the outcome"


def _within_reach(route: Route) -> Route:
    """The route, made unusable if a normal term of it is beyond the limits."""
    for term in route.terms:
        y, error = term.value, term.standard_error
        largest = LARGEST_ERROR if route.scale == "difference" else LARGEST_LOG_RATIO
        possible = abs(y) <= largest and LEAST_ERROR <= error <= LARGEST_ERROR
        if term.likelihood in ("normal", "ratio") and not possible:
            reason = _beyond(route, term)
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
