"""Means, medians and changes of a score, on the log odds ratio scale and as differences."""

import math

import numpy as np
import pytest
from evidence_pieces import by_arm, normal_term, only, ways_of
from scipy import stats

from livingreview.records.evidence.five_numbers import mean_and_sd

PI_ROOT_3 = math.pi / math.sqrt(3)
DIFFERENCE = {"measure": "mean_difference"}


def g_on_log_odds(difference: float, sds: tuple[float, float], n: tuple[int, int], ratio=1.0):
    """Hedges' g by its textbook formula, on the log odds ratio scale."""
    degrees = n[0] + n[1] - 2
    pooled = math.sqrt(((n[0] - 1) * sds[0] ** 2 + (n[1] - 1) * sds[1] ** 2) / degrees)
    j = math.exp(math.lgamma(degrees / 2) - math.lgamma((degrees - 1) / 2)) / math.sqrt(degrees / 2)
    g = j * difference / pooled
    variance = (1 / n[0] + 1 / n[1]) * ratio + g**2 / (2 * (n[0] + n[1]))
    return g * PI_ROOT_3, math.sqrt(variance) * PI_ROOT_3


# metafor 5.1 prints these for conv.fivenum(min, q1, median, q3, max, n) in its help page.
@pytest.mark.parametrize(
    ("quartiles", "extremes", "mean", "sd"),
    [
        (None, (2, 14), 6.594468, 3.211576),
        ((4, 10), None, 6.719500, 4.787076),
        ((4, 10), (2, 14), 6.938841, 3.679435),
    ],
)
def test_mean_and_sd_of_five_numbers_are_those_of_metafor(quartiles, extremes, mean, sd):
    assert mean_and_sd(20, 6, quartiles, extremes) == pytest.approx((mean, sd), abs=5e-7)


@pytest.mark.parametrize("n", [15, 50, 250])
@pytest.mark.parametrize("has", ["quartiles", "range", "both"])
def test_mean_and_sd_of_normal_samples_come_back_on_average(n: int, has: str):
    rng = np.random.default_rng(2018)
    samples = rng.normal(20, 5, (4000, n))
    five = np.quantile(samples, [0, 0.25, 0.5, 0.75, 1], axis=1).T
    found = np.array(
        [
            mean_and_sd(
                n, m, None if has == "range" else (q1, q3), None if has == "quartiles" else (a, b)
            )
            for a, q1, m, q3, b in five
        ]
    )
    error = found.std(axis=0) / math.sqrt(len(found))
    assert abs(found[:, 0].mean() - 20) < 4 * error[0]
    # Quartiles of small samples have several definitions, which differ by a few percent.
    assert found[:, 1].mean() == pytest.approx(5, rel=0.05 if n == 15 else 0.02)
    # What docs/methods.md says of the precision of the mean, and four errors of simulation.
    assert found[:, 0].std() * math.sqrt(n) / 5 < LOSS[has]


LOSS = {"quartiles": 1.09 + 0.04, "range": 1.26 + 0.04, "both": 1.09 + 0.04}


def test_medians_are_the_means_of_a_normal_sample():
    # The case of two arms of 100: 5 (3 to 9) against 7 (4 to 12).
    piece = by_arm(
        "medians",
        {"median": 5, "quartiles": [3, 9], "total": 100},
        {"median": 7, "quartiles": [4, 12], "total": 100},
    )
    w = 0.7 + 0.39 / 100
    width = 2 * stats.norm.ppf((75 - 0.125) / 100.25)
    treated, control = w * 6 + (1 - w) * 5, w * 8 + (1 - w) * 7
    expected = g_on_log_odds(treated - control, (6 / width, 8 / width), (100, 100))
    assert normal_term(piece) == pytest.approx(expected, rel=1e-12)
    route = only(piece)
    assert route.assumption == (
        "logistic distribution behind the SMD; a normal distribution behind the median"
    )
    assert route.formula == "Hedges g from medians"
    value, error = normal_term(piece, **DIFFERENCE)
    assert value == pytest.approx(treated - control)
    assert error == pytest.approx(math.hypot(6, 8) / width / 10)


