"""Values and statements from studies whose group sizes are not known, alone and together."""

import math

import pytest
from evidence_pieces import effect, estimate, finding, only, percentages, sizes, statistic, ways_of

from livingreview.protocol.priors import Prior
from livingreview.records.evidence.conflicts import conflicts_among
from livingreview.records.record_tables import direction_of

# 99.99% of it lies between 11 and 5,500.
PRIOR = Prior.parse("log_normal(5.5, 0.8)")
SHARES = percentages(64, None, 52, None)
INF = math.inf
NAN = math.nan


def numbers(term, *names: str) -> tuple[float, ...]:
    return tuple(getattr(term, name) for name in names)


def test_percentages_without_sizes_are_a_value_of_unknown_precision():
    route = only(SHARES, sizes=PRIOR)
    [term] = route.terms
    assert term.likelihood == "rounded"
    log_odds = [math.log(p / (100 - p)) for p in (63.5, 64.5, 51.5, 52.5)]
    assert term.value_low == pytest.approx(log_odds[0] - log_odds[3])
    assert term.value_high == pytest.approx(log_odds[1] - log_odds[2])
    assert term.unit_error == pytest.approx(math.sqrt(1 / (0.64 * 0.36) + 1 / (0.52 * 0.48)))
    assert numbers(term, "z_low", "z_high") == (-INF, INF)
    assert route.value == pytest.approx(math.log(64 / 36 / (52 / 48)))
    assert (route.error, route.assumption) == (None, "group sizes not known")


def test_without_a_prior_of_sizes_percentages_and_statements_stay_unusable():
    ways = ways_of(SHARES, finding("increase", "significant"))
    assert [way.reason for way in ways] == [
        "a percentage without its total (64% in visit)",
        "no group sizes, so the statement cannot be weighed",
    ]


def test_a_known_size_of_one_arm_is_used():
    route = only(percentages(64, 200, 52, None), sizes=PRIOR)
    [term] = route.terms
    assert term.n_treated == 200 and math.isnan(term.n_control)
    assert route.assumption == "group sizes not known but that of visit"


@pytest.mark.parametrize("percent", [0, 100])
def test_a_percentage_of_nobody_or_everybody_has_no_odds(percent: int):
    route = only(percentages(percent, None, 52, None), sizes=PRIOR)
    assert route.reason == f"{percent}% of an unknown number of people (visit) has no odds"


# A design effect of 2.
CLUSTERS = {"icc": 0.05, "average_size": 21, "note": "assumed"}


def test_clusters_divide_sizes_that_are_not_known():
    plain, clustered = (
        only(percentages(64, 200, 52, None, **more), sizes=PRIOR).terms[0]
        for more in ({}, {"clusters": CLUSTERS})
    )
    assert clustered.unit_error == pytest.approx(plain.unit_error)
    assert math.isnan(plain.design_effect)
    assert numbers(clustered, "design_effect", "n_treated") == (2, 100)
    assert clustered.z_significant == pytest.approx(1.96 / math.sqrt(2))


@pytest.mark.parametrize(
    "piece", [finding("none", "not_significant"), estimate("odds_ratio", 0.5, approximate=True)]
)
def test_statements_and_values_in_clusters_of_unknown_sizes_are_analysed(piece: dict):
    route = only(piece | {"clusters": CLUSTERS}, sizes=PRIOR)
    [term] = route.terms
    assert (term.design_effect, route.clustering) == (2, "design_effect")
    assert math.isnan(term.n_treated)


def test_the_significance_of_a_source_is_that_of_z_as_printed():
    # |z| < 1.96 as if people were independent: the |z| of n / 2 people is below 1.96 / √2.
    [term] = only(finding("none", "not_significant", clusters=CLUSTERS), sizes=PRIOR).terms
    assert numbers(term, "z_low", "z_high") == pytest.approx((-1.96 / 2**0.5, 1.96 / 2**0.5))
    allowed_for = finding("none", "not_significant", clusters=CLUSTERS, adjusted_for_clusters=True)
    [term] = only(allowed_for, sizes=PRIOR).terms
    assert numbers(term, "z_low", "z_high", "design_effect") == (-1.96, 1.96, 2)


