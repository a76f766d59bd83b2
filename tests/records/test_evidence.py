"""Routes from what a study reported to its log odds ratio."""

import math
from statistics import NormalDist

import pytest
from evidence_pieces import (
    BASELINE,
    counts,
    effect,
    estimate,
    finding,
    means,
    normal_term,
    only,
    percentages,
    sizes,
    statistic,
    ways_of,
)

from livingreview.protocol.outcomes import Assumed
from livingreview.records.evidence.conflicts import conflicts_among
from livingreview.records.evidence.preference import PREFERENCE, routes
from livingreview.records.evidence.ranges import Range
from livingreview.records.evidence.statements import z_interval

Z95 = NormalDist().inv_cdf(0.975)
INF = math.inf


@pytest.mark.parametrize(
    ("direction", "significance", "low", "high"),
    [
        ("increase", "significant", 1.96, INF),
        ("decrease", "significant", -INF, -1.96),
        ("increase", "not_significant", 0, 1.96),
        ("decrease", "not_significant", -1.96, 0),
        ("none", "not_significant", -1.96, 1.96),
        ("unclear", "not_significant", -1.96, 1.96),
        ("increase", "not_stated", 0, INF),
        ("decrease", "not_stated", -INF, 0),
    ],
)
def test_z_interval_of_a_statement(direction: str, significance: str, low: float, high: float):
    assert z_interval(direction, significance) == Range(low, high)


@pytest.mark.parametrize(
    ("direction", "significance"),
    [("unclear", "significant"), ("none", "not_stated"), ("unclear", "not_stated")],
)
def test_statements_that_name_no_interval(direction: str, significance: str):
    assert z_interval(direction, significance) is None
    route = only(finding(direction, significance, sizes(total=300)))
    assert not route.usable
    assert route.reason == "the statement names no direction and no significance that bound z"


EXTREMES = {
    "ratio": [
        estimate(measure, value, **uncertainty)
        for measure in ("odds_ratio", "risk_ratio", "hazard_ratio", "smd")
        for value in (1e-9, 1.000000000000001, 5.0, 1e9)
        for uncertainty in (
            {"standard_error": 1e-9},
            {"standard_error": 1e9},
            {"p_value": 1e-300},
            {"p_value": 0.9999999999999},
            {"interval": [1e-9, 1e9], "interval_percent": 99.9999},
        )
    ],
    "means": [
        means((treated, sd, people), (0.0, sd, 2))
        for treated in (-1e9, 0.0, 1e-9, 1e9)
        for sd in (1e-9, 1e9)
        for people in (2, 10**9)
    ],
    "test": [
        statistic(name, value, "increase", sizes(**groups), note="Beyond belief.")
        for name in ("z", "t", "f", "chi_squared", "p")
        for value in ((1e-300, 0.999999999) if name == "p" else (0, 1e-300, 1e-9, 1e9))
        for groups in (
            {"treated": 1, "control": 10**9},
            {"treated": 1, "control": 1},
            {"treated": 10**9, "control": 10**9},
            {"total": 3},
        )
    ],
}


@pytest.mark.parametrize("baseline", [2e-9, 0.3, 1 - 2e-9])
@pytest.mark.parametrize("kind", EXTREMES)
def test_the_largest_and_smallest_reports_give_numbers_or_a_reason(kind: str, baseline: float):
    for piece in EXTREMES[kind]:
        for route in ways_of(piece, baseline=baseline):
            assert route.usable != bool(route.reason)
            for term in route.terms:
                if term.likelihood in ("normal", "ratio"):
                    assert abs(term.value) <= 21, piece
                    assert 1e-6 <= term.standard_error <= 1e3, piece
                if term.likelihood == "interval":
                    assert term.z_low < term.z_high, piece


def test_a_z_below_rounding_is_no_difference():
    # Groups so unlike that the z of no difference is itself lost in rounding.
    [route] = ways_of(statistic("z", 1e-300, "increase", sizes(treated=1, control=10**9)))
    assert route.value == 0


