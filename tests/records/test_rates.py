"""Events over person-time, and mean numbers of incidents, as log rate ratios."""

import math

import numpy as np
import pytest
from evidence_pieces import by_arm, counts, estimate, normal_term, only, ways_of
from scipy import stats

RATES = {"measure": "rate_ratio"}


def rates(a: int, t1: float, c: int, t0: float, **more) -> dict:
    return by_arm(
        "rates", {"events": a, "person_time": t1}, {"events": c, "person_time": t0}, **more
    )


def incidents(treated: dict, control: dict, **more) -> dict:
    return by_arm("incidents", treated, control, **more)


def test_rates_are_poisson_rows_with_the_log_rate_ratio_of_the_textbook():
    # Rothman 2012: 41 breast cancers in 28,010 person-years against 15 in 19,017, a ratio of 1.86.
    route = only(rates(41, 28010.0, 15, 19017.0), **RATES)
    rows = [(t.likelihood, t.arm, t.events, t.total) for t in route.terms]
    assert rows == [("poisson", "usual", 15, 19017), ("poisson", "visit", 41, 28010)]
    assert all(math.isnan(term.shape) for term in route.terms)
    assert route.value == pytest.approx(math.log(41 / 28010 / (15 / 19017)))
    assert math.exp(route.value) == pytest.approx(1.86, abs=0.005)
    assert route.error == pytest.approx(math.sqrt(1 / 41 + 1 / 15))
    assert route.scale == "rate"


def test_an_arm_without_events_is_exact_in_the_likelihood():
    route = only(rates(0, 40.0, 6, 41.0), **RATES)
    assert [term.events for term in route.terms] == [6, 0]
    assert route.value == pytest.approx(math.log(0.5 / 40 / (6.5 / 41)))


def test_mean_numbers_are_the_whole_numbers_that_fit():
    # 0.46 of 220 people is 100.1 to 102.3 incidents, 0.62 of 671 is 412.7 to 419.4.
    ways = ways_of(
        incidents(
            {"mean": 0.46, "decimals": 2, "total": 220}, {"mean": 0.62, "decimals": 2, "total": 671}
        ),
        **RATES,
    )
    events = {way.alternative: [term.events for term in way.terms] for way in ways}
    assert events == {"nearest": [416, 101], "lowest": [419, 101], "highest": [413, 102]}
    assert [term.total for term in ways[0].terms] == [671, 220]
    assert ways[0].assumption == (
        "101 incidents in visit (101 to 102 fit the mean);"
        " 416 incidents in usual (413 to 419 fit the mean);"
        " Poisson counts in visit; Poisson counts in usual"
    )


def test_zeros_that_were_printed_tell_of_the_rounding():
    # 0.50 of 220 people is 108.9 to 111.1 incidents, 0.5 is 99 to 121.
    for decimals, fitting in ((2, [110, 109, 111]), (1, [110, 99, 121])):
        treated = {"mean": 0.5, "decimals": decimals, "total": 220}
        ways = ways_of(incidents(treated, {"mean": 1.0, "decimals": 3, "total": 100}), **RATES)
        assert [way.terms[1].events for way in ways] == fitting


def test_a_mean_that_no_whole_number_gives_cannot_be_used():
    why = {"note": "The source prints this."}
    piece = incidents(
        {"mean": 0.46, "decimals": 2, "total": 3},
        {"mean": 0.62, "decimals": 2, "total": 671},
        **why,
    )
    route = only(piece, **RATES)
    assert route.reason == "no whole number of incidents among 3 people has the mean 0.46 (visit)"


def test_a_spread_above_that_of_poisson_is_negative_binomial():
    route = ways_of(
        incidents(
            {"mean": 0.5, "decimals": 1, "sd": 1.5, "total": 200},
            {"mean": 0.75, "decimals": 2, "sd": 0.6, "total": 40},
        ),
        **RATES,
    )[0]
    control, treated = route.terms
    # One person: size 0.25 / (2.25 - 0.5); 200 people who are alike: 200 times that.
    assert treated.shape == pytest.approx(200 * 0.25 / 1.75)
    assert math.isnan(control.shape)
    assert route.error == pytest.approx(math.sqrt(1 / 100 + 1 / treated.shape + 1 / 30))


def test_the_sum_over_people_has_the_size_that_is_given_in_simulation():
    rng = np.random.default_rng(550)
    n, mean, sd = 80, 0.8, 1.6
    size = mean**2 / (sd**2 - mean)
    people = rng.negative_binomial(size, size / (size + mean), (20_000, n))
    assert people.std() == pytest.approx(sd, rel=0.01)
    piece = incidents(
        {"mean": mean, "decimals": 1, "sd": sd, "total": n},
        {"mean": 1.0, "decimals": 1, "total": n},
    )
    treated = ways_of(piece, **RATES)[0].terms[1]
    law = stats.nbinom(treated.shape, treated.shape / (treated.shape + n * mean))
    totals = people.sum(axis=1)
    for share in (0.05, 0.25, 0.5, 0.75, 0.95):
        bound = law.ppf(share)
        assert (totals <= bound).mean() == pytest.approx(law.cdf(bound), abs=0.015)


def test_clusters_divide_events_time_and_size():
    clusters = {"icc": 0.05, "average_size": 21, "note": "assumed"}  # a design effect of 2
    piece = incidents(
        {"mean": 0.5, "decimals": 1, "sd": 1.5, "total": 200},
        {"mean": 0.75, "decimals": 2, "total": 40},
        clusters=clusters,
    )
    treated = ways_of(piece, **RATES)[0].terms[1]
    assert (treated.events, treated.total) == (50, 100)
    assert treated.shape == pytest.approx(100 * 0.25 / 1.75)
    assert treated.z_significant == pytest.approx(1.96 / math.sqrt(2))


def test_a_rate_ratio_is_taken_as_it_stands():
    assert normal_term(estimate("rate_ratio", 0.74, standard_error=0.11), **RATES) == (
        math.log(0.74),
        0.11,
    )
    value, error = normal_term(estimate("log_rate_ratio", -0.3, variance=0.04), **RATES)
    assert (value, error) == (-0.3, pytest.approx(0.2))


@pytest.mark.parametrize(
    ("piece", "measure", "reason"),
    [
        (
            rates(4, 40.0, 6, 41.0),
            "odds_ratio",
            "events over person-time cannot become an odds ratio, the measure of the outcome",
        ),
        (
            counts(4, 40, 6, 41),
            "rate_ratio",
            "counts of people with the outcome cannot become a rate ratio, the measure of the"
            " outcome",
        ),
        (
            estimate("hazard_ratio", 0.7, standard_error=0.2),
            "mean_difference",
            "a hazard ratio cannot become a mean difference, the measure of the outcome",
        ),
    ],
)
def test_evidence_of_another_measure_is_not_used_and_both_are_named(piece, measure, reason):
    assert only(piece, measure=measure).reason == reason