def test_planned_sizes_of_clusters_bound_what_is_left_of_them():
    planned = sizes("meant", "planned", treated=120, control=100)
    for piece in (
        finding("none", "not_significant", planned, clusters=CLUSTERS),
        statistic("z", 1.2, "increase", planned, clusters=CLUSTERS),
    ):
        route = only(piece, sizes=PRIOR)
        assert numbers(route.terms[0], "most_treated", "most_control") == (60, 50)
        assert "at most the 120 and 100 planned" in route.assumption


def test_sizes_that_would_reconcile_are_those_of_clusters():
    # As below, but z / √2 of n / 2: the least n per arm at which z is 1.96 is 114 all the same.
    for most, joined in ((100, False), (120, True)):
        planned = sizes("meant", "planned", treated=most, control=most)
        stated = finding("increase", "significant", planned, clusters=CLUSTERS)
        ways = ways_of(SHARES | {"clusters": CLUSTERS}, stated, sizes=PRIOR)
        assert (ways[0].terms[0].z_low > 0) is joined


def test_a_statement_without_sizes_is_weak_evidence_and_not_none():
    route = only(finding("none", "not_significant"), sizes=PRIOR)
    [term] = route.terms
    assert (term.likelihood, term.z_low, term.z_high) == ("interval", -1.96, 1.96)
    assert math.isnan(term.n_treated) and math.isnan(term.most_treated)
    assert route.assumption == "group sizes not known"


def test_planned_sizes_are_an_upper_bound():
    planned = sizes("meant", "planned", treated=120, control=100)
    route = only(finding("none", "not_significant", planned), sizes=PRIOR)
    [term] = route.terms
    assert math.isnan(term.n_treated) and math.isnan(term.n_control)
    assert (term.most_treated, term.most_control) == (120, 100)
    assert route.assumption == "group sizes not known, at most the 120 and 100 planned"
    # A planned total bounds each of two equal halves, in one route.
    total = sizes("meant", "planned", total=240)
    [term] = only(finding("none", "not_significant", total), sizes=PRIOR).terms
    assert (term.most_treated, term.most_control) == (120, 120)
    [term] = only(statistic("z", 1.2, "increase", planned), sizes=PRIOR).terms
    assert (term.most_treated, term.z_high) == (120, pytest.approx(1.25))


def test_listed_sizes_that_differ_stay_alternatives():
    pair = sizes("first", treated=50, control=60), sizes("second", treated=70, control=60)
    ways = ways_of(finding("none", "not_significant", *pair), sizes=PRIOR)
    assert [(way.alternative, way.terms[0].n_treated) for way in ways] == [
        ("first", 50),
        ("second", 70),
    ]
    assert [pair.what for pair in conflicts_among(ways)] == ["group_sizes"]


@pytest.mark.parametrize(
    ("measure", "value", "low", "high"),
    [
        ("odds_ratio", 0.5, math.log(0.45), math.log(0.55)),
        ("odds_ratio", 2, math.log(1.5), math.log(2.5)),
        ("log_odds_ratio", -0.69, -0.695, -0.685),
    ],
)
def test_a_value_that_is_about_lies_within_half_a_unit_of_its_last_digit(measure, value, low, high):
    route = only(estimate(measure, value, approximate=True), sizes=PRIOR)
    [term] = route.terms
    assert term.likelihood == "interval"
    assert numbers(term, "value_low", "value_high") == pytest.approx((low, high))
    assert numbers(term, "z_low", "z_high") == (-INF, INF)
    assert math.isnan(term.n_treated)


def test_sizes_of_an_estimate_serve_where_nothing_tells_its_uncertainty():
    listed = [sizes(treated=40, control=45)]
    [term] = only(estimate("odds_ratio", 0.5, sizes=listed)).terms
    assert (term.n_treated, term.n_control) == (40, 45)
    [term] = only(estimate("odds_ratio", 0.5, sizes=listed, standard_error=0.4)).terms
    assert term.likelihood == "normal"


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        ("risk_ratio", "a risk ratio"),
        ("log_hazard_ratio", "a log hazard ratio"),
        ("smd", "a standardised mean difference"),
    ],
)
def test_other_measures_need_their_uncertainty(measure: str, words: str):
    route = only(estimate(measure, 0.5, approximate=True), sizes=PRIOR)
    assert route.reason == (
        f"{words} without standard error, variance, interval or exact p value"
        " (group sizes stand in for these of odds ratios only)"
    )