def test_counts_are_exact_binomial_rows_with_the_log_odds_ratio_of_metafor():
    # Aronson 1948; metafor 5.1.12, escalc(measure='OR'): yi and vi of the first of 13 trials.
    route = only(counts(4, 123, 11, 139))
    rows = [(term.likelihood, term.arm, term.events, term.total) for term in route.terms]
    assert rows == [("binomial", "usual", 11, 139), ("binomial", "visit", 4, 123)]
    value, error = -0.938694140870392, math.sqrt(0.357124952253629)
    assert route.possible == Range(*[pytest.approx(value, abs=1e-14)] * 2)
    assert route.standard_error == Range(*[pytest.approx(error, abs=1e-14)] * 2)
    assert route.z_printed == pytest.approx(value / error)


@pytest.mark.parametrize(
    ("cells", "value", "variance"),
    [
        # Half an event in every cell: a=0.5, b=10.5, c=5.5, d=5.5.
        ((0, 10, 5, 10), math.log(0.5 * 5.5 / (10.5 * 5.5)), 1 / 0.5 + 1 / 10.5 + 2 / 5.5),
        ((10, 10, 5, 10), math.log(10.5 * 5.5 / (0.5 * 5.5)), 1 / 10.5 + 1 / 0.5 + 2 / 5.5),
        ((5, 10, 0, 10), math.log(5.5 * 10.5 / (5.5 * 0.5)), 2 / 5.5 + 1 / 0.5 + 1 / 10.5),
        ((0, 10, 0, 10), 0.0, 2 / 0.5 + 2 / 10.5),
    ],
)
def test_empty_cells_are_corrected_for_comparison_and_exact_in_the_likelihood(
    cells: tuple[int, int, int, int], value: float, variance: float
):
    route = only(counts(*cells))
    assert route.possible is not None and route.standard_error is not None
    assert route.possible.low == pytest.approx(value)
    assert route.standard_error.low == pytest.approx(math.sqrt(variance))
    assert [term.events for term in route.terms] == [cells[2], cells[0]]


@pytest.mark.parametrize("percent", [90, 95, 99])
def test_odds_ratio_with_interval_there_and_back(percent: float):
    y, error = math.log(0.6), 0.21
    z = NormalDist().inv_cdf(0.5 + percent / 200)
    interval = [math.exp(y - z * error), math.exp(y + z * error)]
    found = normal_term(
        estimate("odds_ratio", 0.6, interval=interval, interval_percent=float(percent))
    )
    assert found == pytest.approx((y, error), rel=1e-12)


def test_odds_ratio_with_p_there_and_back():
    y, error = math.log(0.6), 0.21
    p = 2 * (1 - NormalDist().cdf(abs(y) / error))
    assert normal_term(estimate("odds_ratio", 0.6, p_value=p)) == pytest.approx((y, error))


def test_odds_ratio_with_standard_error_is_taken_as_it_stands():
    assert normal_term(estimate("odds_ratio", 2.0, standard_error=0.3)) == (math.log(2), 0.3)


def test_smd_is_multiplied_by_pi_over_root_three():
    factor = 1.8137993642342178
    found = normal_term(estimate("smd", -0.25, standard_error=0.1))
    assert found == pytest.approx((-0.25 * factor, 0.1 * factor), rel=1e-15)


def odds_ratio_at(measure: str, log_ratio: float, p0: float) -> float:
    """Log odds ratio by its definition: the treated probability against the control's."""
    ratio = math.exp(log_ratio)
    p1 = ratio * p0 if measure == "risk_ratio" else 1 - (1 - p0) ** ratio
    return math.log(p1 / (1 - p1) / (p0 / (1 - p0)))