def test_a_standard_error_or_an_interval_of_a_mean_gives_its_standard_deviation():
    t = stats.t.ppf(0.975, 24)
    arms = [
        {"mean": mean, "sd": sd, "total": 25}
        | {"standard_error": sd / 5, "interval": [mean - t * sd / 5, mean + t * sd / 5]}
        for mean, sd in ((10.0, 4.0), (12.0, 5.0))
    ]
    ways = ways_of(by_arm("means", *arms))
    assert [way.alternative for way in ways] == ["as_reported", "standard_error", "interval"]
    expected = g_on_log_odds(-2, (4, 5), (25, 25))
    for way in ways:
        assert (way.value, way.error) == pytest.approx(expected, rel=1e-9)


def test_arms_with_other_measures_of_spread_are_one_route():
    ways = ways_of(
        by_arm(
            "means",
            {"mean": 10.0, "sd": 4.0, "total": 25},
            {"mean": 12.0, "standard_error": 1.0, "total": 25},
        )
    )
    [way] = ways
    assert (way.value, way.error) == pytest.approx(g_on_log_odds(-2, (4, 5), (25, 25)))


def test_means_as_a_difference_in_the_units_of_the_score():
    arms = {"mean": 10.0, "sd": 4.0, "total": 16}, {"mean": 12.5, "sd": 6.0, "total": 36}
    value, error = normal_term(by_arm("means", *arms), **DIFFERENCE)
    assert (value, error) == (-2.5, pytest.approx(math.sqrt(16 / 16 + 36 / 36)))
    route = only(by_arm("means", *arms), **DIFFERENCE)
    assert (route.scale, route.assumption) == ("difference", "")


def change(before: float, sd: float, after: float, sd_after: float, n: int) -> dict:
    names = ("mean_before", "sd_before", "mean_after", "sd_after", "total")
    return dict(zip(names, (before, sd, after, sd_after, n), strict=True))


def test_changes_have_the_spread_of_changes_and_the_unit_of_the_score_before():
    arms = change(10.0, 4.0, 7.0, 3.0, 30), change(11.0, 5.0, 10.0, 4.0, 40)
    piece = by_arm("changes", *arms, correlation={"r": 0.5, "note": "assumed"})
    of_changes = (math.sqrt(16 + 9 - 12), math.sqrt(25 + 16 - 20))
    pooled = [math.sqrt((29 * a**2 + 39 * b**2) / 68) for a, b in (of_changes, (4.0, 5.0))]
    ratio = (pooled[0] / pooled[1]) ** 2
    expected = g_on_log_odds(-2.0, (4.0, 5.0), (30, 40), ratio)
    assert normal_term(piece) == pytest.approx(expected, rel=1e-12)
    assert "a correlation of 0.5 of before and after" in only(piece).assumption
    value, error = normal_term(piece, **DIFFERENCE)
    assert value == -2.0
    assert error == pytest.approx(math.sqrt(of_changes[0] ** 2 / 30 + of_changes[1] ** 2 / 40))


def test_changes_vary_in_simulation_as_their_standard_errors_say():
    rng = np.random.default_rng(386)
    r, n, repeats = 0.7, 60, 3000
    covariance = [[4.0, 2.0 * r], [2.0 * r, 1.0]]
    differences, errors = [], []
    for _ in range(repeats):
        arms = []
        for shift in (-0.8, 0.0):
            before, after = rng.multivariate_normal([5, 5 + shift], covariance, n).T
            arms.append(
                change(before.mean(), before.std(ddof=1), after.mean(), after.std(ddof=1), n)
            )
        piece = by_arm("changes", *arms, correlation={"r": r, "note": "known here"})
        value, error = normal_term(piece)
        differences.append(value / PI_ROOT_3)
        errors.append(error / PI_ROOT_3)
    assert np.mean(differences) == pytest.approx(-0.4, abs=4 * np.std(differences) / repeats**0.5)
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(np.std(differences), rel=0.04)


def test_a_difference_beyond_what_is_analysed_asks_for_larger_units():
    arms = {"mean": 4000.0, "sd": 4.0, "total": 16}, {"mean": 12.5, "sd": 6.0, "total": 36}
    route = only(by_arm("means", *arms), **DIFFERENCE)
    assert not route.usable
    assert "needs larger units of the score" in route.reason