@pytest.mark.parametrize(
    "value", [SHARES, estimate("odds_ratio", 1.6, approximate=True)], ids=["shares", "about"]
)
@pytest.mark.parametrize(
    ("significance", "low", "high"), [("significant", 1.96, INF), ("not_significant", 0.0, 1.96)]
)
def test_a_value_and_a_statement_are_one_term(value: dict, significance, low, high):
    together, alone = ways_of(value, finding("increase", significance), sizes=PRIOR)
    assert (together.kind, alone.kind) == (value["kind"], "finding")
    [term] = together.terms
    assert (term.z_low, term.z_high) == (low, high)
    assert together.formula.endswith(" and statement")
    assert not list(conflicts_among([together, alone]))


@pytest.mark.parametrize(
    "value", [SHARES, estimate("odds_ratio", 1.6, approximate=True)], ids=["shares", "about"]
)
def test_a_statement_that_no_size_allows_is_a_conflict_and_the_value_is_used(value: dict):
    ways = ways_of(value, finding("decrease", "significant"), sizes=PRIOR)
    [term] = ways[0].terms
    assert (ways[0].kind, term.z_low, term.z_high) == (value["kind"], -INF, INF)
    [conflict] = conflicts_among(ways)
    assert (conflict.what, conflict.analysed) == ("statement", f"{value['kind']} as_reported")


def test_the_size_that_would_reconcile_must_be_possible():
    # y = 0.495 and c = 2.889: z is 1.96 at n = (1.96 c / y)² = 131 per arm, at the least 114 by
    # the rounding of y, and 100 are planned at most.
    for most, joined in ((100, False), (120, True)):
        planned = sizes("meant", "planned", treated=most, control=most)
        ways = ways_of(SHARES, finding("increase", "significant", planned), sizes=PRIOR)
        assert (ways[0].terms[0].z_low == 1.96) is joined
        assert ways[0].terms[0].most_treated == most
        assert bool(list(conflicts_among(ways))) is not joined


def test_a_statement_passes_its_sizes_to_the_value():
    ways = ways_of(
        SHARES, finding("increase", "significant", sizes(treated=500, control=300)), sizes=PRIOR
    )
    [term] = ways[0].terms
    assert (ways[0].alternative, term.n_treated, term.n_control) == ("observed", 500, 300)
    # The standard error of the log odds ratio of 64% of 500 against 52% of 300.
    error = math.sqrt(1 / 320 + 1 / 180 + 1 / 156 + 1 / 144)
    root = math.sqrt((1 / 500 + 1 / 300) / 2)
    assert term.unit_error * root == pytest.approx(error)


def test_numbers_with_a_precision_of_their_own_come_first():
    ways = ways_of(
        SHARES,
        finding("increase", "not_significant"),
        estimate("odds_ratio", 1.5, standard_error=0.3),
        sizes=PRIOR,
    )
    assert [way.kind for way in ways] == ["estimate", "percentages", "finding"]
    # A statement repeats an estimate with its standard error, so that it does not enter it.
    assert ways[0].terms[0].likelihood == "normal"


def test_only_bounds_that_were_divided_move_the_step_of_significance():
    clusters = {"icc": 0.05, "average_size": 21, "note": "assumed"}
    piece = finding("none", "not_significant", sizes(treated=100, control=90), clusters=clusters)
    assert only(piece).terms[0].z_significant == pytest.approx(1.96 / math.sqrt(2))
    adjusted = only(piece | {"adjusted_for_clusters": True}).terms[0]
    assert math.isnan(adjusted.z_significant)


@pytest.mark.parametrize(("value", "direction"), [(1.6, "increase"), (0.6, "decrease")])
def test_a_value_without_a_standard_error_has_a_direction_and_no_significance(value, direction):
    about = estimate("odds_ratio", value, approximate=True)
    assert direction_of(effect(about), only(about, sizes=PRIOR)) == (direction, "not_stated")


def test_a_statement_of_the_same_direction_says_whether_such_a_value_is_significant():
    about = estimate("odds_ratio", 1.6, approximate=True)
    for stated, significance in (("increase", "significant"), ("decrease", "not_stated")):
        pieces = about, finding(stated, "significant")
        [way, *_] = ways_of(*pieces, sizes=PRIOR)
        assert way.kind == "estimate"
        assert direction_of(effect(*pieces), way) == ("increase", significance)