@pytest.mark.parametrize("measure", ["risk_ratio", "hazard_ratio"])
@pytest.mark.parametrize("ratio", [0.5, 1.0, 1.8])
def test_a_ratio_keeps_its_own_scale_and_is_shown_at_a_baseline(measure: str, ratio: float):
    step = 1e-5
    route = only(estimate(measure, ratio, standard_error=0.2))
    [term] = route.terms
    x = math.log(ratio)
    assert (term.likelihood, term.measure) == ("ratio", measure)
    assert (term.value, term.standard_error) == (x, 0.2)
    assert math.isnan(term.share_logit) and math.isnan(term.share_error)
    slope = (
        odds_ratio_at(measure, x + step, BASELINE) - odds_ratio_at(measure, x - step, BASELINE)
    ) / (2 * step)
    assert route.value == pytest.approx(odds_ratio_at(measure, x, BASELINE), abs=1e-14)
    assert route.error == pytest.approx(0.2 * slope, rel=1e-8)


def test_known_ratios_at_a_baseline():
    # 30% against 60%: odds 3/7 against 6/4, an odds ratio of 3.5. A hazard ratio of 2 leaves
    # 0.7 ** 2 = 49% free: odds 51/49 against 3/7.
    for measure, log_odds_ratio in (
        ("risk_ratio", math.log(3.5)),
        ("hazard_ratio", math.log(51 / 49 / (3 / 7))),
    ):
        route = only(estimate(measure, 2.0, standard_error=0.2))
        assert route.value == pytest.approx(log_odds_ratio)
        same = only(estimate(f"log_{measure}", math.log(2.0), standard_error=0.2))
        assert (same.value, same.error) == (route.value, route.error)
        assert repr(same.terms) == repr(route.terms)


@pytest.mark.parametrize(
    ("beside", "logit", "error"),
    [
        # 12 of 48: odds 1/3, Woolf's variance 1/12 + 1/36.
        (counts(9, 40, 12, 48), math.log(1 / 3), math.sqrt(1 / 12 + 1 / 36)),
        (percentages(22.5, 40, 25, 48, decimals=1), math.log(1 / 3), math.sqrt(1 / 12 + 1 / 36)),
        # Of unknown size: uniform between the logits of 24.95% and 25.05%.
        (
            percentages(22.5, None, 25, None, decimals=1),
            math.log(1 / 3),
            (math.log(0.2505 / 0.7495) - math.log(0.2495 / 0.7505)) / math.sqrt(12),
        ),
    ],
)
def test_a_ratio_takes_its_own_control_share_with_its_error(
    beside: dict, logit: float, error: float
):
    ways = ways_of(beside, estimate("risk_ratio", 1.5, standard_error=0.2))
    [ratio] = [way for way in ways if way.kind == "estimate"]
    [term] = ratio.terms
    assert term.share_logit == pytest.approx(logit)
    assert term.share_error == pytest.approx(error)
    assert "a control probability" not in ratio.assumption


def test_clusters_widen_the_error_of_an_own_control_share():
    clusters = {"icc": 0.05, "average_size": 21, "note": "assumed"}  # a design effect of 2
    ways = ways_of(
        counts(9, 40, 12, 48, clusters=clusters), estimate("risk_ratio", 1.5, standard_error=0.2)
    )
    assert ways[1].terms[0].share_error == pytest.approx(math.sqrt(2 * (1 / 12 + 1 / 36)))


@pytest.mark.parametrize("ratio", [10 / 3, 4.0])
def test_a_ratio_that_passes_certainty_at_the_baseline_is_used_and_has_no_odds_to_show(ratio):
    route = only(estimate("risk_ratio", ratio, standard_error=0.2))
    assert route.usable
    assert (route.value, route.error) == (None, None)
    assert route.terms[0].value == pytest.approx(math.log(ratio))


@pytest.mark.parametrize(
    ("measure", "assumption"),
    [
        ("odds_ratio", ""),
        ("risk_ratio", "a control probability around 0.3"),
        ("hazard_ratio", "a control probability around 0.3"),
        ("smd", "logistic distribution behind the SMD"),
    ],
)
def test_assumption_is_stated(measure: str, assumption: str):
    assert only(estimate(measure, 1.2, standard_error=0.1)).assumption == assumption


def test_z_of_a_risk_ratio_is_that_of_its_own_test():
    # log 2 / 0.3 is significant; the same numbers as an odds ratio at 30% would give 1.67.
    route = only(estimate("risk_ratio", 2.0, standard_error=0.3))
    assert route.z_printed == pytest.approx(math.log(2) / 0.3)


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [(1.25, 1.245, 1.255), (1.2, 1.15, 1.25), (2, 1.5, 2.5), (10.0, 9.5, 10.5)],
)
def test_rounding_leaves_half_a_unit_of_the_last_digit(value: float, low: float, high: float):
    route = only(estimate("odds_ratio", value, standard_error=0.3))
    assert route.possible is not None
    assert route.possible.low == pytest.approx(math.log(low))
    assert route.possible.high == pytest.approx(math.log(high))


def test_rounding_of_a_tiny_p_value_stays_tiny():
    route = only(estimate("odds_ratio", 2.0, p_value=0.00005))
    z = [NormalDist().inv_cdf(1 - p / 2) for p in (5.5e-5, 4.5e-5)]
    assert route.z == Range(pytest.approx(z[0]), pytest.approx(z[1]))
    assert route.standard_error == Range(
        pytest.approx(math.log(1.5) / z[1]), pytest.approx(math.log(2.5) / z[0])
    )


def test_rounded_bounds_leave_a_range_for_the_standard_error():
    route = only(estimate("odds_ratio", 0.39, interval=[0.12, 1.26]))
    widths = [math.log(1.255 / 0.125), math.log(1.265 / 0.115)]
    assert route.standard_error == Range(*[pytest.approx(w / (2 * Z95)) for w in widths])


def test_bounds_that_rounding_makes_touch_leave_z_unbounded():
    route = only(estimate("odds_ratio", 1.3, interval=[1.2, 1.3]))
    assert route.z is not None and route.z.high > 1e6
    assert route.terms[0].standard_error == pytest.approx(math.log(1.3 / 1.2) / (2 * Z95))


def test_each_measure_of_uncertainty_is_a_route_and_the_standard_error_comes_first():
    ways = ways_of(
        estimate("odds_ratio", 0.6, standard_error=0.21, interval=[0.4, 0.91], p_value=0.015)
    )
    assert [way.alternative for way in ways] == ["standard_error", "interval", "p_value"]
    assert ways[2].formula == "estimate from odds_ratio and p_value"


def test_sizes_are_alternatives_in_the_order_of_the_record():
    pair = sizes("assigned", treated=152, control=148), sizes("interviewed", "derived", total=123)
    ways = ways_of(finding("increase", "not_significant", *pair))
    # The sources' own sizes first, then the splits of the total that no source gives.
    assert [way.alternative for way in ways] == [
        "assigned",
        "interviewed",
        "interviewed:third_treated",
        "interviewed:third_control",
    ]
    [term] = ways[0].terms
    assert term.likelihood == "interval"
    assert (term.z_low, term.z_high, term.n_treated, term.n_control) == (0, 1.96, 152, 148)


@pytest.mark.parametrize(
    ("given", "groups", "assumption"),
    [
        (sizes(treated=152, control=148), (152, 148), ""),
        (sizes(treated=100, total=300), (100, 200), ""),
        (sizes(control=100, total=300), (200, 100), ""),
        (sizes(total=403), (201.5, 201.5), "an equal split of the total"),
        (sizes(basis="planned", treated=9, control=8), (9, 8), "group sizes are planned"),
        (
            sizes(basis="derived", total=123),
            (61.5, 61.5),
            "group sizes are derived; an equal split of the total",
        ),
    ],
)
def test_split_of_the_sizes(given: dict, groups: tuple[float, float], assumption: str):
    route = ways_of(finding("increase", "significant", given))[0]
    assert (route.terms[0].n_treated, route.terms[0].n_control) == groups
    assert route.assumption == assumption


def test_uneven_splits_of_a_total_are_alternatives():
    ways = ways_of(finding("increase", "significant", sizes(basis="derived", total=300)))
    assert [(way.terms[0].n_treated, way.terms[0].n_control) for way in ways] == [
        (150, 150),
        (100, 200),
        (200, 100),
    ]
    assert (
        ways[1].assumption == "group sizes are derived; a third of the total in the treated group"
    )


@pytest.mark.parametrize(
    ("piece", "reason"),
    [
        (
            finding("increase", "significant"),
            "no group sizes, so the statement cannot be weighed",
        ),
        (
            estimate("odds_ratio", 1.4),
            "an odds ratio without standard error, variance, interval or exact p value, and"
            " without group sizes",
        ),
        (  # z is 0 whatever the standard error is
            estimate("odds_ratio", 1.0, p_value=0.99),
            "an odds ratio of no difference, of which a p value tells no standard error",
        ),
        (
            estimate("rate_ratio", 1.4, standard_error=0.2),
            "a rate ratio cannot become an odds ratio, the measure of the outcome",
        ),
        (
            estimate("mean_difference", 1.4, standard_error=0.2),
            "a mean difference cannot become an odds ratio, the measure of the outcome",
        ),
    ],
)
def test_unusable_evidence_says_why(piece: dict, reason: str):
    route = only(piece)
    assert not route.usable
    assert route.reason == reason


def test_preferred_route_comes_first_and_unusable_ones_last():
    statement = finding("decrease", "not_significant", sizes(total=272))
    number = estimate("odds_ratio", 0.39, interval=[0.12, 1.26])
    ways = ways_of(
        percentages(64, None, 52, None),
        statement,
        number,
        counts(4, 123, 11, 139),
        estimate("smd", 0.1),
    )
    assert [(way.piece, way.kind, way.usable) for way in ways] == [
        (3, "counts", True),
        (2, "estimate", True),
        *[(1, "finding", True)] * 3,
        (0, "percentages", False),
        (4, "estimate", False),
    ]


@pytest.mark.parametrize(
    ("wanted", "order"),
    [
        (None, ["percentages", "estimate", "test", "finding"]),
        (True, ["estimate", "percentages", "test", "finding"]),
        (False, ["percentages", "test", "estimate", "finding"]),
    ],
)
def test_the_wanted_of_two_quantities_is_analysed_and_the_other_is_no_conflict(
    wanted: bool | None, order: list[str]
):
    shares = percentages(28.75, 240, 37.0, 1000, 2)
    odds = estimate("odds_ratio", 0.5, standard_error=0.05, adjusted=True)
    others = [statistic("z", 2.4, "decrease", sizes(treated=240, control=1000))]
    others.append(finding("decrease", "significant", sizes(treated=240, control=1000)))
    assumed = Assumed(probability=BASELINE, adjusted=wanted)
    ways = routes(effect(odds, shares, *others), assumed)
    assert [way.kind for way in ways] == order
    two = routes(effect(odds, shares, others[-1]), assumed)
    assert [pair.what for pair in conflicts_among(two)] == []
    # The same odds without adjustment could not come from these shares.
    plain = routes(effect(odds | {"adjusted": False}, shares), assumed)
    assert "effect" in [pair.what for pair in conflicts_among(plain)]


def test_order_of_preference_is_that_of_the_design():
    design = ("counts", "percentages", "estimate", "means", "test", "finding")
    assert tuple(kind for kind in PREFERENCE if kind in design) == design


def test_a_hazard_ratio_never_passes_certainty():
    route = only(estimate("hazard_ratio", 20.0, standard_error=0.2))
    assert math.isfinite(route.value) and route.value > math.log(2)
    assert 0 < route.error < math.inf
